import { toCustomerContent } from '../../../../../lambdas/core/convert/genesys/from-genesys.ts';
import { choosePhrases } from '../../../../../lambdas/core/convert/phrases.ts';
import type { CustomerPart } from '../../../../../lambdas/core/model/customer-message.ts';
import { interactiveOf, optionsOf, textOf, typesOf } from '../../../../customer-parts.ts';

const options = {
  templates: { welcome: { name: 'welcome_2', language: 'de' } },
  phrases: choosePhrases('en'),
};
const id = 'd7d58935af65a45e5234ac77de017a0a';
const convert = (message: object) => toCustomerContent({ id, type: 'Structured', ...message }, options);
const partsOf = (message: object): readonly CustomerPart[] => {
  const content = convert(message);
  if (content.kind !== 'parts') throw new Error(`not parts but ${content.kind}`);
  return content.parts;
};
const png = { mediaType: 'Image', url: 'https://files.example/a', mime: 'image/png', filename: 'a.png' };
const attach = (attachment: object) => ({ contentType: 'Attachment', attachment });
const reply = (text: string, payload?: string) => ({
  contentType: 'QuickReply',
  quickReply: { text, payload, action: 'Message' },
});
const card = (fields: object) => ({ contentType: 'Card', card: fields });
const postback = (text: string, payload: string) => ({ type: 'Postback', text, payload });
const link = (text: string, url: string) => ({ type: 'Link', text, url });

describe('a text', () => {
  it.each([
    ['alone', { text: 'Hello Ana' }],
    ['beside empty lists', { text: 'Hello Ana', content: [], events: [], reasons: [] }],
    ['beside fields that are null', { text: 'Hello Ana', content: null, events: null }],
    ['as content', { content: [{ contentType: 'Text', text: { body: 'Hello Ana' } }] }],
    [
      'as content and beside it',
      { text: 'Hello Ana', content: [{ contentType: 'Text', text: { body: 'Hello Ana' } }] },
    ],
    ['as content that is a string', { content: [{ contentType: 'Text', text: 'Hello Ana' }] }],
  ])('%s is one message', (_name, message) => {
    expect(partsOf(message)).toEqual([
      { kind: 'ready', send: { type: 'text', text: { body: 'Hello Ana' } }, snippet: 'Hello Ana' },
    ]);
  });

  it('of the bridge itself is one message too', () => {
    expect(toCustomerContent({ text: 'Goodbye' }, options)).toMatchObject({
      parts: [{ snippet: 'Goodbye' }],
    });
  });

  it('that is long is several messages in order', () => {
    const text = 'word '.repeat(2000).trim();
    const parts = partsOf({ text });

    expect(parts.map((part) => textOf(part).length)).toEqual([4094, 4094, 1809]);
    expect(parts.map(textOf).join(' ')).toBe(text);
    expect(parts[0]?.snippet).toBe(`${'word '.repeat(16)}…`);
  });

  it('with a web address shows what is there', () => {
    expect(partsOf({ text: 'See https://example.com' })).toMatchObject([
      { send: { text: { preview_url: true } } },
    ]);
  });

  it('that goes on with nothing to be seen ends there', () => {
    expect(typesOf(partsOf({ text: `Hello${'\u200b'.repeat(9000)}` }))).toEqual(['text']);
  });

  it('loses what nobody sees and no more', () => {
    expect(textOf(partsOf({ text: 'a\u0000b\u0007\r\nc\td\ud800\u0085علی\u200cرضا' })[0])).toBe(
      'ab\nc\td\ufffdعلی\u200cرضا',
    );
  });
});

