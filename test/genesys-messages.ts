// Messages of Genesys for random tests: every kind its models name, whole, broken and hostile.
import fc from 'fast-check';

const family = '👨‍👩‍👧‍👦';

/** Words that are there to be found again: no two alike, nothing in them that is made safe. */
const word = fc.uuid().map((uuid) => uuid.slice(0, 13));

const hostile = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    '',
    ' ',
    '\u200b',
    '\u202e',
    family.repeat(40),
    `a${'\u0301'.repeat(500)}`,
    'x'.repeat(5000),
  ),
);

/** A text that holds its word, between others that may be anything. */
const saying = (marker: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.oneof({ weight: 3, arbitrary: fc.constant('') }, hostile), marker)
    .map(([before, said]) => `${said} ${before}`);

const orLeftOut = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

const text = saying(word);
const url = word.map((name) => `https://files.example/${name}`);

export const anAttachment = fc.record({
  contentType: fc.constant('Attachment'),
  attachment: fc.record(
    {
      id: word,
      url,
      mediaType: fc.constantFrom('Image', 'Video', 'Audio', 'File', 'Voice', 'Sticker', 'Hologram'),
      mime: fc.constantFrom('image/png', 'video/mp4', 'audio/ogg', 'application/pdf', ''),
      filename: text,
    },
    { requiredKeys: ['url'] },
  ),
});

const reply = fc.record({ text, payload: orLeftOut(word), action: fc.constant('Message') });
export const aQuickReply = reply.map((quickReply) => ({ contentType: 'QuickReply', quickReply }));
const secondQuickReply = fc
  .record({ title: orLeftOut(text), actions: fc.array(reply, { minLength: 1, maxLength: 12 }) })
  .map((quickReplyV2) => ({ contentType: 'QuickReplyV2', quickReplyV2 }));

const action = fc.oneof(
  fc.record({ type: fc.constant('Postback'), text, payload: word }),
  fc.record({ type: fc.constant('Link'), text: orLeftOut(text), url }),
);
const card = fc.record(
  {
    title: text,
    description: fc.option(text),
    image: fc.option(url),
    video: fc.option(url),
    defaultAction: fc.option(fc.record({ type: fc.constant('Link'), url })),
    actions: fc.array(action, { maxLength: 12 }),
  },
  { requiredKeys: ['title'] },
);
const aCard = card.map((one) => ({ contentType: 'Card', card: one }));
const aCarousel = fc
  .array(card, { minLength: 1, maxLength: 4 })
  .map((cards) => ({ contentType: 'Carousel', carousel: { cards } }));
const aText = text.map((body) => ({ contentType: 'Text', text: { body } }));

const parameters = fc.array(fc.record({ name: orLeftOut(fc.constantFrom('1', '2', 'who')), text }), {
  maxLength: 3,
});
export const aNotification = fc
  .record({
    id: fc.constantFrom('mapped', 'unmapped'),
    header: orLeftOut(fc.record({ type: fc.constant('Text'), text })),
    body: fc.record({ text, parameters }),
    footer: orLeftOut(fc.record({ text })),
    buttons: fc.array(fc.record({ type: fc.constant('QuickReply'), text }), { maxLength: 4 }),
  })
  .map((template) => ({ contentType: 'Notification', template }));

const content = fc.oneof(anAttachment, aQuickReply, secondQuickReply, aCard, aCarousel, aText);

/** A message whose every word must reach the customer. */
export const aDeskBody = fc.record(
  {
    id: word,
    type: fc.constantFrom('Text', 'Structured'),
    text,
    content: fc.oneof(
      fc.array(content, { maxLength: 4 }),
      fc.array(aQuickReply, { minLength: 1, maxLength: 13 }),
    ),
  },
  { requiredKeys: ['id', 'content'] },
);

/** As above, with anything in the place of anything. */
export const aBrokenBody = fc.oneof(
  fc.anything(),
  fc.record(
    {
      id: fc.anything(),
      text: fc.oneof(hostile, fc.anything()),
      content: fc.oneof(
        fc.array(fc.oneof(content, aNotification, fc.anything()), { maxLength: 4 }),
        fc.anything(),
      ),
      events: fc.anything(),
    },
    { requiredKeys: [] },
  ),
  fc
    .array(
      fc.constantFrom('attachment', 'quickReply', 'quickReplyV2', 'card', 'carousel', 'text', 'template'),
    )
    .chain((names) =>
      fc.record(
        Object.fromEntries(
          names.map((name) => [
            name,
            fc.object({
              key: fc.constantFrom('text', 'title', 'actions', 'cards', 'url', 'body', 'buttons', 'image'),
            }),
          ]),
        ),
      ),
    )
    .map((entry) => ({ id: 'a', content: [entry] })),
);
