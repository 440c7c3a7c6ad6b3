import fc from 'fast-check';
import { readId } from '../../../../../lambdas/core/convert/meta/json-values.ts';
import { splitWebhook } from '../../../../../lambdas/core/convert/meta/wire.ts';
import { aChange, aTextMessage, aWebhook, listFixtures, readFixture } from '../../../../builders.ts';

const idsOf = (body: unknown) =>
  splitWebhook(body).groups.map(({ numberId, customerKey, items }) => ({
    numberId,
    customerKey,
    ids: items.map(({ id }) => id),
  }));

const itemOf = (value: Record<string, unknown>) => splitWebhook(aWebhook(aChange(value))).groups[0]?.items[0];

describe('an odd shape', () => {
  const good = aChange({ messages: [aTextMessage()] });
  const nothing = { groups: [], receipts: [], messages: 0, statuses: 0, others: [], malformed: 0 };

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'entry'],
    ['a number', 7],
    ['a list', []],
    ['an empty object', {}],
    ['an entry that is no list', { entry: {} }],
    ['a list in a list', [{ entry: [] }]],
  ])('as the whole body (%s) is malformed and holds no message', (_name, body) => {
    expect(splitWebhook(body)).toEqual({ ...nothing, malformed: 1 });
  });

  it('is nothing at all when the list of entries is empty', () => {
    expect(splitWebhook({ entry: [] })).toEqual(nothing);
  });

  it.each([
    ['null', null],
    ['a text', 'x'],
    ['a list', []],
    ['no changes', { id: 'waba' }],
    ['changes that are no list', { changes: { field: 'messages' } }],
  ])('as an entry (%s) leaves its neighbours alone', (_name, entry) => {
    const body = { entry: [{ changes: [good] }, entry, { changes: [good] }] };

    expect(splitWebhook(body)).toMatchObject({ messages: 2, malformed: 1 });
  });

  it.each([
    ['null', null],
    ['a number', 1],
    ['a list', [{}]],
    ['no value', { field: 'messages' }],
    ['a value that is a list', { field: 'messages', value: [] }],
    ['messages that are no list', aChange({ messages: { 0: aTextMessage() } })],
    ['messages that are null', aChange({ messages: null })],
    ['statuses that are no list', aChange({ statuses: 'delivered' })],
  ])('as a change (%s) leaves its neighbours alone', (_name, change) => {
    expect(splitWebhook(aWebhook(good, change, good))).toMatchObject({
      messages: 2,
      others: [],
      malformed: 1,
    });
  });

  it.each([
    ['null', null],
    ['a text', 'hello'],
    ['a number', 0],
    ['a list', [aTextMessage()]],
  ])('as a message (%s) leaves its neighbours alone', (_name, odd) => {
    const body = aWebhook(aChange({ messages: [aTextMessage({ id: 'a' }), odd, aTextMessage({ id: 'b' })] }));

    expect(idsOf(body)).toEqual([{ numberId: '1', customerKey: '447700900001', ids: ['a', 'b'] }]);
    expect(splitWebhook(body)).toMatchObject({ messages: 2, malformed: 1 });
  });

  it('does not take the messages with it when only the statuses are odd', () => {
    const content = splitWebhook(aWebhook(aChange({ statuses: null, messages: [aTextMessage()] })));

    expect(content).toMatchObject({ messages: 1, statuses: 0, malformed: 1 });
  });

  it('named __proto__ changes nothing but its own message', () => {
    const text =
      '{"__proto__":{"entry":1},"entry":[{"changes":[{"field":"messages","value":{"__proto__":{"metadata":{"phone_number_id":"9"}},"messages":[{"__proto__":{"from":"1"},"id":"a"}]}}]}]}';

    expect(idsOf(JSON.parse(text))).toEqual([{ numberId: '', customerKey: '', ids: ['a'] }]);
    expect(({} as Record<string, unknown>).from).toBeUndefined();
  });
});

describe('what else a webhook carries', () => {
  it.each([
    ['another field', 'account_update', { field: 'account_update', value: { event: 'X' } }],
    ['messages under another field', 'standby', { field: 'standby', value: { messages: [aTextMessage()] } }],
    ['a field that is no text', 'other', { field: null, value: { messages: [aTextMessage()] } }],
    ['errors alone', 'messages', aChange({ errors: [{ code: 130429 }] })],
  ])('is set apart for the operator (%s)', (_name, field, change) => {
    expect(splitWebhook(aWebhook(change))).toEqual({
      groups: [],
      receipts: [],
      messages: 0,
      statuses: 0,
      others: [{ field, account: 'waba', value: change.value }],
      malformed: 0,
    });
  });

  it('sets errors apart that stand beside messages', () => {
    const content = splitWebhook(
      aWebhook(aChange({ messages: [aTextMessage()], errors: [{ code: 131031 }] })),
    );

    expect(content.messages).toBe(1);
    expect(content.others.map(({ field }) => field)).toEqual(['messages']);
  });

  it('counts statuses beside messages', () => {
    const change = aChange({ messages: [aTextMessage()], statuses: [{ id: 'x' }, null] });

    expect(splitWebhook(aWebhook(change))).toMatchObject({ messages: 1, statuses: 2, malformed: 1 });
  });

  it('reads a change that names no field', () => {
    expect(splitWebhook(aWebhook({ value: { messages: [aTextMessage()] } })).messages).toBe(1);
  });
});

