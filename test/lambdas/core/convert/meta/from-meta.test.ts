import fc from 'fast-check';
import {
  failureNotice,
  readMessageType,
  readSentAt,
  toAgentContent,
} from '../../../../../lambdas/core/convert/meta/from-meta.ts';
import { splitWebhook } from '../../../../../lambdas/core/convert/meta/wire.ts';
import { anInboundItem, aTextMessage, listFixtures, readFixture } from '../../../../builders.ts';

const shown = (text: string, placeholder: boolean) => ({ kind: 'shown', text, placeholder, attributes: {} });
const asText = (text: string) => shown(text, false);
const placeholder = (text: string) => shown(text, true);
const typed = (type: unknown, parts: object = {}) => aTextMessage({ text: undefined, type, ...parts });
/** Every UTF-16 string: lone surrogates, NUL and noncharacters too. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1 })
  .map((units) => String.fromCharCode(...units));

describe('a documented message', () => {
  const expectations: Record<string, unknown> = {
    text: asText('Is the ferry running tonight? ⛴️ naïve – שלום'),
    'text-reply': asText('This one, please'),
    'text-from-ad': asText('I saw your ad'),
    'phone-hidden': asText('Hello from nobody’s number'),
    image: placeholder('[Image] The broken hinge'),
    video: placeholder('[Video] How it rattles'),
    audio: placeholder('[Audio message]'),
    document: placeholder('[Document] Ticket 12.pdf My ticket'),
    sticker: placeholder('[Sticker]'),
    location: placeholder('[Location] North Quay 1 Harbour Road'),
    contacts: placeholder('[Contact card] Ito Harbourmaster'),
    'interactive-button-reply': placeholder('[Reply] Yes, please'),
    'interactive-list-reply': placeholder('[Reply] Evening ferry'),
    'interactive-flow-reply': placeholder('[Reply] Sent'),
    'interactive-call-permission': placeholder('[Reply]'),
    'interactive-missing': placeholder('[Reply]'),
    button: placeholder('[Button] Cancel booking'),
    reaction: placeholder('[Reaction] 🙏🏽'),
    'reaction-removed': placeholder('[Reaction]'),
    order: placeholder('[Order] Two cabins'),
    system: placeholder('[WhatsApp notice about the customer’s account]'),
    edit: placeholder('[The customer edited an earlier message] Two tickets, not three'),
    revoke: placeholder('[The customer deleted an earlier message]'),
    unsupported: placeholder('[Message of a kind WhatsApp does not pass on]'),
    unknown: placeholder('[Message of a kind WhatsApp does not pass on]'),
    'request-welcome': { kind: 'ignored' },
  };

  it.each(Object.entries(expectations))('of the fixture %s reads for the agent', (name, expected) => {
    const [message, ...more] = splitWebhook(readFixture(name)).groups.flatMap(({ items }) => items);

    expect(more).toEqual([]);
    expect(toAgentContent(message?.message)).toEqual(expected);
  });

  it('is among the fixtures for every type, and every fixture with a message is looked at', () => {
    const withMessage = listFixtures().filter((name) => splitWebhook(readFixture(name)).messages > 0);

    expect(withMessage.sort()).toEqual(Object.keys(expectations).sort());
  });
});

describe('a message without its content', () => {
  const labels: [string, string][] = [
    ['image', '[Image]'],
    ['video', '[Video]'],
    ['audio', '[Audio message]'],
    ['document', '[Document]'],
    ['sticker', '[Sticker]'],
    ['location', '[Location]'],
    ['contacts', '[Contact card]'],
    ['interactive', '[Reply]'],
    ['button', '[Button]'],
    ['reaction', '[Reaction]'],
    ['order', '[Order]'],
    ['system', '[WhatsApp notice about the customer’s account]'],
    ['edit', '[The customer edited an earlier message]'],
    ['revoke', '[The customer deleted an earlier message]'],
    ['unsupported', '[Message of a kind WhatsApp does not pass on]'],
    ['unknown', '[Message of a kind WhatsApp does not pass on]'],
  ];

  it.each(labels)('of type %s is announced as %s', (type, text) => {
    for (const content of [undefined, null, 'x', 7, [], {}, { caption: {}, text: null }]) {
      expect(toAgentContent(typed(type, { [type]: content }))).toEqual(placeholder(text));
    }
  });

  it.each([
    ['no text', undefined],
    ['text that is null', null],
    ['text that is a plain string', 'hello'],
    ['no body', {}],
    ['an empty body', { body: '' }],
    ['a body that is null', { body: null }],
    ['a body that is an object', { body: {} }],
  ])('of type text (%s) is announced as empty', (_name, text) => {
    expect(toAgentContent(aTextMessage({ text }))).toEqual(placeholder('[Empty message]'));
  });

  it('never shows what an object inherits', () => {
    expect(toAgentContent(typed('button', { button: Object.create({ text: 'inherited' }) }))).toEqual(
      placeholder('[Button]'),
    );
  });
});

describe('a type nobody knows', () => {
  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'Text', 'poll', ' text'])(
    '(%s) gives a placeholder',
    (type) => {
      expect(toAgentContent(typed(type))).toEqual(
        placeholder(`[Message of an unknown kind (${type.replace(' ', '?')})]`),
      );
    },
  );

  it.each([[null], [undefined], ['hello'], [7], [[]], [{}], [{ type: null }], [{ type: '' }]])(
    'and is missing (%j) gives a placeholder',
    (message) => {
      expect(toAgentContent(message)).toEqual(placeholder('[Message of an unknown kind (missing)]'));
    },
  );

  it('is safe to log, whatever it holds', () => {
    expect(readMessageType({ type: 'a\n"}{b\u0000é🎉' })).toBe('a????b????');
    expect(readMessageType({ type: 'x'.repeat(1000) })).toBe('x'.repeat(40));
    expect(readMessageType({ type: 7 })).toBe('7');
    fc.assert(
      fc.property(fc.oneof(anyText, fc.jsonValue()), (type) => {
        expect(readMessageType({ type })).toMatch(/^[\w.?-]{1,40}$/);
      }),
    );
  });
});

describe('any message', () => {
  it('keeps its text exactly', () => {
    fc.assert(
      fc.property(anyText, (body) => {
        expect(toAgentContent(aTextMessage({ text: { body } }))).toEqual(asText(body));
      }),
    );
    for (const body of [
      '\u0000',
      '\ud800',
      '\udfff\ud800',
      '\uffff',
      '\ufffe',
      ' ',
      '\n',
      '🎉',
      'x'.repeat(4096),
    ])
      expect(toAgentContent(aTextMessage({ text: { body } }))).toEqual(asText(body));
  });

  it('keeps the caption of its media exactly', () => {
    fc.assert(
      fc.property(fc.constantFrom('image', 'video', 'document'), anyText, (type, caption) => {
        const content = toAgentContent(typed(type, { [type]: { caption } }));

        expect(content.kind === 'shown' && content.text.endsWith(`] ${caption}`)).toBe(true);
      }),
    );
  });

  it('is read without an error and shown as something', () => {
    const type = fc.constantFrom('text', 'image', 'contacts', 'interactive', 'edit', 'location', 'x');
    const message = fc.tuple(type, fc.jsonValue(), fc.jsonValue()).map(([name, content, rest]) => ({
      ...Object(rest),
      type: name,
      [name]: content,
    }));
    fc.assert(
      fc.property(fc.oneof(message, fc.jsonValue()), (each) => {
        const content = toAgentContent(each);

        expect(content.kind === 'ignored' || content.text.length > 0).toBe(true);
      }),
    );
  });
});

describe('the time of a message', () => {
  const fallback = 1_700_000_000_123;
  const sentAt = (timestamp: unknown) =>
    readSentAt(anInboundItem({ message: aTextMessage({ timestamp }) }), fallback);

  it.each([
    ['1795000000', 1_795_000_000_000],
    [1795000000, 1_795_000_000_000],
    ['1795000000.9', 1_795_000_000_000],
    ['1', 1000],
    ['253402300799', 253_402_300_799_000],
  ])('%j is read as seconds', (timestamp, expected) => {
    expect(sentAt(timestamp)).toBe(expected);
  });

  it.each([
    [undefined],
    [null],
    [''],
    ['soon'],
    ['0'],
    ['-5'],
    ['NaN'],
    ['Infinity'],
    ['253402300800'],
    ['1795000000000'],
    [{}],
    [[1]],
    [true],
  ])('%j is unusable and falls back', (timestamp) => {
    expect(sentAt(timestamp)).toBe(fallback);
  });

  it.each([[null], ['x'], [[]]])('falls back when the message is no object (%j)', (message) => {
    expect(readSentAt(anInboundItem({ message }), fallback)).toBe(fallback);
  });

  it('can always be written as ISO 8601', () => {
    const timestamp = fc.oneof(
      fc.double(),
      fc.integer(),
      fc.string(),
      fc.double().map(String),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(timestamp, (each) => {
        expect(new Date(sentAt(each)).toISOString()).toMatch(/^\d{4}-.*Z$/);
      }),
    );
  });
});

it('a failure notice says whether the contact centre or the bridge gave up', () => {
  expect(failureNotice('refused')).toMatch(/refused/);
  expect(failureNotice('poison')).toMatch(/could not be processed/);
});
