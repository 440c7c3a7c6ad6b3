// What the agent reads of the types that carry something: media, places, contacts, orders, notices, problems.
import { toAgentContent } from '../../../../../lambdas/core/convert/meta/from-meta.ts';
import { choosePhrases } from '../../../../../lambdas/core/convert/phrases.ts';
import { aTextMessage } from '../../../../builders.ts';

const en = choosePhrases('en');
const read = (type: string, content: unknown, over: object = {}, phrases = en) =>
  toAgentContent(aTextMessage({ text: undefined, type, [type]: content, ...over }), phrases);

describe('media', () => {
  it('keeps what helps to fetch it', () => {
    const content = {
      id: 9001,
      mime_type: 'image/png',
      sha256: 'abc=',
      url: 'https://x.fbsbx.com/1',
      caption: 'c',
    };

    expect(read('image', content)).toMatchObject({
      text: 'c',
      media: { id: '9001', kind: 'image', mime: 'image/png', sha256: 'abc=', url: 'https://x.fbsbx.com/1' },
    });
  });

  it.each([['../me'], ['1?x=y'], ['x'.repeat(201)], [''], [null], [{}]])(
    'with an id that is none (%j) is announced as lost',
    (id) => {
      expect(read('video', { id, caption: 'c' })).toEqual({
        kind: 'shown',
        text: 'c\n[Video could not be fetched from WhatsApp]',
        placeholder: true,
        attributes: {},
      });
    },
  );

  it.each([
    ['audio/ogg; codecs=opus', 'audio/ogg; codecs=opus'],
    ['audio/ogg;codecs=opus', 'audio/ogg;codecs=opus'],
    ['audio/ogg; codecs="opus\r\nX: 1"', 'audio/ogg'],
    ['audio/ogg; ', 'audio/ogg'],
    ['audio/x-new+json', 'audio/x-new+json'],
    ['nonsense', 'audio/ogg'],
    ['a/b/c', 'audio/ogg'],
    ['audio/ogg\r\nX: 1', 'audio/ogg'],
    [undefined, 'audio/ogg'],
    [{}, 'audio/ogg'],
  ])('of type %j is fetched as %s', (mime_type, mime) => {
    expect(read('audio', { id: '1', mime_type })).toMatchObject({ media: { mime } });
  });

  it('tells a voice message from a piece of music', () => {
    expect(read('audio', { id: '1', voice: true })).toMatchObject({ mediaLabel: 'Voice message' });
    expect(read('audio', { id: '1', voice: false })).toMatchObject({ mediaLabel: 'Audio' });
  });

  it('has a safe file name', () => {
    expect(read('document', { id: '1', filename: '../../a\u202efdp.exe' })).toMatchObject({
      media: { filename: 'afdp.exe' },
      mediaLabel: 'Document: afdp.exe',
    });
    expect(read('document', { id: '1', filename: '..' })).toMatchObject({ mediaLabel: 'Document' });
  });
});

describe('a place', () => {
  it.each([
    [{ latitude: 1.5, longitude: -2 }, '[Location]\nhttps://maps.google.com/?q=1.5,-2', false],
    [{ latitude: '1.5', longitude: '-2' }, '[Location]\nhttps://maps.google.com/?q=1.5,-2', false],
    [{ latitude: 0, longitude: 0 }, '[Location]\nhttps://maps.google.com/?q=0,0', false],
    [{ latitude: 91, longitude: 0, name: 'Nowhere' }, '[Location]\nNowhere\n91, 0', true],
    [{ latitude: 'north', address: 'Quay' }, '[Location]\nQuay\nnorth', true],
  ])('%j reads', (content, text, placeholder) => {
    expect(read('location', content)).toMatchObject({ text, placeholder });
  });
});

describe('contacts', () => {
  it('are shown with all they hold, and as one file', () => {
    const ada = {
      name: { first_name: 'Ada', last_name: 'Löve' },
      org: { company: 'Harbour', department: 'Quay', title: 'Master' },
      phones: [{ phone: '+44 1', type: 'HOME' }, { wa_id: '442' }, {}],
      emails: [{ email: 'a@b.example' }],
      urls: [{ url: 'https://b.example' }],
      addresses: [{ street: '1 Quay', city: 'Penzance' }],
      birthday: '1980-02-03',
    };

    const content = read('contacts', [ada, { name: { formatted_name: 'Ito' } }, null]);

    expect(content).toMatchObject({
      text: [
        '[2 contact cards]',
        ...['Ada Löve', 'Master, Quay, Harbour', '+44 1 (HOME)', '442', 'a@b.example', 'https://b.example'],
        ...['1 Quay, Penzance', '1980-02-03', 'Ito'],
      ].join('\n'),
      placeholder: false,
      file: { filename: 'contacts.vcf', mime: 'text/vcard' },
    });
  });

  it.each([
    [[{ origin: 'contact_request', phones: [{ phone: '+44 1' }] }], {}],
    [[{ phones: [{ phone: '+44 1' }] }], { origin: 'contact_request' }],
  ])('that answer a request say so (%#)', (cards, over) => {
    expect(read('contacts', cards, over)).toMatchObject({
      text: '[The customer shared their phone number]\n+44 1',
      file: { filename: 'contacts.vcf' },
    });
  });

  it('have a file that is named after the person, safely', () => {
    expect(read('contacts', [{ name: { formatted_name: '../Ada' } }])).toMatchObject({
      file: { filename: 'Ada.vcf' },
    });
  });

  it('in numbers beyond reason go into a file that holds them all', () => {
    const card = { name: { formatted_name: 'x'.repeat(1000) } };

    const content = read('contacts', Array(600).fill(card));

    expect(content.kind === 'shown' && content.text.length < 3000).toBe(true);
    expect(content.kind === 'shown' && content.file?.content.match(/BEGIN:VCARD/g)).toHaveLength(600);
  });
});

