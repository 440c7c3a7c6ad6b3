import { toAgentContent } from '../../../../../lambdas/core/convert/meta/from-meta.ts';
import { choosePhrases } from '../../../../../lambdas/core/convert/phrases.ts';
import { aTextMessage } from '../../../../builders.ts';

const en = choosePhrases('en');
const read = (over: object) => toAgentContent(aTextMessage({ text: { body: 'hello' }, ...over }), en);

describe('a reply', () => {
  it('names the message it answers', () => {
    expect(read({ context: { from: '1', id: 'wamid.A==' } })).toMatchObject({
      text: 'hello',
      quotedId: 'wamid.A==',
    });
  });

  it.each([['x'.repeat(513)], ['two words'], ['naïve'], ['line\nbreak'], [''], [{}], [null]])(
    'does not name what no store could look up (%j)',
    (id) => {
      expect(read({ context: { id } })).not.toHaveProperty('quotedId');
    },
  );
});

describe('a forwarded message', () => {
  it.each([
    [{ forwarded: true }, '[Forwarded]', 'once'],
    [{ frequently_forwarded: true }, '[Forwarded many times]', 'often'],
    [{ forwarded: true, frequently_forwarded: true }, '[Forwarded many times]', 'often'],
  ])('%j says so', (context, note, waForwarded) => {
    expect(read({ context })).toMatchObject({ text: 'hello', notes: [note], attributes: { waForwarded } });
  });

  it.each([[{ forwarded: false }], [{ forwarded: 'yes' }], ['forwarded'], [null]])(
    'is not one by %j',
    (context) => {
      expect(read({ context })).toEqual({ kind: 'shown', text: 'hello', placeholder: false, attributes: {} });
    },
  );
});

describe('a question about a product', () => {
  it('names product and catalogue, and quotes nothing', () => {
    const referred_product = { catalog_id: '88', product_retailer_id: 'cabin-a' };

    expect(read({ context: { id: 'wamid.product_inquiry', referred_product } })).toEqual({
      kind: 'shown',
      text: 'hello',
      placeholder: false,
      notes: ['[About the product cabin-a]'],
      attributes: { waProductId: 'cabin-a', waCatalogId: '88' },
    });
  });
});

describe('a message through an ad', () => {
  it('of a post says so', () => {
    expect(read({ referral: { source_type: 'post', source_url: 'https://fb.me/1' } })).toMatchObject({
      notes: ['[Came through a post: https://fb.me/1]'],
      attributes: { waAdSourceType: 'post', waAdSourceUrl: 'https://fb.me/1' },
    });
  });

  it.each([
    [{ body: 'Sail' }, '[Came through an ad: Sail]'],
    [{ source_id: '7' }, '[Came through an ad: 7]'],
    [{}, '[Came through an ad: ?]'],
    [{ headline: 'a\n\u202eb' }, '[Came through an ad: a b]'],
    [{ headline: 'x'.repeat(10_000) }, `[Came through an ad: ${'x'.repeat(120)}…]`],
  ])('%# is announced by what is known of it', (referral, note) => {
    expect(read({ referral })).toMatchObject({ notes: [note] });
  });

  it('drops visibly what does not fit into the participant data', () => {
    const content = read({ referral: { source_id: '7', source_url: `https://x/${'y'.repeat(3000)}` } });

    expect(content).toMatchObject({
      attributes: { waAdSourceId: '7' },
      notes: [expect.stringMatching(/^\[Came/), '[Details that did not fit into the participant data: 1]'],
    });
  });
});

describe('a message in a group', () => {
  it('says so and names the group for Architect', () => {
    expect(read({ group_id: 'Y2Fw' })).toMatchObject({
      text: 'hello',
      notes: ['[Written in a group]'],
      attributes: { waGroupId: 'Y2Fw' },
    });
  });
});
