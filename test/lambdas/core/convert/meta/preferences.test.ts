import { readOptOut, readPreferenceItems } from '../../../../../lambdas/core/convert/meta/preferences.ts';
import { splitWebhook } from '../../../../../lambdas/core/convert/meta/wire.ts';
import { aWebhook } from '../../../../builders.ts';

const stop = { wa_id: '447700900001', category: 'marketing_messages', value: 'stop', timestamp: 1795000000 };

describe('a preference', () => {
  it.each([
    ['stop', true],
    ['resume', false],
    ['signup', false],
    ['constructor', undefined],
    [7, undefined],
  ])('%j of marketing messages means opted out: %s', (value, expected) => {
    expect(readOptOut({ ...stop, value })).toBe(expected);
  });

  it.each([[{ ...stop, category: 'other' }], [null], ['stop'], [{}]])(
    '%j is none that is known',
    (preference) => {
      expect(readOptOut(preference)).toBeUndefined();
    },
  );

  it.each<[string, unknown, unknown]>([
    ['its own ids', [{ ...stop, user_id: 'GB.1' }], { phone: '447700900001', userId: 'GB.1' }],
    ['the phone alone', [stop], { phone: '447700900001' }],
    ['the BSUID alone', [{ ...stop, wa_id: undefined, user_id: 'GB.1' }], { userId: 'GB.1' }],
  ])('is its customer’s by %s', (_name, user_preferences, ids) => {
    expect(readPreferenceItems({ user_preferences })).toEqual([
      { id: undefined, kind: 'preference', message: expect.anything(), ...(ids as object) },
    ]);
  });

  it('without ids is of the only contact there is, and of nobody among several', () => {
    const nameless = { ...stop, wa_id: undefined };

    expect(
      readPreferenceItems({ user_preferences: [nameless], contacts: [{ wa_id: '441', user_id: 'GB.1' }] }),
    ).toMatchObject([{ phone: '441', userId: 'GB.1' }]);
    expect(
      readPreferenceItems({ user_preferences: [nameless], contacts: [{ wa_id: '441' }, { wa_id: '442' }] }),
    ).toEqual([]);
  });

  it.each([[undefined], ['x'], [[null, 'x', 7]], [{}]])('list %j holds none', (user_preferences) => {
    expect(readPreferenceItems({ user_preferences })).toEqual([]);
  });

  it('joins the queue of its customer, behind what the same webhook brought before', () => {
    const metadata = { phone_number_id: '1' };
    const text = { id: 'a', from: '447700900001', type: 'text' };

    const { groups, messages, others } = splitWebhook(
      aWebhook(
        { field: 'messages', value: { metadata, messages: [text] } },
        { field: 'user_preferences', value: { metadata, user_preferences: [stop] } },
      ),
    );

    expect(groups).toMatchObject([
      { numberId: '1', customerKey: '447700900001', items: [{ id: 'a' }, { kind: 'preference' }] },
    ]);
    expect([messages, others.map(({ field }) => field)]).toEqual([1, ['user_preferences']]);
  });
});