describe('a file', () => {
  it('is fetched with what Genesys says of it', () => {
    expect(partsOf({ content: [attach({ ...png, contentSizeBytes: 12 })] })).toEqual([
      {
        kind: 'attachment',
        attachment: { url: png.url, mime: 'image/png', filename: 'a.png' },
        snippet: 'a.png',
      },
    ]);
  });

  it.each([
    [
      { mediaType: 'Voice', url: 'https://files.example/a' },
      { mime: 'audio/ogg', voice: true },
    ],
    [{ mediaType: 'Sticker', url: 'https://files.example/a', mime: 'image/webp' }, { sticker: true }],
    [{ url: 'https://files.example/a' }, { mime: 'application/octet-stream' }],
    [{ mediaType: 'Video', url: ' https://files.example/a ', mime: 'VIDEO/MP4' }, { mime: 'video/mp4' }],
  ])('%# is recognised however little is said', (attachment, expected) => {
    expect(partsOf({ content: [attach(attachment)] })).toMatchObject([
      { attachment: { url: 'https://files.example/a', ...expected } },
    ]);
  });

  it('has a short text under it', () => {
    expect(partsOf({ text: 'See', content: [attach(png)] })).toMatchObject([
      { attachment: { caption: 'See' } },
    ]);
  });

  it.each([
    ['too long', { text: 'x'.repeat(1025), content: [attach(png)] }],
    ['to a sound', { text: 'See', content: [attach({ ...png, mime: 'audio/mpeg' })] }],
    ['to a voice message', { text: 'See', content: [attach({ ...png, mediaType: 'Voice' })] }],
    ['to a sticker', { text: 'See', content: [attach({ ...png, mediaType: 'Sticker' })] }],
  ])('has a text ahead of it that is %s', (_name, message) => {
    const parts = partsOf(message);

    expect(typesOf(parts)).toEqual(['text', 'attachment']);
    expect(textOf(parts[1])).toBe('');
  });

  it('has nothing under it when the text is nothing to be seen', () => {
    const [part] = partsOf({ text: '\u200b', content: [attach(png)] });

    expect(part).toMatchObject({ kind: 'attachment', snippet: 'a.png' });
    expect(part).not.toHaveProperty('attachment.caption');
  });

  it('is one of several, in order, the text under the first', () => {
    const files = ['1', '2', '3'].map((name) => attach({ ...png, filename: name }));

    expect(partsOf({ text: 'See', content: files })).toMatchObject([
      { attachment: { filename: '1', caption: 'See' } },
      { attachment: { filename: '2' } },
      { attachment: { filename: '3' } },
    ]);
  });

  it.each(['', 'file:///etc/passwd', 'javascript:alert(1)', 'https://', 'https://a b', undefined])(
    'at no address (%j) is no file',
    (url) => {
      expect(convert({ content: [attach({ ...png, url })] })).toMatchObject({
        kind: 'unsendable',
        reason: 'UnsupportedMessage',
      });
      expect(convert({ text: 'See', content: [attach({ ...png, url })] })).toMatchObject({
        parts: [{ snippet: 'See' }],
        unreadable: 1,
      });
    },
  );
});

describe('quick replies', () => {
  const offered = { text: 'How?', content: [reply('Track order', 'track'), reply('Agent')] };

  it('are buttons below the text', () => {
    const parts = partsOf(offered);

    expect(parts).toHaveLength(1);
    expect(interactiveOf(parts[0])).toMatchObject({
      type: 'button',
      body: { text: 'How?' },
      action: { buttons: [{ reply: { title: 'Track order' } }, { reply: { title: 'Agent' } }] },
    });
    expect(Object.values(optionsOf(parts[0]))).toEqual([
      { type: 'QuickReply', text: 'Track order', payload: 'track' },
      { type: 'QuickReply', text: 'Agent', payload: 'Agent' },
    ]);
  });

  it.each([
    ['their own title', {}],
    ['their own title and the same text', { text: 'How?' }],
  ])('in the second encoding are the same, with %s', (_name, rest) => {
    const actions = offered.content.map(({ quickReply }) => quickReply);
    const content = [{ contentType: 'QuickReplyV2', quickReplyV2: { title: 'How?', actions } }];

    expect(partsOf({ ...rest, content })).toEqual(partsOf(offered));
  });

  it('with a title of their own stand behind another text', () => {
    const content = [{ quickReplyV2: { title: 'How?', actions: [{ text: 'Yes' }] } }];

    expect(partsOf({ text: 'Welcome', content }).map(textOf)).toEqual(['Welcome', 'How?']);
  });

  it('that show nothing are none, and one with a payload alone shows that', () => {
    const parts = partsOf({ text: 'How?', content: [reply(' \u200b'), reply('', 'go'), reply('Yes')] });

    expect(Object.values(optionsOf(parts[0])).map(({ text }) => text)).toEqual(['go', 'Yes']);
  });

  it('eleven of them are numbered', () => {
    const parts = partsOf({
      text: 'How?',
      content: Array.from({ length: 11 }, (_, n) => reply(`Choice ${n}`)),
    });

    expect(typesOf(parts)).toEqual(['text']);
    expect(textOf(parts[0])).toContain('\n11. Choice 10');
  });

  it('stand behind the file they come with', () => {
    const parts = partsOf({ text: 'How?', content: [attach(png), reply('Yes')] });

    expect(typesOf(parts)).toEqual(['attachment', 'interactive']);
    expect(parts.map(textOf)).toEqual(['', 'How?']);
  });
});