describe('the sender of a message', () => {
  const contact = { profile: { name: 'Ada', username: '@ada' }, wa_id: '441', user_id: 'GB.1' };
  const other = { profile: { name: 'Bob' }, wa_id: '442', user_id: 'GB.2' };

  it.each([
    ['BSUID and phone', { from: '441', from_user_id: 'GB.1' }, { userId: 'GB.1', phone: '441' }],
    ['the phone alone', { from: '441' }, { phone: '441' }],
    ['the BSUID alone', { from_user_id: 'GB.1' }, { userId: 'GB.1' }],
    ['neither', {}, {}],
    ['numbers', { from: 441, from_user_id: 7 }, { userId: '7', phone: '441' }],
    ['empty and odd ids', { from: '', from_user_id: { id: 'GB.1' } }, {}],
  ])('is known by %s', (_name, ids, expected) => {
    const message = { id: 'a', ...ids };

    expect(itemOf({ messages: [message] })).toEqual({ id: 'a', message, ...expected });
  });

  it.each([
    ['a phone', { from: '441' }],
    ['a BSUID', { from_user_id: 'GB.1' }],
  ])('is completed from the contact with the same id, wherever it stands (%s)', (_name, ids) => {
    const message = { id: 'a', ...ids };

    expect(itemOf({ contacts: [other, null, 'x', contact], messages: [message] })).toEqual({
      id: 'a',
      message,
      userId: 'GB.1',
      phone: '441',
      name: 'Ada',
      username: '@ada',
    });
  });

  it('is never completed from somebody else’s contact', () => {
    const message = { id: 'a', from: '449' };

    expect(itemOf({ contacts: [contact], messages: [message] })).toEqual({ id: 'a', message, phone: '449' });
  });

  it('prefers the contact of the BSUID to that of the phone', () => {
    const message = { id: 'a', from: '442', from_user_id: 'GB.1' };

    expect(itemOf({ contacts: [other, contact], messages: [message] })).toMatchObject({
      userId: 'GB.1',
      phone: '442',
      name: 'Ada',
    });
  });

  it('is the only contact when the message names none, and nobody when there are two', () => {
    expect(itemOf({ contacts: [contact], messages: [{ id: 'a' }] })).toMatchObject({ userId: 'GB.1' });
    expect(itemOf({ contacts: [contact, other], messages: [{ id: 'a' }] })).not.toHaveProperty('userId');
  });

  it.each([[undefined], [null], [{}], [[{ profile: 'Ada' }]], [[{ profile: { name: 7.5 } }]]])(
    'needs no contacts (%j)',
    (contacts) => {
      expect(itemOf({ contacts, messages: [{ id: 'a', from: '441' }] })).toMatchObject({ phone: '441' });
    },
  );
});

describe('an id', () => {
  it.each([
    ['wamid.1', 'wamid.1'],
    [0, '0'],
    [106540352242922, '106540352242922'],
    ['', undefined],
    [null, undefined],
    [Number.NaN, undefined],
    [true, undefined],
    [{}, undefined],
  ])('%j reads as %j', (value, expected) => {
    expect(readId(value)).toBe(expected);
  });

  it('that a message lacks is left open', () => {
    expect(itemOf({ messages: [aTextMessage({ id: undefined })] })).toHaveProperty('id', undefined);
  });
});

