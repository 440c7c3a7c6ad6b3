import fc from 'fast-check';
import {
  failureNotice,
  readMessageType,
  readSentAt,
  toAgentContent,
} from '../../../../../lambdas/core/convert/meta/from-meta.ts';
import { splitWebhook } from '../../../../../lambdas/core/convert/meta/wire.ts';
import { choosePhrases } from '../../../../../lambdas/core/convert/phrases.ts';
import type { ShownContent } from '../../../../../lambdas/core/model/agent-content.ts';
import { anInboundItem, aTextMessage, listFixtures, readFixture } from '../../../../builders.ts';

const en = choosePhrases('en');
const shown = (text: string, placeholder: boolean, over: object = {}) => ({
  kind: 'shown',
  text,
  placeholder,
  attributes: {},
  ...over,
});
const asText = (text: string, over: object = {}) => shown(text, false, over);
const placeholder = (text: string, over: object = {}) => shown(text, true, over);
const typed = (type: unknown, parts: object = {}) => aTextMessage({ text: undefined, type, ...parts });
/** Every UTF-16 string: lone surrogates, NUL and noncharacters too. */
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }), { minLength: 1 })
  .map((units) => String.fromCharCode(...units));
const vcard = [
  'BEGIN:VCARD',
  'VERSION:3.0',
  'FN:Ito Harbourmaster',
  'N:;Ito;;;',
  'TEL;TYPE=WORK:+44 20 7123 0001',
  'END:VCARD',
  '',
].join('\r\n');

const media = (kind: string, mime: string, filename?: string) => ({
  id: '7001',
  kind,
  mime,
  sha256: 'c2FtcGxlLWRpZ2VzdC1vZi1ub3RoaW5nLWF0LWFsbC4=',
  ...(filename === undefined ? {} : { filename }),
});

describe('a documented message', () => {
  const expectations: Record<string, unknown> = {
    text: asText('Is the ferry running tonight? ⛴️ naïve – שלום'),
    'text-reply': asText('This one, please', { quotedId: 'wamid.EARLIER=' }),
    'text-from-ad': asText('I saw your ad', {
      notes: ['[Came through an ad: Ferries https://ads.example/1]'],
      attributes: {
        waAdSourceType: 'ad',
        waAdSourceId: '1',
        waAdClickId: 'clid',
        waAdSourceUrl: 'https://ads.example/1',
        waAdHeadline: 'Ferries',
        waAdMediaType: 'image',
        waAdBody: 'Sail with us',
      },
    }),
    'phone-hidden': asText('Hello from nobody’s number'),
    image: asText('The broken hinge', { mediaLabel: 'Image', media: media('image', 'image/jpeg') }),
    video: asText('How it rattles', { mediaLabel: 'Video', media: media('video', 'video/mp4') }),
    audio: asText('', { mediaLabel: 'Voice message', media: media('audio', 'audio/ogg; codecs=opus') }),
    document: asText('My ticket', {
      mediaLabel: 'Document: Ticket 12.pdf',
      media: media('document', 'application/pdf', 'Ticket 12.pdf'),
    }),
    sticker: asText('', { mediaLabel: 'Sticker', media: media('sticker', 'image/webp') }),
    location: asText(
      '[Location]\nNorth Quay\n1 Harbour Road\nhttps://maps.example/quay\nhttps://maps.google.com/?q=50.1109,-5.5332',
    ),
    contacts: asText('[Contact card]\nIto Harbourmaster\n+44 20 7123 0001 (WORK)', {
      file: { filename: 'Ito Harbourmaster.vcf', mime: 'text/vcard', content: vcard },
    }),
    'interactive-button-reply': asText('Yes, please', {
      tap: { kind: 'button', id: 'yes-1', title: 'Yes, please' },
    }),
    'interactive-list-reply': asText('Evening ferry\n19:40', {
      tap: { kind: 'list', id: 'row-2', title: 'Evening ferry' },
    }),
    'interactive-flow-reply': asText('[Form filled in]\nSent\nseats: 2', {
      attributes: { waFlow_flow_token: 't', waFlow_seats: '2' },
    }),
    'interactive-call-permission': asText('[The customer allows calls]'),
    'interactive-missing': placeholder('[Reply]'),
    button: asText('Cancel booking', {
      quotedId: 'wamid.TEMPLATE=',
      tap: { kind: 'template', id: 'CANCEL-77', title: 'Cancel booking' },
    }),
    reaction: asText('[Reaction: 🙏🏽]', { quotedId: 'wamid.EARLIER=', quotedAs: 'subject' }),
    'reaction-removed': asText('[Reaction removed]', { quotedId: 'wamid.EARLIER=', quotedAs: 'subject' }),
    order: asText('[Order]\nTwo cabins\n2 × cabin-a at 40.5 GBP\nTotal: 81.00 GBP'),
    system: asText('[The customer’s phone number is now 447700900315]'),
    edit: asText('Two tickets, not three', {
      notes: ['[The customer edited an earlier message]'],
      quotedId: 'wamid.EARLIER=',
      quotedAs: 'subject',
    }),
    revoke: asText('[The customer deleted an earlier message]'),
    unsupported: placeholder('[WhatsApp does not pass on messages of this kind: poll]'),
    unknown: placeholder(
      '[WhatsApp does not pass on messages of this kind]\n[WhatsApp reports a problem with this message: error 501 Unknown message type]',
    ),
    'request-welcome': { kind: 'ignored' },
  };

  it.each(Object.entries(expectations))('of the fixture %s reads for the agent', (name, expected) => {
    const [message, ...more] = splitWebhook(readFixture(name)).groups.flatMap(({ items }) => items);

    expect(more).toEqual([]);
    expect(toAgentContent(message?.message, en)).toEqual(expected);
  });

  it('is among the fixtures for every type, and every fixture with a message is looked at', () => {
    const withMessage = listFixtures().filter((name) => splitWebhook(readFixture(name)).messages > 0);

    expect(withMessage.sort()).toEqual(Object.keys(expectations).sort());
  });
});

