import { findReadMarkFaults, findReceiptFaults, findSendFaults } from './schemas.ts';

const to = {
  messaging_product: 'whatsapp',
  recipient_type: 'individual',
  to: '15550100100',
};
const buttons = (count: number, title = 'Yes') =>
  Array.from({ length: count }, (_, index) => ({
    type: 'reply',
    reply: { id: `q${index}`, title: `${title}${index}` },
  }));
const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `q${index}`, title: `Row ${index}` }));
const interactive = (type: string, action: unknown, body = 'Well?') => ({
  ...to,
  type: 'interactive',
  interactive: { type, body: { text: body }, action },
});
const template = (...components: unknown[]) => ({
  ...to,
  type: 'template',
  template: { name: 'hello', language: { code: 'en_GB' }, components },
});
const bodyOf = (...texts: string[]) => ({
  type: 'body',
  parameters: texts.map((text) => ({ type: 'text', text })),
});
const receipt = (fields: object) => ({
  id: 'd7d58935af65a45e5234ac77de017a0a',
  channel: { to: { id: '15550100100', idType: 'Phone' }, time: '2026-11-20T10:20:07.001Z' },
  status: 'Delivered',
  isFinalReceipt: true,
  ...fields,
});
const reasons = [{ code: 'InvalidDestination', message: 'Meta 131026' }];

describe('a send', () => {
  it.each([
    ['a text', { ...to, type: 'text', text: { body: 'Hello', preview_url: false } }],
    ['a text to a BSUID', { ...to, to: undefined, recipient: 'GB.77001', type: 'text', text: { body: 'x' } }],
    [
      'an answer with a tag',
      {
        ...to,
        context: { message_id: 'wamid.A=' },
        biz_opaque_callback_data: 'a.0',
        type: 'text',
        text: { body: 'x' },
      },
    ],
    ['an image with a caption', { ...to, type: 'image', image: { id: '1', caption: 'See' } }],
    ['a voice message', { ...to, type: 'audio', audio: { id: '1', voice: true } }],
    [
      'a document by link',
      { ...to, type: 'document', document: { link: 'https://example.com/a', filename: 'a.pdf' } },
    ],
    ['a sticker', { ...to, type: 'sticker', sticker: { id: '1' } }],
    ['three buttons', interactive('button', { buttons: buttons(3) })],
    ['ten rows', interactive('list', { button: 'Options', sections: [{ rows: rows(10) }] })],
    [
      'a link',
      interactive('cta_url', {
        name: 'cta_url',
        parameters: { display_text: 'Look', url: 'https://example.com' },
      }),
    ],
    ['a template', template(bodyOf('Ana', 'tomorrow'))],
    [
      'a template with a link',
      template({ type: 'button', sub_type: 'url', index: '0', parameters: [{ type: 'text', text: 'a/b' }] }),
    ],
    [
      'a list of sections with a header',
      {
        ...to,
        type: 'interactive',
        interactive: {
          type: 'list',
          header: { type: 'text', text: 'Plans' },
          body: { text: 'Well?' },
          footer: { text: 'Your team' },
          action: {
            button: 'Options',
            sections: [
              { title: 'A', rows: rows(2) },
              { title: 'B', rows: rows(2) },
            ],
          },
        },
      },
    ],
    [
      'a template with a picture, an amount and a quick reply',
      template(
        { type: 'header', parameters: [{ type: 'image', image: { link: 'https://example.com/a' } }] },
        {
          type: 'body',
          parameters: [
            {
              type: 'currency',
              currency: { amount_1000: 100990, code: 'USD', fallback_value: '$100.99' },
            },
            { type: 'date_time', date_time: { fallback_value: 'February 25, 1977' } },
          ],
        },
        {
          type: 'button',
          sub_type: 'quick_reply',
          index: '0',
          parameters: [{ type: 'payload', payload: 'a' }],
        },
      ),
    ],
  ])('may be %s', (_name, body) => {
    expect(findSendFaults(JSON.parse(JSON.stringify(body)))).toEqual([]);
  });

  it.each([
    ['to nobody', { ...to, to: undefined, type: 'text', text: { body: 'x' } }],
    ['to a BSUID as a phone', { ...to, to: 'GB.77001', type: 'text', text: { body: 'x' } }],
    [
      'to a phone as a BSUID',
      { ...to, to: undefined, recipient: '15550100100', type: 'text', text: { body: 'x' } },
    ],
    ['to both', { ...to, recipient: 'GB.77001', type: 'text', text: { body: 'x' } }],
    ['without a type', { ...to, text: { body: 'x' } }],
    ['of another type than its content', { ...to, type: 'image', text: { body: 'x' } }],
    ['with two contents', { ...to, type: 'text', text: { body: 'x' }, image: { id: '1' } }],
    ['with an empty text', { ...to, type: 'text', text: { body: '' } }],
    ['with a blank text', { ...to, type: 'text', text: { body: ' \n ' } }],
    ['with 4,097 characters', { ...to, type: 'text', text: { body: 'x'.repeat(4097) } }],
    ['with a field nobody knows', { ...to, type: 'text', text: { body: 'x', markdown: true } }],
    [
      'with a long tag',
      { ...to, biz_opaque_callback_data: 'x'.repeat(513), type: 'text', text: { body: 'x' } },
    ],
    ['with a caption under a sound', { ...to, type: 'audio', audio: { id: '1', caption: 'x' } }],
    [
      'with a caption of 1,025 characters',
      { ...to, type: 'image', image: { id: '1', caption: 'x'.repeat(1025) } },
    ],
    ['with a file twice', { ...to, type: 'image', image: { id: '1', link: 'https://example.com/a' } }],
    ['without its file', { ...to, type: 'image', image: { caption: 'x' } }],
    ['with a path as a name', { ...to, type: 'document', document: { id: '1', filename: '../a.pdf' } }],
    ['of four buttons', interactive('button', { buttons: buttons(4) })],
    ['of no buttons', interactive('button', { buttons: [] })],
    ['of a button with 21 characters', interactive('button', { buttons: buttons(1, 'x'.repeat(20)) })],
    ['of a button with two lines', interactive('button', { buttons: buttons(1, 'a\nb') })],
    ['of eleven rows', interactive('list', { button: 'Options', sections: [{ rows: rows(11) }] })],
    [
      'of sections without titles',
      interactive('list', { button: 'Options', sections: [{ rows: rows(1) }, { rows: rows(1) }] }),
    ],
    ['of a list without a button', interactive('list', { sections: [{ rows: rows(1) }] })],
    ['of buttons without words', interactive('button', { buttons: buttons(1) }, '')],
    ['of buttons with 1,025 characters', interactive('button', { buttons: buttons(1) }, 'x'.repeat(1025))],
    [
      'of a link to nowhere',
      interactive('cta_url', { name: 'cta_url', parameters: { display_text: 'x', url: 'tel:1' } }),
    ],
    ['of a kind of interaction that is not ours', interactive('flow', {})],
    ['of a template with line breaks', template(bodyOf('a\nb'))],
    ['of a template with five spaces', template(bodyOf('a     b'))],
    ['of a template with nothing in a gap', template(bodyOf(''))],
    ['of a template without a language', { ...to, type: 'template', template: { name: 'hello' } }],
    ['of a template without components in its list', template()],
  ])('is never %s', (_name, body) => {
    expect(findSendFaults(JSON.parse(JSON.stringify(body)))).not.toEqual([]);
  });
});