describe('the groups of a webhook', () => {
  it('keep numbers apart, even for the same customer', () => {
    const [a, b] = ['1', 2].map((phone_number_id) =>
      aChange({ metadata: { phone_number_id }, messages: [aTextMessage({ id: `at-${phone_number_id}` })] }),
    );

    expect(idsOf(aWebhook(a, b))).toEqual([
      { numberId: '1', customerKey: '447700900001', ids: ['at-1'] },
      { numberId: '2', customerKey: '447700900001', ids: ['at-2'] },
    ]);
  });

  it('hold a customer’s messages in order across changes and entries', () => {
    const change = (...messages: unknown[]) => aChange({ messages });
    const message = (id: string, from: string) => aTextMessage({ id, from });
    const body = {
      entry: [
        { changes: [change(message('a1', '441'), message('b1', '442')), change(message('a2', '441'))] },
        { changes: [change(message('b2', '442'), message('a3', '441'))] },
      ],
    };

    expect(idsOf(body)).toEqual([
      { numberId: '1', customerKey: '441', ids: ['a1', 'a2', 'a3'] },
      { numberId: '1', customerKey: '442', ids: ['b1', 'b2'] },
    ]);
  });

  it('are keyed by the BSUID when there is one', () => {
    const messages = [
      aTextMessage({ id: 'a', from_user_id: 'GB.1' }),
      aTextMessage({ id: 'b', from: undefined, from_user_id: 'GB.1' }),
    ];

    expect(idsOf(aWebhook(aChange({ messages })))).toEqual([
      { numberId: '1', customerKey: 'GB.1', ids: ['a', 'b'] },
    ]);
  });

  it.each([[undefined], [null], ['1'], [[]], [{ phone_number_id: '' }]])(
    'keep messages of a webhook that names no number (metadata %j)',
    (metadata) => {
      expect(idsOf(aWebhook(aChange({ metadata, messages: [aTextMessage()] })))).toEqual([
        { numberId: '', customerKey: '447700900001', ids: ['wamid.1'] },
      ]);
    },
  );

  it.each(listFixtures().map((name) => [name]))('hold what the fixture %s brings', (name) => {
    const { groups, messages, malformed } = splitWebhook(readFixture(name));

    expect(malformed).toBe(0);
    expect(groups.flatMap(({ items }) => items)).toHaveLength(messages);
    for (const { numberId, customerKey } of groups) {
      expect(numberId).toBe('200300400500600');
      expect(customerKey).toMatch(/^(GB\.|EG\.|44)/);
    }
  });
});

describe('any webhook', () => {
  const sender = fc.record(
    { from: fc.constantFrom('441', '442', 443), from_user_id: fc.constantFrom('GB.1', 'GB.2', '') },
    { requiredKeys: [] },
  );
  const message = fc
    .tuple(sender, fc.dictionary(fc.string(), fc.jsonValue()))
    .map(([ids, rest]) => ({ ...rest, ...ids }));
  const readable = fc
    .tuple(fc.constantFrom('1', '2', undefined), fc.array(fc.oneof(message, fc.jsonValue())), fc.jsonValue())
    .map(([phone_number_id, messages, contacts]) =>
      aChange({ metadata: { phone_number_id }, messages, contacts }),
    );
  const webhook = fc
    .array(fc.oneof(fc.record({ changes: fc.array(fc.oneof(readable, fc.jsonValue())) }), fc.jsonValue()))
    .map((entry) => ({ entry }));

  /** Every message object of a webhook with its number, found without the code under test. */
  const messagesIn = (body: { entry: unknown[] }) =>
    body.entry.flatMap((entry) => {
      const { changes } = Object(entry);
      return (Array.isArray(changes) ? changes : []).flatMap((change: unknown) => {
        const { value, field = 'messages' } = Object(change);
        const list = field === 'messages' && !Array.isArray(value) && Object(value).messages;
        return (Array.isArray(list) ? list : [])
          .filter((each) => typeof each === 'object' && each !== null && !Array.isArray(each))
          .map((each: object) => ({
            message: each,
            numberId: String(value.metadata?.phone_number_id ?? ''),
          }));
      });
    });

  it('is split without an error, whatever JSON it is', () => {
    fc.assert(fc.property(fc.jsonValue(), (body) => expect(() => splitWebhook(body)).not.toThrow()));
  });

  it('gives out every message exactly once, under its number, in the order of its customer', () => {
    fc.assert(
      fc.property(webhook, (body) => {
        const sent = messagesIn(body);
        const { groups, messages } = splitWebhook(body);

        expect(messages).toBe(sent.length);
        const given = groups.flatMap(({ numberId, items }) =>
          items.map((item) => ({ message: item.message as object, numberId })),
        );
        expect(given).toHaveLength(sent.length);
        expect(new Set(given.map((each) => each.message)).size).toBe(sent.length);
        for (const { numberId, items } of groups) {
          const places = items.map((item) => sent.findIndex((each) => each.message === item.message));
          expect(places).not.toContain(-1);
          expect(places).toEqual([...places].sort((a, b) => a - b));
          expect(places.map((place) => sent[place]?.numberId)).toEqual(items.map(() => numberId));
        }
        const keys = groups.map(({ numberId, customerKey }) => JSON.stringify([numberId, customerKey]));
        expect(new Set(keys).size).toBe(keys.length);
      }),
    );
  });
});

describe('the id of a message', () => {
  it.each([['wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA='], ['x'.repeat(512)]])(
    'is kept as it is (%#)',
    (id) => {
      const { groups } = splitWebhook(aWebhook(aChange({ messages: [aTextMessage({ id })] })));

      expect(groups[0]?.items[0]?.id).toBe(id);
    },
  );

  it.each([['x'.repeat(513)], ['with space'], ['wamid.\u0000'], ['wamid.é']])(
    'is made anew when no store would take it as a key (%#)',
    (id) => {
      const { groups } = splitWebhook(aWebhook(aChange({ messages: [aTextMessage({ id })] })));

      expect(groups[0]?.items).toMatchObject([{ id: undefined, message: { id } }]);
    },
  );
});
