import { toAgentContent } from '../../../../../lambdas/core/convert/meta/from-meta.ts';
import { choosePhrases } from '../../../../../lambdas/core/convert/phrases.ts';
import { aTextMessage } from '../../../../builders.ts';

const en = choosePhrases('en');
const read = (interactive: unknown) =>
  toAgentContent(aTextMessage({ type: 'interactive', text: undefined, interactive }), en);
const form = (nfm_reply: object) => read({ type: 'nfm_reply', nfm_reply });
const calls = (call_permission_reply: object) =>
  read({ type: 'call_permission_reply', call_permission_reply });

describe('a tap', () => {
  it.each([
    [{ id: 'a' }, { text: 'a', tap: { kind: 'button', id: 'a', title: 'a' } }],
    [{ title: 'Yes' }, { text: 'Yes', tap: { kind: 'button', id: 'Yes', title: 'Yes' } }],
    [
      { id: 7, title: 8 },
      { text: '8', tap: { kind: 'button', id: '7', title: '8' } },
    ],
  ])('on %j is read by what is there', (button_reply, expected) => {
    expect(read({ type: 'button_reply', button_reply })).toMatchObject(expected);
  });

  it('without its type is recognised by its content', () => {
    expect(read({ list_reply: { id: 'a', title: 'Row' } })).toMatchObject({
      text: 'Row',
      tap: { kind: 'list' },
    });
  });

  it.each([
    [{ type: 'button_reply' }],
    [{ type: 'list_reply', list_reply: {} }],
    [{ type: 'new_reply' }],
    ['x'],
  ])('that says nothing (%j) is a placeholder', (interactive) => {
    expect(read(interactive)).toEqual({
      kind: 'shown',
      text: '[Reply]',
      placeholder: true,
      attributes: {},
    });
  });

  it('of a kind nobody knows shows its words', () => {
    expect(
      read({ type: 'new_reply', new_reply: { title: 'Monday', slot: { description: 'at nine' } } }),
    ).toMatchObject({
      text: '[Reply] Monday at nine',
      placeholder: true,
    });
    expect(read({ type: 'button_reply', other: { title: 'Monday' } })).toMatchObject({
      text: '[Reply] Monday',
    });
  });
});

describe('a form', () => {
  it('is a line for each answer, and participant data under safe names', () => {
    const response_json = JSON.stringify({
      flow_token: 't',
      'First name': 'Ada',
      seats: 2,
      extras: ['bike', 'dog'],
      trip: { from: 'A', days: [{ date: 'Mon' }] },
      vip: false,
      none: null,
      nothing: [],
      __proto: 'x',
    });

    expect(form({ name: 'flow', body: 'Sent', response_json })).toEqual({
      kind: 'shown',
      placeholder: false,
      text: '[Form filled in]\nSent\nFirst name: Ada\nseats: 2\nextras: bike, dog\ntrip.from: A\ntrip.days.0.date: Mon\nvip: false\n__proto: x',
      attributes: {
        waFlow_flow_token: 't',
        waFlow_First_name: 'Ada',
        waFlow_seats: '2',
        waFlow_extras: 'bike, dog',
        waFlow_trip_from: 'A',
        waFlow_trip_days_0_date: 'Mon',
        waFlow_vip: 'false',
        waFlow___proto: 'x',
      },
    });
  });

  it('with answers that do not fit shows them all and says that Architect does not get them', () => {
    const answers = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`q${i}`, 'x'.repeat(200)]));

    const content = form({ response_json: JSON.stringify(answers) });

    expect(content).toMatchObject({
      notes: [expect.stringMatching(/^\[Details that did not fit into the participant data: \d+\]$/)],
    });
    if (content.kind === 'shown') {
      expect(content.text.match(/x{200}/g)).toHaveLength(20);
      expect(Buffer.byteLength(JSON.stringify(content.attributes))).toBeLessThan(1900);
    }
  });

  it('of an address says so', () => {
    const response_json = '{"saved_address_id":"1","values":{"city":"Pune","in_pin_code":"400063"}}';

    expect(form({ name: 'address_message', body: 'Ada, Pune', response_json })).toMatchObject({
      text: '[Address]\nAda, Pune\nsaved_address_id: 1\nvalues.city: Pune\nvalues.in_pin_code: 400063',
    });
  });

  it.each([
    ['no JSON', '{"a":', '{"a":'],
    ['a list', '["a"]', '["a"]'],
    [
      'nested beyond reading',
      `{"a":${'['.repeat(9)}1${']'.repeat(9)}}`,
      `{"a":${'['.repeat(9)}1${']'.repeat(9)}}`,
    ],
  ])('with answers that are %s is shown as it came', (_name, response_json, shown) => {
    expect(form({ response_json })).toMatchObject({ text: `[Form filled in]\n${shown}`, placeholder: false });
  });

  it('nested a hundred thousand levels deep ends nothing', () => {
    const response_json = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;

    expect(form({ response_json })).toMatchObject({ kind: 'shown', placeholder: false });
  });

  it('takes answers that are an object already', () => {
    expect(form({ response_json: { a: 1 } })).toMatchObject({ text: '[Form filled in]\na: 1' });
  });

  it('without any answer is a placeholder', () => {
    expect(form({})).toMatchObject({ text: '[Form filled in]', placeholder: true });
  });
});

describe('an answer about calls', () => {
  it.each([
    [{ response: 'accept' }, '[The customer allows calls]', false],
    [{ response: 'accept', is_permanent: true }, '[The customer allows calls]', false],
    [
      { response: 'accept', expiration_timestamp: '1795000000' },
      '[The customer allows calls until 2026-11-18 11:06 UTC]',
      false,
    ],
    [{ response: 'accept', expiration_timestamp: 1e300 }, '[The customer allows calls]', false],
    [{ response: 'reject' }, '[The customer does not allow calls]', false],
    [{ response: 'later' }, '[Reply] later', true],
    [{}, '[Reply]', true],
  ])('%j reads', (reply, text, placeholder) => {
    expect(calls(reply)).toMatchObject({ text, placeholder });
  });
});

describe('a product', () => {
  it('is named', () => {
    const product = { product_retailer_id: 'cabin-a', title: 'Cabin with a window' };

    expect(read({ type: 'product', product })).toMatchObject({
      text: '[Product cabin-a]\nCabin with a window',
      placeholder: false,
    });
    expect(read({ type: 'product', product: {} })).toMatchObject({ text: '[Product ?]', placeholder: true });
  });
});
