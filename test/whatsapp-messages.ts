// WhatsApp messages of every kind: the least Meta documents, all it documents, what may be missing, and what an
// attacker would send. Composed by us after Meta's reference and the shapes that public WhatsApp libraries test with.

type Content = Record<string, unknown>;

export interface MessageShape {
  name: string;
  message: Content;
  /** Words of the customer that must reach the agent, in the text or in the file. */
  words: readonly string[];
}

/** Longer than any field, with path parts, control characters, direction overrides and half characters. */
export const hostile = `../../etc/pass\u202ewd\r\nX-Evil: 1\u0000\u0007<script>alert(1)</script>"';--\ud800${'\u0301'.repeat(50)}${'A'.repeat(10_000)}`;

const referral = {
  source_url: 'https://fb.me/ferry',
  source_id: '120226305854810726',
  source_type: 'ad',
  headline: 'Night ferries',
  body: 'Sail tonight',
  media_type: 'video',
  video_url: 'https://ads.example/1.mp4',
  thumbnail_url: 'https://ads.example/1.jpg',
  ctwa_clid: 'Aff-n8ZTODiE79d22KtAwQKj9e',
  welcome_message: { text: 'Hi!' },
};
const about = { from: '442071230000', from_user_id: 'GB.1', id: 'wamid.EARLIER==' };
const file = {
  id: '1003383421387256',
  mime_type: 'image/jpeg',
  sha256: 'SfInY0gGKTsJlUWbwxC1k+FAD0FZHvzwfpvO0zX0GUI=',
};
const wholeContact = {
  name: {
    formatted_name: 'Dr. Ito Harbourmaster Jr.',
    first_name: 'Ito',
    middle_name: 'M',
    last_name: 'Harbourmaster',
    prefix: 'Dr.',
    suffix: 'Jr.',
  },
  phones: [{ phone: '+44 20 7123 0001', wa_id: '442071230001', type: 'WORK' }],
  emails: [{ email: 'ito@harbour.example', type: 'WORK' }],
  addresses: [
    {
      street: '1 Quay',
      city: 'Penzance',
      state: '',
      zip: 'TR18',
      country: 'UK',
      country_code: 'gb',
      type: 'HOME',
    },
  ],
  urls: [{ url: 'https://harbour.example', type: 'WORK' }],
  org: { company: 'Harbour', department: 'Quay', title: 'Master' },
  birthday: '1980-02-03',
  vcard: 'BEGIN:VCARD\nEND:VCARD',
  origin: 'other',
};
const flow = (answers: unknown) => ({
  type: 'nfm_reply',
  nfm_reply: { name: 'flow', body: 'Sent', response_json: JSON.stringify(answers) },
});
const unsupported = [
  { code: 131051, title: 'Message type unknown', error_data: { details: 'Not supported.' } },
];

const media = (type: string, extra: Content = {}): [string, Content[], string[]][] => [
  [`${type} minimal`, [{ type, [type]: { id: file.id } }], []],
  [
    `${type} full`,
    [{ type, [type]: { ...file, ...extra, url: 'https://lookaside.fbsbx.com/a/?mid=1' }, context: about }],
    Object.values(extra).filter((value) => typeof value === 'string'),
  ],
  [
    `${type} missing optional`,
    [
      { type, [type]: { id: file.id, mime_type: null, sha256: null, caption: null } },
      { type, [type]: {} },
      { type },
    ],
    [],
  ],
  [
    `${type} hostile`,
    [
      {
        type,
        [type]: {
          id: file.id,
          mime_type: hostile,
          sha256: hostile,
          caption: hostile,
          filename: hostile,
          url: hostile,
        },
      },
      { type, [type]: { id: hostile } },
      { type, [type]: [hostile] },
    ],
    [],
  ],
];