describe('a message without its content', () => {
  const labels: [string, string][] = [
    ['image', '[Image could not be fetched from WhatsApp]'],
    ['video', '[Video could not be fetched from WhatsApp]'],
    ['audio', '[Audio could not be fetched from WhatsApp]'],
    ['document', '[Document could not be fetched from WhatsApp]'],
    ['sticker', '[Sticker could not be fetched from WhatsApp]'],
    ['location', '[Location]'],
    ['contacts', '[Contact card]'],
    ['interactive', '[Reply]'],
    ['button', '[Reply]'],
    ['order', '[Order]'],
    ['system', '[Notice from WhatsApp about the customer’s account]'],
    ['unsupported', '[WhatsApp does not pass on messages of this kind]'],
    ['unknown', '[WhatsApp does not pass on messages of this kind]'],
  ];

  it.each(labels)('of type %s is announced as %s', (type, text) => {
    for (const content of [undefined, null, 7, [], {}, { caption: {}, text: null }]) {
      expect(toAgentContent(typed(type, { [type]: content }), en)).toEqual(placeholder(text));
    }
  });

  it('of type edit says that something was edited', () => {
    expect(toAgentContent(typed('edit', { edit: {} }), en)).toEqual(
      placeholder('[Message of an unknown kind: missing]', {
        notes: ['[The customer edited an earlier message]'],
      }),
    );
  });

  it.each([
    ['no text', undefined],
    ['text that is null', null],
    ['no body', {}],
    ['an empty body', { body: '' }],
    ['a body that is null', { body: null }],
    ['a body that is an object', { body: {} }],
  ])('of type text (%s) is announced as empty', (_name, text) => {
    expect(toAgentContent(aTextMessage({ text }), en)).toEqual(placeholder('[Empty message]'));
  });

  it('is read where its text stands in place of the object', () => {
    expect(toAgentContent(aTextMessage({ text: 'hello' }), en)).toEqual(asText('hello'));
  });

  it('never shows what an object inherits', () => {
    expect(toAgentContent(typed('button', { button: Object.create({ text: 'inherited' }) }), en)).toEqual(
      placeholder('[Reply]'),
    );
  });
});

describe('a type nobody knows', () => {
  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'Text', 'poll', ' text'])(
    '(%s) gives a placeholder',
    (type) => {
      expect(toAgentContent(typed(type), en)).toEqual(
        placeholder(`[Message of an unknown kind: ${type.replace(' ', '?')}]`),
      );
    },
  );

  it.each([[null], [undefined], ['hello'], [7], [[]], [{}], [{ type: null }], [{ type: '' }]])(
    'and is missing (%j) gives a placeholder',
    (message) => {
      expect(toAgentContent(message, en)).toEqual(placeholder('[Message of an unknown kind: missing]'));
    },
  );

  it('shows the words that stand in it', () => {
    const poll = { question: 'Pizza?', options: [{ name: 'Yes' }, { name: 'No', id: 'n' }] };

    expect(toAgentContent(typed('poll', { poll }), en)).toEqual(
      placeholder('[Message of an unknown kind: poll]\nPizza?\nYes\nNo'),
    );
    expect(toAgentContent({ text: { body: 'no type' } }, en)).toEqual(
      placeholder('[Message of an unknown kind: missing]\nno type'),
    );
    expect(toAgentContent(typed('note', { note: 'plain' }), en)).toEqual(
      placeholder('[Message of an unknown kind: note]\nplain'),
    );
  });

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
        expect(toAgentContent(aTextMessage({ text: { body } }), en)).toEqual(asText(body));
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
      expect(toAgentContent(aTextMessage({ text: { body } }), en)).toEqual(asText(body));
  });

  it('keeps the caption of its media exactly, with or without the file', () => {
    fc.assert(
      fc.property(fc.constantFrom('image', 'video', 'document'), anyText, (type, caption) => {
        const whole = toAgentContent(typed(type, { [type]: { id: '1', caption } }), en);
        const torn = toAgentContent(typed(type, { [type]: { caption } }), en) as ShownContent;

        expect(whole).toMatchObject({ text: caption, placeholder: false });
        expect(torn.text.startsWith(`${caption}\n[`)).toBe(true);
        expect(torn.placeholder).toBe(true);
      }),
    );
  });

  it('is read without an error and shown as something', () => {
    const type = fc.constantFrom(
      ...['text', 'image', 'contacts', 'interactive', 'edit', 'location', 'order', 'system', 'reaction', 'x'],
      ...['button', 'unsupported', 'revoke'],
    );
    const message = fc.tuple(type, fc.jsonValue(), fc.jsonValue()).map(([name, content, rest]) => ({
      ...Object(rest),
      type: name,
      [name]: content,
    }));
    fc.assert(
      fc.property(fc.oneof(message, fc.jsonValue()), (each) => {
        const content = toAgentContent(each, en);

        expect(content.kind === 'ignored' || content.media !== undefined || content.text.length > 0).toBe(
          true,
        );
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
  expect(failureNotice('refused', en)).toMatch(/refused/);
  expect(failureNotice('poison', en)).toMatch(/could not be processed/);
});