describe('an order', () => {
  it('of two currencies, or of prices that are none, has no sum', () => {
    const item = { product_retailer_id: 'a', quantity: '2', item_price: '1.5', currency: 'EUR' };

    expect(read('order', { product_items: [item, { ...item, currency: 'USD' }] })).toMatchObject({
      text: '[Order]\n2 × a at 1.5 EUR\n2 × a at 1.5 USD',
    });
    expect(read('order', { product_items: [{ ...item, item_price: 'free' }, {}] })).toMatchObject({
      text: '[Order]\n2 × a at free EUR\n? × ? at ?',
      placeholder: false,
    });
    expect(read('order', { product_items: [item] })).toMatchObject({
      text: '[Order]\n2 × a at 1.5 EUR\nTotal: 3.00 EUR',
    });
  });
});

describe('a notice of WhatsApp', () => {
  it.each([
    [
      { type: 'customer_changed_number', new_wa_id: '447' },
      '[The customer’s phone number is now 447]',
      false,
    ],
    [{ type: 'user_changed_user_id', body: 'prose' }, '[The customer’s WhatsApp account changed]', false],
    [{ type: 'customer_identity_changed' }, '[The customer’s WhatsApp account changed]', false],
    [{ type: 'news', body: 'prose' }, '[Notice from WhatsApp about the customer’s account] prose', false],
  ])('%j reads', (content, text, placeholder) => {
    expect(read('system', content)).toMatchObject({ text, placeholder });
  });
});

describe('a message WhatsApp could not pass on', () => {
  it.each([
    [131060, 'its content is not available; please ask the customer to send it again'],
    [
      131052,
      'its file cannot be downloaded or is larger than 100 MB; please ask the customer to send it again',
    ],
    [131000, 'its content was not sent along'],
  ])('for reason %s says so in plain words', (code, reason) => {
    expect(read('unsupported', undefined, { errors: [{ code }] })).toMatchObject({
      text: `[WhatsApp does not pass on messages of this kind]\n[WhatsApp reports a problem with this message: ${reason}]`,
      placeholder: true,
    });
  });

  it.each([
    ['poll_update', 'poll'],
    ['media_placeholder', 'media that can be viewed once'],
    ['keep_in_chat', 'keep in chat'],
    ['new\u202e_kind', 'new kind'],
    ['sticker', 'Sticker'],
  ])('of kind %s is named', (type, kind) => {
    expect(read('unsupported', { type })).toMatchObject({
      text: `[WhatsApp does not pass on messages of this kind: ${kind}]`,
    });
  });

  it('because of its kind says so once', () => {
    expect(read('unsupported', undefined, { errors: [{ code: 131051, title: 'T' }] })).toMatchObject({
      text: '[WhatsApp does not pass on messages of this kind]',
    });
    expect(read('order', {}, { errors: [{ code: '131051' }] })).toMatchObject({
      text: '[Order]\n[WhatsApp reports a problem with this message: its kind is not supported]',
    });
  });

  it('keeps what came of it beside the problem', () => {
    expect(
      read('image', { caption: 'c' }, { errors: [{ code: 131052 }, { code: 131052 }, 'x'] }),
    ).toMatchObject({
      text: expect.stringMatching(
        /^c\n\[Image could not be fetched from WhatsApp\]\n\[[^\n]*100 MB[^\n]*\]$/,
      ),
      placeholder: true,
    });
  });

  it.each([
    [{ code: 1, title: 'T', error_data: { details: 'D' } }, 'error 1 D'],
    [{ code: 1, message: 'M\n\u0000N' }, 'error 1 M N'],
    [{ title: 'T' }, 'error T'],
  ])('for another reason (%j) gives the words of WhatsApp', (error, reason) => {
    expect(read('unsupported', undefined, { errors: [error] })).toMatchObject({
      text: `[WhatsApp does not pass on messages of this kind]\n[WhatsApp reports a problem with this message: ${reason}]`,
    });
  });
});

describe('an edited message', () => {
  it('is shown anew, media and all', () => {
    const message = { type: 'image', image: { id: '1', caption: 'better' } };

    expect(read('edit', { original_message_id: 'wamid.A', message })).toMatchObject({
      text: 'better',
      notes: ['[The customer edited an earlier message]'],
      media: { id: '1' },
      quotedId: 'wamid.A',
      quotedAs: 'subject',
      placeholder: false,
    });
  });

  it('does not unfold without end', () => {
    let message: object = { type: 'text', text: { body: 'core' } };
    for (let level = 0; level < 3; level += 1) message = { type: 'edit', edit: { message } };

    expect(toAgentContent(message, en)).toMatchObject({
      text: '[Message of an unknown kind: edit]\ncore',
      placeholder: true,
    });
  });
});

describe('another language', () => {
  it('is spoken by whatever the bridge says', () => {
    const de = choosePhrases('de');

    expect(read('reaction', { emoji: '👍' }, {}, de)).toMatchObject({ text: '[Reaktion: 👍]' });
    expect(read('audio', { id: '1', voice: true }, {}, de)).toMatchObject({ mediaLabel: 'Sprachnachricht' });
    expect(read('text', undefined, {}, de)).toMatchObject({ text: '[Leere Nachricht]' });
  });
});