const shapes: [name: string, messages: Content[], words: string[]][] = [
  ['text minimal', [{ type: 'text', text: { body: 'Hi' } }], ['Hi']],
  [
    'text full',
    [
      {
        type: 'text',
        text: { body: 'Is there a ferry? ⛴️' },
        context: {
          ...about,
          forwarded: true,
          referred_product: { catalog_id: '8', product_retailer_id: 'p1' },
        },
        referral,
        group_id: 'Y2Fw',

        identity: { hash: 'x' },
      },
    ],
    ['Is there a ferry? ⛴️'],
  ],
  [
    'text missing optional',
    [{ type: 'text', text: {} }, { type: 'text' }, { type: 'text', text: { body: 7 } }],
    [],
  ],
  [
    'text hostile',
    [
      {
        type: 'text',
        text: { body: hostile },
        context: { id: hostile, forwarded: hostile, referred_product: { product_retailer_id: hostile } },
        referral: Object.fromEntries(Object.keys(referral).map((key) => [key, hostile])),
        group_id: hostile,
        errors: [{ code: hostile, title: hostile }],
      },
    ],
    ['<script>alert(1)</script>'],
  ],
  [
    'text as large as a webhook',
    [{ type: 'text', text: { body: '⛴️ naïve "ferry"\n'.repeat(40_000) } }],
    ['⛴️ naïve "ferry"'],
  ],
  ...media('image', { caption: 'The broken hinge' }),
  ...media('video', { caption: 'How it rattles' }),
  ...media('audio', { voice: true }),
  ...media('document', { caption: 'My ticket', filename: 'Ticket 12.pdf' }),
  ...media('sticker', { animated: true }),
  ['location minimal', [{ type: 'location', location: { latitude: 50.1, longitude: -5.5 } }], ['50.1,-5.5']],
  [
    'location full',
    [
      {
        type: 'location',
        location: {
          latitude: 50.1,
          longitude: -5.5,
          name: 'North Quay',
          address: '1 Harbour Road',
          url: 'https://quay.example',
        },
      },
    ],
    ['North Quay', '1 Harbour Road', 'https://quay.example'],
  ],
  [
    'location missing optional',
    [
      { type: 'location', location: { latitude: '50.1', longitude: '-5.5' } },
      { type: 'location', location: { name: 'Quay' } },
      { type: 'location' },
    ],
    [],
  ],
  [
    'location hostile',
    [
      {
        type: 'location',
        location: {
          latitude: 1e308,
          longitude: hostile,
          name: hostile,
          address: {},
          url: 'javascript:alert(1)',
        },
      },
    ],
    [],
  ],
  ['contacts minimal', [{ type: 'contacts', contacts: [{ name: { formatted_name: 'Ito' } }] }], ['Ito']],
  [
    'contacts full',
    [{ type: 'contacts', contacts: [wholeContact, wholeContact] }],
    ['+44 20 7123 0001', 'ito@harbour.example', 'TR18'],
  ],
  [
    'contacts missing optional',
    [
      { type: 'contacts', contacts: [] },
      { type: 'contacts', contacts: [{}, null] },
      { type: 'contacts' },
      { type: 'contacts', contacts: [{ origin: 'contact_request', phones: [{ phone: '+44 1' }] }] },
    ],
    [],
  ],
  [
    'contacts hostile',
    [
      {
        type: 'contacts',
        contacts: [
          {
            name: { formatted_name: hostile, first_name: hostile },
            phones: [{ phone: hostile, type: hostile }],
            emails: hostile,
            org: hostile,
          },
        ],
      },
      { type: 'contacts', contacts: Array(3000).fill(wholeContact) },
    ],
    [],
  ],
  [
    'button reply minimal',
    [{ type: 'interactive', interactive: { type: 'button_reply', button_reply: { id: 'y', title: 'Yes' } } }],
    ['Yes'],
  ],
  [
    'button reply full',
    [
      {
        type: 'interactive',
        interactive: { type: 'button_reply', button_reply: { id: 'y', title: 'Yes' } },
        context: about,
      },
    ],
    ['Yes'],
  ],
  [
    'list reply full',
    [
      {
        type: 'interactive',
        interactive: { type: 'list_reply', list_reply: { id: 'r', title: 'Evening', description: '19:40' } },
        context: about,
      },
    ],
    ['Evening', '19:40'],
  ],
  [
    'interactive missing optional',
    [
      { type: 'interactive' },
      { type: 'interactive', interactive: {} },
      { type: 'interactive', interactive: { type: 'button_reply' } },
      { type: 'interactive', interactive: { type: 'brand_new', brand_new: { title: 'New' } } },
    ],
    [],
  ],
  [
    'interactive hostile',
    [
      {
        type: 'interactive',
        interactive: { type: '__proto__', button_reply: { id: hostile, title: hostile } },
      },
      {
        type: 'interactive',
        interactive: { type: 'button_reply', button_reply: { id: hostile, title: hostile } },
        context: { id: hostile },
      },
    ],
    [],
  ],
  ['flow reply minimal', [{ type: 'interactive', interactive: flow({ seats: 2 }) }], ['seats: 2']],
  [
    'flow reply full',
    [
      {
        type: 'interactive',
        interactive: flow({ flow_token: 't', name: 'Ada', days: ['Mon', 'Tue'], trip: { from: 'A' } }),
        context: about,
      },
    ],
    ['name: Ada', 'days: Mon, Tue', 'trip.from: A'],
  ],
  [
    'flow reply missing optional',
    [
      { type: 'interactive', interactive: { type: 'nfm_reply', nfm_reply: { response_json: '' } } },
      { type: 'interactive', interactive: { type: 'nfm_reply' } },
    ],
    [],
  ],
  [
    'flow reply hostile',
    [
      {
        type: 'interactive',
        interactive: flow({ __proto__: 1, [hostile]: hostile, constructor: { prototype: hostile } }),
      },
      {
        type: 'interactive',
        interactive: { type: 'nfm_reply', nfm_reply: { response_json: '['.repeat(100_000) } },
      },
    ],
    [],
  ],
  [
    'address full',
    [
      {
        type: 'interactive',
        interactive: {
          type: 'nfm_reply',
          nfm_reply: {
            name: 'address_message',
            body: 'Ada, Pune',
            response_json: '{"values":{"city":"Pune"}}',
          },
        },
      },
    ],
    ['Ada, Pune', 'values.city: Pune'],
  ],
  [
    'call permission full',
    [
      {
        type: 'interactive',
        interactive: {
          type: 'call_permission_reply',
          call_permission_reply: {
            response: 'accept',
            is_permanent: false,
            expiration_timestamp: '1795000000',
            response_source: 'automatic',
          },
        },
      },
    ],
    [],
  ],
  [
    'product full',
    [
      {
        type: 'interactive',
        interactive: { type: 'product', product: { product_retailer_id: 'cabin-a', catalog_id: '8' } },
      },
    ],
    ['cabin-a'],
  ],
  ['template button minimal', [{ type: 'button', button: { text: 'Cancel' } }], ['Cancel']],
  [
    'template button full',
    [{ type: 'button', button: { text: 'Cancel', payload: 'CANCEL' }, context: about }],
    ['Cancel'],
  ],
  [
    'template button missing optional',
    [{ type: 'button', button: { payload: 'CANCEL' } }, { type: 'button' }],
    [],
  ],
  [
    'template button hostile',
    [{ type: 'button', button: { text: hostile, payload: hostile }, context: about }],
    [],
  ],
  ['reaction minimal', [{ type: 'reaction', reaction: { message_id: 'wamid.A', emoji: '🙏🏽' } }], ['🙏🏽']],
  [
    'reaction full',
    [{ type: 'reaction', reaction: { message_id: 'wamid.A', emoji: '❤️' }, context: about }],
    ['❤️'],
  ],
  [
    'reaction missing optional',
    [
      { type: 'reaction', reaction: { message_id: 'wamid.A' } },
      { type: 'reaction', reaction: { emoji: '' } },
      { type: 'reaction' },
    ],
    [],
  ],
  ['reaction hostile', [{ type: 'reaction', reaction: { message_id: hostile, emoji: hostile } }], []],
  ['order minimal', [{ type: 'order', order: { product_items: [{ product_retailer_id: 'a' }] } }], ['a']],
  [
    'order full',
    [
      {
        type: 'order',
        order: {
          catalog_id: '8',
          text: 'Two cabins',
          product_items: [{ product_retailer_id: 'cabin-a', quantity: 2, item_price: 40.5, currency: 'GBP' }],
        },
      },
    ],
    ['Two cabins', 'cabin-a', '40.5 GBP', '81.00 GBP'],
  ],
  [
    'order missing optional',
    [
      { type: 'order', order: {} },
      { type: 'order' },
      { type: 'order', order: { product_items: [null, {}] } },
    ],
    [],
  ],
  [
    'order hostile',
    [
      {
        type: 'order',
        order: {
          text: hostile,
          product_items: [
            { product_retailer_id: hostile, quantity: '1e999', item_price: hostile, currency: hostile },
          ],
        },
      },
    ],
    [],
  ],
  ['system minimal', [{ type: 'system', system: { type: 'user_changed_user_id' } }], []],
  [
    'system missing optional',
    [
      { type: 'system', system: {} },
      { type: 'system' },
      { type: 'system', system: { body: 'Something changed' } },
    ],
    [],
  ],
  ['system hostile', [{ type: 'system', system: { type: hostile, body: hostile } }], []],
  [
    'edit minimal',
    [
      {
        type: 'edit',
        edit: { original_message_id: 'wamid.A', message: { type: 'text', text: { body: 'Two, not three' } } },
      },
    ],
    ['Two, not three'],
  ],
  [
    'edit full',
    [
      {
        type: 'edit',
        edit: {
          original_message_id: 'wamid.A',
          message: { type: 'image', image: { ...file, caption: 'better' }, context: { id: 'wamid.B' } },
        },
      },
    ],
    ['better'],
  ],
  ['edit missing optional', [{ type: 'edit', edit: {} }, { type: 'edit' }], []],
  [
    'edit hostile',
    [
      {
        type: 'edit',
        edit: {
          original_message_id: hostile,
          message: { type: 'edit', edit: { message: { type: hostile } } },
        },
      },
    ],
    [],
  ],
  ['revoke minimal', [{ type: 'revoke', revoke: { original_message_id: 'wamid.A' } }], []],
  ['revoke missing optional', [{ type: 'revoke' }], []],
  ['revoke hostile', [{ type: 'revoke', revoke: hostile }], []],
  ['unsupported minimal', [{ type: 'unsupported', errors: unsupported }], []],
  [
    'unsupported full',
    [
      { type: 'unsupported', unsupported: { type: 'poll_creation' }, errors: unsupported },
      { type: 'unsupported', errors: [{ code: 131060 }] },
    ],
    [],
  ],
  ['unsupported missing optional', [{ type: 'unsupported' }, { type: 'unsupported', errors: [] }], []],
  [
    'unsupported hostile',
    [
      {
        type: 'unsupported',
        unsupported: { type: hostile },
        errors: Array(30).fill({ code: hostile, error_data: { details: hostile } }),
      },
    ],
    [],
  ],
  ['unknown minimal', [{ type: 'unknown', errors: [{ code: 501, title: 'Unknown message type' }] }], []],
  [
    'media with an error',
    [
      { type: 'image', image: { ...file, caption: 'mine' }, errors: [{ code: 131052 }] },
      { type: 'video', errors: [{ code: 131052 }] },
    ],
    [],
  ],
  [
    'a type of tomorrow',
    [{ type: 'poll', poll: { question: 'Pizza?', options: [{ name: 'Yes' }] } }],
    ['Pizza?', 'Yes'],
  ],
  ['no type', [{ text: { body: 'typeless' } }], ['typeless']],
  [
    'a hostile type',
    [{ type: hostile, [hostile]: { body: 'inside' } }, { type: '__proto__' }, { type: {} }, {}],
    [],
  ],
  ['group message', [{ type: 'text', text: { body: 'to all' }, group_id: 'Y2FwaV9ncm91cDo' }], ['to all']],
];

/** Every kind in every shape; each stands alone, without id, sender and time. */
export const whatsappMessages: MessageShape[] = shapes.flatMap(([name, messages, words]) =>
  messages.map((message, index) => ({
    name: messages.length === 1 ? name : `${name} ${index + 1}`,
    message,
    words,
  })),
);