describe('a card', () => {
  it('with one link is a button that opens it', () => {
    const parts = partsOf({
      content: [
        card({ title: 'Plan A', description: '10 GB', actions: [link('Details', 'https://a.example')] }),
      ],
    });

    expect(interactiveOf(parts[0])).toEqual({
      type: 'cta_url',
      body: { text: '*Plan A*\n10 GB' },
      action: { name: 'cta_url', parameters: { display_text: 'Details', url: 'https://a.example' } },
    });
  });

  it('with postbacks has buttons, behind its picture', () => {
    const parts = partsOf({
      content: [
        card({ title: 'Plan A', image: 'https://a.example/a.png', actions: [postback('Choose', 'a')] }),
      ],
    });

    expect(typesOf(parts)).toEqual(['attachment', 'interactive']);
    expect(interactiveOf(parts[1])).toMatchObject({ type: 'button', body: { text: '*Plan A*' } });
    expect(Object.values(optionsOf(parts[1]))).toEqual([{ type: 'Button', text: 'Choose', payload: 'a' }]);
  });

  it('with both has its links written out above the buttons', () => {
    const parts = partsOf({
      content: [
        card({
          title: 'Plan A',
          actions: [postback('Choose', 'a'), link('Details', 'https://a.example')],
          defaultAction: { type: 'Link', url: 'https://b.example' },
        }),
      ],
    });

    expect(parts.map(textOf)).toEqual(['*Plan A*\nDetails: https://a.example\nhttps://b.example']);
    expect(interactiveOf(parts[0])).toMatchObject({ type: 'button' });
  });

  it('with nothing to tap is its picture with the words below', () => {
    expect(
      partsOf({
        content: [card({ title: 'Plan A', description: '10 GB', image: 'https://a.example/a.png' })],
      }),
    ).toMatchObject([
      { attachment: { url: 'https://a.example/a.png', mime: 'image/jpeg', caption: '*Plan A*\n10 GB' } },
    ]);
  });

  it.each([
    [
      'the same one twice',
      [link('Go', 'https://a.example')],
      { type: 'Link', url: 'https://a.example' },
      'cta_url',
    ],
    ['one for the whole card', [], { type: 'Link', url: 'https://a.example' }, 'cta_url'],
    ['one that leads to a phone', [link('Call', 'tel:+1')], null, undefined],
    ['two', [link('One', 'https://a.example'), link('Two', 'https://b.example')], null, undefined],
  ])('with links, %s, is %#', (_name, actions, defaultAction, type) => {
    const [part] = partsOf({ content: [card({ title: 'Plan A', actions, defaultAction })] });

    expect(interactiveOf(part)?.type).toBe(type);
    if (!type) for (const { url } of actions) expect(textOf(part)).toContain(url);
  });

  it('without words of its own has those of its link', () => {
    const [part] = partsOf({ content: [card({ actions: [link('Details', 'https://a.example')] })] });

    expect(textOf(part)).toBe('Details');
  });

  it('whose link says nothing opens all the same', () => {
    const [part] = partsOf({
      content: [card({ title: 'Plan A', defaultAction: { url: 'https://a.example' } })],
    });

    expect(interactiveOf(part)).toMatchObject({ action: { parameters: { display_text: 'Open' } } });
  });

  it('of a carousel comes in order with the others, each with taps of its own', () => {
    const cards = ['A', 'B', 'C'].map((title) => ({ title, actions: [postback('Choose', title)] }));
    const parts = partsOf({ text: 'Our plans', content: [{ contentType: 'Carousel', carousel: { cards } }] });

    expect(parts.map(textOf)).toEqual(['Our plans', '*A*', '*B*', '*C*']);
    const taps = parts.flatMap((part) => Object.entries(optionsOf(part)));
    expect(taps.map(([, { payload }]) => payload)).toEqual(['A', 'B', 'C']);
    expect(new Set(taps.map(([tapId]) => tapId)).size).toBe(3);
  });

  it.each(['a *b*', 'a\nb'])('whose title (%j) holds markup or lines is not made bold', (title) => {
    expect(textOf(partsOf({ content: [card({ title })] })[0])).toBe(title);
  });
});