describe('a read mark', () => {
  const mark = { messaging_product: 'whatsapp', status: 'read', message_id: 'wamid.HBgL=' };

  it.each([[mark], [{ ...mark, typing_indicator: { type: 'text' } }]])('%# names a message', (body) => {
    expect(findReadMarkFaults(body)).toEqual([]);
  });

  it.each([
    ['an id of Genesys', { ...mark, message_id: 'd7d58935' }],
    ['another status', { ...mark, status: 'delivered' }],
    ['another indicator', { ...mark, typing_indicator: { type: 'audio' } }],
    ['a recipient', { ...mark, to: '15550100100' }],
  ])('never holds %s', (_name, body) => {
    expect(findReadMarkFaults(body)).not.toEqual([]);
  });
});

describe('a receipt', () => {
  it.each([[receipt({})], [receipt({ status: 'Failed', reasons })]])('%# is final', (body) => {
    expect(findReceiptFaults(body)).toEqual([]);
  });

  it.each([
    ['Read', receipt({ status: 'Read' })],
    ['Sent', receipt({ status: 'Sent' })],
    ['Failed without a reason', receipt({ status: 'Failed' })],
    ['Failed for a reason without words', receipt({ status: 'Failed', reasons: [{ code: 'GeneralError' }] })],
    [
      'Failed for an unknown reason',
      receipt({ status: 'Failed', reasons: [{ code: '131026', message: 'x' }] }),
    ],
    ['Delivered for a reason', receipt({ reasons })],
    ['from somebody', receipt({ channel: { from: { id: '1' }, time: '2026-11-20T10:20:07.001Z' } })],
    ['without its time', receipt({ channel: { to: { id: '1' } } })],
    ['at a time in seconds', receipt({ channel: { to: { id: '1' }, time: '2026-11-20T10:20:07Z' } })],
    ['preliminary', receipt({ isFinalReceipt: false })],
  ])('is never %s', (_name, body) => {
    expect(findReceiptFaults(body)).not.toEqual([]);
  });
});
