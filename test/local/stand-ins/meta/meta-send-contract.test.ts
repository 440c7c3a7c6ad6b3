import { findSendRefusal, listMediaIds } from '../../../../local/stand-ins/meta/meta-send-contract.ts';

const base = { messaging_product: 'whatsapp', recipient_type: 'individual', to: '+15550100100' };
const text = { type: 'text', text: { body: 'Hi' } };
const buttons = (...ids: string[]) =>
  ids.map((id) => ({ type: 'reply', reply: { id, title: `Title ${id}` } }));
const rows = (count: number, prefix = 'r') =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}${index}`, title: `Row ${index}` }));
const interactive = (type: string, action: unknown, more: object = {}) => ({
  type: 'interactive',
  interactive: { type, body: { text: 'Choose' }, action, ...more },
});
const list = (sections: unknown, more: object = {}) =>
  interactive('list', { button: 'Open', sections }, more);
const flow = (parameters: object) =>
  interactive('flow', {
    name: 'flow',
    parameters: { flow_message_version: '3', flow_cta: 'Go', ...parameters },
  });
const template = (more: object = {}) => ({
  type: 'template',
  template: { name: 'hello_world', language: { code: 'en_US' }, ...more },
});
const contact = { name: { formatted_name: 'John Smith', first_name: 'John' } };
const location = (latitude: unknown, longitude: unknown) => ({
  type: 'location',
  location: { latitude, longitude },
});

test.each<[string, object]>([
  ['a text', text],
  ['a text without type', { text: { body: 'Hi', preview_url: true } }],
  ['a list without type', { interactive: list([{ rows: rows(1) }]).interactive }],
  [
    'a template with true in a quick reply',
    template({
      components: [
        { type: 'button', sub_type: 'quick_reply', index: 0, parameters: [{ type: 'text', text: true }] },
      ],
    }),
  ],
  ['a text of 4096', { type: 'text', text: { body: 'x'.repeat(4096) } }],
  ['a user id', { to: undefined, recipient: 'US.ENT.1a', ...text }],
  ['phone and user id', { recipient: 'DE.1a', ...text }],
  [
    'a quote, a tag and an identity hash',
    {
      ...text,
      context: { message_id: 'wamid.A=' },
      biz_opaque_callback_data: 't',
      recipient_identity_key_hash: 'h',
    },
  ],
  ['an image by id', { type: 'image', image: { id: '1', caption: 'c' } }],
  ['a video by link', { type: 'video', video: { link: 'https://a.example/v.mp4' } }],
  ['a voice note', { type: 'audio', audio: { id: '1', voice: true } }],
  ['a document', { type: 'document', document: { id: '1', caption: 'c', filename: 'a.pdf' } }],
  ['a sticker', { type: 'sticker', sticker: { id: '1' } }],
  [
    'a location',
    { type: 'location', location: { latitude: 37.7, longitude: -122.4, name: 'HQ', address: 'a' } },
  ],
  ['a location in text', location('37.7', '-122.4')],
  [
    'a contact',
    {
      type: 'contacts',
      contacts: [
        {
          ...contact,
          phones: [{ phone: '+1', type: 'HOME', wa_id: '1' }],
          emails: [{ email: 'a@b' }],
          urls: [],
          org: { company: 'A' },
          birthday: '2012-08-18',
          addresses: [{ city: 'M' }],
        },
      ],
    },
  ],
  ['a reaction', { type: 'reaction', reaction: { message_id: 'wamid.A=', emoji: '👍' } }],
  ['the end of a reaction', { type: 'reaction', reaction: { message_id: 'wamid.A=', emoji: '' } }],
  ['a template', template()],
  [
    'a template with parts',
    template({
      components: [
        {
          type: 'button',
          sub_type: 'quick_reply',
          index: 0,
          parameters: [{ type: 'payload', payload: 'a' }],
        },
      ],
    }),
  ],
  [
    'reply buttons',
    interactive(
      'button',
      { buttons: buttons('a', 'b', 'c') },
      { header: { type: 'image', image: { id: '1' } }, footer: { text: 'f' } },
    ),
  ],
  [
    'a list',
    list(
      [
        { title: 'A', rows: rows(5) },
        { title: 'B', rows: rows(5, 's') },
      ],
      { header: { type: 'text', text: 'h' } },
    ),
  ],
  ['a list of one untitled section', list([{ rows: rows(10) }])],
  ['a long list text', list([{ rows: rows(1) }], { body: { text: 'x'.repeat(4096) } })],
  [
    'a link button',
    interactive('cta_url', {
      name: 'cta_url',
      parameters: { display_text: 'Open', url: 'https://a.example' },
    }),
  ],
  [
    'a flow',
    flow({ flow_id: '1', flow_token: 't', flow_action: 'navigate', flow_action_payload: { screen: 'A' } }),
  ],
  ['a request for the place', interactive('location_request_message', { name: 'send_location' })],
  ['a request for the phone', interactive('request_contact_info', { name: 'request_contact_info' })],
  [
    'a product without text',
    interactive('product', { catalog_id: '1', product_retailer_id: '2' }, { body: undefined }),
  ],
  ['a product list', interactive('product_list', { catalog_id: '1', sections: [{ product_items: [] }] })],
  ['an order', interactive('order_details', { name: 'review_and_pay', parameters: {} })],
  [
    'a read mark',
    {
      to: undefined,
      recipient_type: undefined,
      status: 'read',
      message_id: 'wamid.A=',
      typing_indicator: { type: 'text' },
    },
  ],
])('accepts %s', (_name, body) => {
  expect(findSendRefusal(asSent(body))).toBeUndefined();
});

test.each<[string, object, number, string]>([
  ['no product', { messaging_product: undefined, ...text }, 100, 'messaging_product'],
  ['nobody to send to', { to: undefined, ...text }, 131008, 'to and recipient'],
  ['no digits to send to', { to: 'nobody', ...text }, 131009, 'to'],
  ['a phone as user id', { recipient: '15550100100', ...text }, 131009, 'recipient'],
  ['an unknown type', { type: 'poll', poll: {} }, 100, 'type'],
  ['a type without its part', { type: 'text' }, 131008, 'text is required'],
  ['the part of another type', { ...text, image: { id: '1' } }, 100, 'image is not a known field'],
  ['an unknown part of a text', { type: 'text', text: { body: 'Hi', bold: true } }, 100, 'text.bold'],
  ['an empty text', { type: 'text', text: { body: '' } }, 100, 'text.body'],
  ['a text of 4097', { type: 'text', text: { body: 'x'.repeat(4097) } }, 100, '4096'],
  ['a tag over 512 bytes', { ...text, biz_opaque_callback_data: 'é'.repeat(257) }, 131009, '512 bytes'],
  ['a tag that is no text', { ...text, biz_opaque_callback_data: 1 }, 131009, 'must be a string'],
  ['a quote of nothing', { ...text, context: { message_id: 'x' } }, 131009, 'context.message_id'],
  [
    'media by id and link',
    { type: 'image', image: { id: '1', link: 'https://a.example' } },
    131009,
    'either id or link',
  ],
  ['media by neither', { type: 'image', image: {} }, 131009, 'either id or link'],
  ['media by a relative link', { type: 'image', image: { link: '/a' } }, 131009, 'image.link'],
  [
    'a caption of 1025',
    { type: 'image', image: { id: '1', caption: 'x'.repeat(1025) } },
    131009,
    'image.caption',
  ],
  ['a caption on audio', { type: 'audio', audio: { id: '1', caption: 'c' } }, 100, 'audio.caption'],
  ['a caption on a sticker', { type: 'sticker', sticker: { id: '1', caption: 'c' } }, 100, 'sticker.caption'],
  ['a file name on an image', { type: 'image', image: { id: '1', filename: 'a' } }, 100, 'image.filename'],
  ['a place off the globe', location(91, 0), 131009, 'location.latitude'],
  ['a place without longitude', location(1, undefined), 131008, 'location.longitude'],
  ['a place in words', location('', 0), 131009, 'location.latitude'],
  ['no contacts', { type: 'contacts', contacts: [] }, 131009, 'contacts'],
  ['a contact without name', { type: 'contacts', contacts: [{ name: {} }] }, 131008, 'formatted_name'],
  ['258 contacts', { type: 'contacts', contacts: new Array(258).fill(contact) }, 131009, '257'],
  ['a reaction to nothing', { type: 'reaction', reaction: { emoji: '👍' } }, 131008, 'message_id'],
  ['a template without language', { type: 'template', template: { name: 'a' } }, 131008, 'template.language'],
  ['a template part without type', template({ components: [{}] }), 131008, 'components[0].type'],
  ['a template button nowhere', template({ components: [{ type: 'button', index: 'x' }] }), 131009, 'index'],
  ['four buttons', interactive('button', { buttons: buttons('a', 'b', 'c', 'd') }), 131009, 'at most 3'],
  ['no buttons', interactive('button', { buttons: [] }), 131009, 'at least 1'],
  ...[
    ['of two lines', 'a\nb', 131009],
    ['with a tab', 'a\tb', 131009],
    ['with five spaces', 'a     b', 131009],
    ['with nothing', '', 131008],
  ].map(([name, value, code]): [string, object, number, string] => [
    `a template parameter ${name}`,
    template({ components: [{ type: 'body', parameters: [{ type: 'text', text: value }] }] }),
    Number(code),
    'parameters[0].text',
  ]),
  [
    'buttons that look the same',
    interactive('button', {
      buttons: ['a', 'b'].map((id) => ({ type: 'reply', reply: { id, title: 'Yes' } })),
    }),
    131009,
    'distinct titles',
  ],
  ['buttons that are the same', interactive('button', { buttons: buttons('a', 'a') }), 131009, 'distinct'],
  [
    'a button title of 21',
    interactive('button', { buttons: [{ type: 'reply', reply: { id: 'a', title: 'x'.repeat(21) } }] }),
    131009,
    'title',
  ],
  [
    'buttons without text',
    interactive('button', { buttons: buttons('a') }, { body: undefined }),
    131008,
    'interactive.body',
  ],
  [
    'a button text of 1025',
    interactive('button', { buttons: buttons('a') }, { body: { text: 'x'.repeat(1025) } }),
    131009,
    '1024',
  ],
  [
    'a footer of 61',
    interactive('button', { buttons: buttons('a') }, { footer: { text: 'x'.repeat(61) } }),
    131009,
    'footer',
  ],
  [
    'a header without its part',
    interactive('button', { buttons: buttons('a') }, { header: { type: 'image' } }),
    131008,
    'header.image',
  ],
  [
    'eleven rows',
    list([
      { title: 'A', rows: rows(6) },
      { title: 'B', rows: rows(5, 's') },
    ]),
    131009,
    '10 rows in total',
  ],
  [
    'rows that are the same',
    list([
      { title: 'A', rows: rows(1) },
      { title: 'B', rows: rows(1) },
    ]),
    131009,
    'distinct',
  ],
  ['two sections without titles', list([{ rows: rows(1) }, { rows: rows(1, 's') }]), 131008, 'titles'],
  ['a row title of 25', list([{ rows: [{ id: 'a', title: 'x'.repeat(25) }] }]), 131009, 'title'],
  [
    'a row description of 73',
    list([{ rows: [{ id: 'a', title: 'a', description: 'x'.repeat(73) }] }]),
    131009,
    '72',
  ],
  [
    'an image above a list',
    list([{ rows: rows(1) }], { header: { type: 'image', image: { id: '1' } } }),
    131008,
    'header.text',
  ],
  ['a flow by id and name', flow({ flow_id: '1', flow_name: 'a' }), 131009, 'either flow_id or flow_name'],
  [
    'a link button of 21',
    interactive('cta_url', {
      name: 'cta_url',
      parameters: { display_text: 'x'.repeat(21), url: 'https://a.example' },
    }),
    131009,
    'display_text',
  ],
  ['one card', interactive('carousel', { cards: [{}] }), 131009, 'at least 2'],
  ['an unknown interactive kind', interactive('quiz', {}), 131009, 'interactive.type'],
  ['an interactive kind that is no text', interactive(1 as never, {}), 131009, 'interactive.type'],
  ['interactive text', { type: 'interactive', interactive: 'Hi' }, 131009, 'must be an object'],
  [
    'another mark than read',
    { to: undefined, recipient_type: undefined, status: 'seen', message_id: 'wamid.A=' },
    131009,
    'status',
  ],
  [
    'a read mark on nothing',
    { to: undefined, recipient_type: undefined, status: 'read' },
    131008,
    'message_id',
  ],
  [
    'a read mark on an odd id',
    { to: undefined, recipient_type: undefined, status: 'read', message_id: '1' },
    131009,
    'message_id',
  ],
])('refuses %s', (_name, body, code, details) => {
  expect(findSendRefusal(asSent(body))).toMatchObject({
    status: 400,
    code,
    details: expect.stringContaining(details),
  });
});

test('refuses what is no object', () => {
  expect(findSendRefusal([])).toMatchObject({ status: 400, code: 100 });
});

test('finds the media of a message wherever it stands, and no other id', () => {
  const header = { header: { type: 'image', image: { id: '1' } } };

  expect(listMediaIds(asSent(interactive('button', { buttons: buttons('a') }, header)))).toEqual(['1']);
  expect(
    listMediaIds(
      template({
        components: [{ type: 'header', parameters: [{ type: 'document', document: { id: '2' } }] }],
      }),
    ),
  ).toEqual(['2']);
  expect(listMediaIds({ image: { link: 'https://a.example' } })).toEqual([]);
});

function asSent(body: object): unknown {
  return JSON.parse(JSON.stringify({ ...base, ...body }));
}