describe('a notification', () => {
  const notification = (fields: object, name = 'template') => ({
    content: [{ contentType: 'Notification', [name]: { language: 'de', ...fields } }],
  });
  const body = {
    text: 'Hello {{1}}, see you {{2}}',
    parameters: [
      { name: '2', text: 'Monday' },
      { name: '1', text: 'Ana' },
    ],
  };

  it.each(['template', 'notification'])('that is mapped is the template at Meta (%s)', (name) => {
    expect(partsOf({ text: 'Hello Ana', ...notification({ id: 'welcome', body }, name) })).toEqual([
      {
        kind: 'ready',
        send: {
          type: 'template',
          template: {
            name: 'welcome_2',
            language: { code: 'de' },
            components: [
              {
                type: 'body',
                parameters: [
                  { type: 'text', text: 'Ana' },
                  { type: 'text', text: 'Monday' },
                ],
              },
            ],
          },
        },
        snippet: 'Hello Ana, see you Monday',
      },
    ]);
  });

  it('has parameters with names in the order they come', () => {
    const named = {
      parameters: [
        { name: 'day', text: 'Monday' },
        { name: 'who', text: 'Ana' },
      ],
    };

    expect(partsOf(notification({ id: 'welcome', body: named }))).toMatchObject([
      { send: { template: { components: [{ parameters: [{ text: 'Monday' }, { text: 'Ana' }] }] } } },
    ]);
  });

  it('leads from its buttons back to what Genesys offered', () => {
    const buttons = [
      { type: 'QuickReply', text: 'Yes', payload: 'y' },
      {
        type: 'Url',
        text: 'Look',
        url: 'https://a.example/{{1}}',
        index: 1,
        parameters: [{ name: '1', text: 'x' }],
      },
    ];
    const [part] = partsOf(notification({ id: 'welcome', buttons }));

    expect(optionsOf(part)).toEqual({ Yes: { type: 'QuickReply', text: 'Yes', payload: 'y' } });
    expect(part).toMatchObject({
      send: {
        template: {
          components: [{ type: 'button', sub_type: 'url', index: '1', parameters: [{ text: 'x' }] }],
        },
      },
    });
  });

  it.each(['other', 'constructor', undefined])(
    'that is not mapped (%j) is its text, with its buttons',
    (templateId) => {
      const parts = partsOf(
        notification({
          id: templateId,
          header: { type: 'Text', text: 'Reminder' },
          body,
          footer: { text: 'Your team' },
          buttons: [
            { type: 'QuickReply', text: 'Yes' },
            { type: 'PhoneNumber', text: 'Call', phoneNumber: '+15550100' },
          ],
        }),
      );

      expect(parts.map(textOf)).toEqual([
        'Reminder\n\nHello Ana, see you Monday\n\nYour team\nCall: +15550100',
      ]);
      expect(Object.values(optionsOf(parts[0]))).toEqual([
        { type: 'QuickReply', text: 'Yes', payload: 'Yes' },
      ]);
    },
  );

  it('with a file in its header goes piece by piece', () => {
    expect(
      partsOf(notification({ id: 'welcome', header: { type: 'Media', media: png }, body })),
    ).toMatchObject([{ kind: 'attachment', attachment: { caption: 'Hello Ana, see you Monday' } }]);
  });
});

describe('an event', () => {
  it.each([
    [{ type: 'Event', events: [{ eventType: 'Typing', typing: { type: 'On', duration: 5000 } }] }],
    [{ type: 'Event', text: '', content: [], events: [{ eventType: 'Typing' }] }],
  ])('%# that somebody types is typing', (message) => {
    expect(convert(message)).toEqual({ kind: 'typing' });
  });

  it.each([
    [{ type: 'Event', events: [{ eventType: 'Presence', presence: { type: 'Join' } }] }],
    [{ type: 'Event', events: [] }],
  ])('%# of another kind cannot be sent', (message) => {
    expect(convert(message)).toMatchObject({ kind: 'unsendable', reason: 'UnsupportedMessage' });
  });
});

describe('content of an unknown kind', () => {
  it.each([
    [
      'the text beside it',
      { text: 'When?', content: [{ contentType: 'Hologram', hologram: { x: 1 } }] },
      ['When?'],
    ],
    [
      'its own words',
      {
        content: [
          {
            contentType: 'ListPicker',
            listPicker: {
              title: 'When?',
              sections: [{ title: 'Days', items: [{ title: 'Monday', id: '1' }] }],
            },
          },
        ],
      },
      ['When?\nDays\nMonday'],
    ],
  ])('becomes %s', (_name, message, texts) => {
    expect(partsOf(message).map(textOf)).toEqual(texts);
  });

  it('without words cannot be sent', () => {
    expect(convert({ content: [{ contentType: 'Hologram', hologram: { x: 1 } }] })).toMatchObject({
      kind: 'unsendable',
      reason: 'UnsupportedMessage',
    });
  });
});

it.each([
  [{}],
  [{ text: '' }],
  [{ text: ' \u200b\n' }],
  [{ content: [] }],
  [{ text: 7n }],
  [{ content: [reply('')] }],
  [{ content: 'Hello' }],
])('a message with nothing in it (%#) is no message', (message) => {
  expect(convert(message)).toMatchObject({ kind: 'unsendable', reason: 'InvalidMessageStructure' });
});

it.each([[null], ['Hello'], [7], [[]], [undefined]])('%j is no message', (message) => {
  expect(toCustomerContent(message, options)).toMatchObject({
    kind: 'unsendable',
    reason: 'InvalidMessageStructure',
  });
});
