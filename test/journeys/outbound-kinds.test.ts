import { findReadMarkFaults, findReceiptFaults, findSendFaults } from '../schemas/schemas.ts';
import { aPhone, LocalRun, until } from './local-run.ts';
import { someBytes } from './media-words.ts';
import { WayBack, wamidOf } from './way-back.ts';

let run: LocalRun;
let back: WayBack;
beforeAll(async () => {
  run = await LocalRun.start('test/journeys/outbound-tenant.json');
  back = new WayBack(run);
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => back.calm());
jest.setTimeout(60_000);

type Json = Record<string, unknown>;

/** Somebody who has just written, so that the agent may answer. */
async function aCustomer(over: { userId?: string } = {}): Promise<string> {
  const phone = aPhone();
  const { userId } = over;
  await run.send(`hello from ${phone}`, userId === undefined ? { from: phone } : { userId });
  await run.untilDelivered(1, (text) => text === `hello from ${phone}`);
  return userId ?? phone;
}

/** What the customer gets of a reply, checked against the schemas, and that the agent hears of it. */
async function sendsOf(customer: string, message: string | Json, count = 1) {
  const id = await back.reply(customer, message);
  const sends = await back.untilSent(count, customer);
  expect(sends.flatMap(({ body }) => findSendFaults(body))).toEqual([]);
  const receipt = await back.untilReceipt(id);
  expect(receipt).toMatchObject({ status: 'Delivered', channel: { to: { id: customer } } });
  expect(findReceiptFaults(receipt)).toEqual([]);
  expect(await back.sent(customer)).toHaveLength(count);
  return { id, sends, bodies: sends.map(({ body }) => body) };
}

const quickReply = (text: string) => ({
  contentType: 'QuickReply',
  quickReply: { text, payload: `payload of ${text}`, action: 'Message' },
});
const quickReplies = (count: number) =>
  Array.from({ length: count }, (_, at) => quickReply(`Choice ${at + 1}`));

describe('texts', () => {
  it('reach a customer by phone', async () => {
    const customer = await aCustomer();

    const { id, bodies } = await sendsOf(customer, 'Hello Ana, naïve 🎉');

    expect(bodies).toEqual([
      {
        messaging_product: 'whatsapp',
        recipient_type: 'individual',
        to: customer,
        type: 'text',
        text: { body: 'Hello Ana, naïve 🎉' },
        biz_opaque_callback_data: `${id}.0`,
      },
    ]);
  });

  it('reach a customer who hides the phone by user id, which is never dialled', async () => {
    const customer = await aCustomer({ userId: `GB.${aPhone()}` });

    const { bodies } = await sendsOf(customer, 'Hello');

    expect(bodies).toEqual([expect.objectContaining({ recipient: customer })]);
    expect(bodies[0]).not.toHaveProperty('to');
  });

  it('over 4,096 characters arrive in parts, whole and in order', async () => {
    const customer = await aCustomer();
    const text = Array.from({ length: 1200 }, (_, at) => `word${at}`).join(' ');

    const { id, bodies } = await sendsOf(customer, text, Math.ceil(text.length / 4096));

    expect(bodies.map((body) => body.text?.body).join(' ')).toBe(text);
    expect(bodies.map((body) => body.biz_opaque_callback_data)).toEqual(bodies.map((_, at) => `${id}.${at}`));
  });
});

describe('files', () => {
  const attachment = (url: string, mime: string, over: Json = {}) => ({
    contentType: 'Attachment',
    attachment: { id: 'a', mediaType: 'File', url, mime, ...over },
  });

  it.each([
    ['image', 'image/jpeg', 'image'],
    ['video', 'video/mp4', 'video'],
    ['document', 'application/pdf', 'document'],
  ])('of type %s are fetched with our token, uploaded and sent', async (_name, mime, type) => {
    const customer = await aCustomer();
    const url = await back.store(someBytes(mime, 2000), mime);

    const { bodies } = await sendsOf(customer, { content: [attachment(url, mime, { filename: 'label' })] });

    expect(bodies).toEqual([
      expect.objectContaining({ type, [type]: expect.objectContaining({ id: expect.any(String) }) }),
    ]);
    expect(JSON.stringify(bodies)).not.toContain(url);
  });

  it('that WhatsApp may refuse are a link to our own copy', async () => {
    const customer = await aCustomer();
    const bytes = someBytes('application/zip', 2000);
    const url = await back.store(bytes, 'application/zip');

    const { bodies } = await sendsOf(customer, {
      content: [attachment(url, 'application/zip', { filename: 'labels.zip' })],
    });

    const link = bodies[0]?.text?.body.match(/http\S+/)?.[0] ?? '';
    expect(link.startsWith(`${run.endpoints.bridge}/media/`)).toBe(true);
    expect(Buffer.from(await (await fetch(link)).arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('with a text arrive as one message', async () => {
    const customer = await aCustomer();
    const url = await back.store(someBytes('image/jpeg', 2000), 'image/jpeg', { open: true });

    const { bodies } = await sendsOf(customer, {
      text: 'your label',
      content: [attachment(url, 'image/jpeg', { mediaType: 'Image' })],
    });

    expect(bodies).toEqual([
      expect.objectContaining({ type: 'image', image: expect.objectContaining({ caption: 'your label' }) }),
    ]);
  });
});

describe('choices', () => {
  it.each([
    [3, 'button'],
    [10, 'list'],
  ])('up to %i are a %s', async (count, type) => {
    const customer = await aCustomer();

    const { bodies } = await sendsOf(customer, { text: 'How can we help?', content: quickReplies(count) });

    expect(bodies).toEqual([
      expect.objectContaining({
        type: 'interactive',
        interactive: expect.objectContaining({ type, body: { text: 'How can we help?' } }),
      }),
    ]);
  });

  it('of eleven are numbered lines', async () => {
    const customer = await aCustomer();

    const { bodies } = await sendsOf(customer, { text: 'Which one?', content: quickReplies(11) });

    expect(bodies.map((body) => body.text?.body)).toEqual([
      expect.stringMatching(/^Which one\?[\s\S]*11\. Choice 11$/),
    ]);
  });

  it('of the newer encoding are offered alike', async () => {
    const customer = await aCustomer();
    const actions = [{ text: 'Track', payload: 'track', action: 'Message' }];

    const { bodies } = await sendsOf(customer, {
      type: 'Structured',
      content: [{ contentType: 'QuickReplyV2', quickReplyV2: { title: 'Well?', actions } }],
    });

    expect(bodies).toEqual([expect.objectContaining({ type: 'interactive' })]);
  });

  it('that the customer taps come back to Genesys with the words and payload it gave them', async () => {
    const customer = await aCustomer();
    const { id, sends } = await sendsOf(customer, { text: 'How can we help?', content: quickReplies(2) });
    const [sent] = sends;
    const reply = sent?.body.interactive?.action.buttons?.[1]?.reply;

    await run.tell('POST', `${run.endpoints.meta}/_send`, {
      from: customer,
      message: {
        type: 'interactive',
        context: { id: sent ? wamidOf(sent) : '' },
        interactive: { type: 'button_reply', button_reply: reply },
      },
    });

    const taps = async () =>
      (
        await run.get<{ path: string; status: number; body: Json }[]>(`${run.endpoints.genesys}/_requests`)
      ).filter(({ path, status }) => path.endsWith('/structured/response') && status === 200);
    const [tap] = await until(taps, (found) => found.length > 0);
    expect(tap?.body).toMatchObject({
      originatingMessageId: id,
      buttonResponse: { type: 'QuickReply', text: 'Choice 2', payload: 'payload of Choice 2' },
    });
  });
});

describe('cards', () => {
  const card = {
    title: 'Plan A',
    description: '10 GB',
    actions: [
      { type: 'Postback', text: 'Choose A', payload: 'plan_a' },
      { type: 'Link', text: 'Details', url: 'https://example.com/a' },
    ],
  };
  const link = { ...card, actions: card.actions.slice(1) };

  it('arrive with their buttons', async () => {
    const customer = await aCustomer();

    const { bodies } = await sendsOf(customer, {
      type: 'Structured',
      content: [{ contentType: 'Card', card }],
    });

    expect(JSON.stringify(bodies)).toContain('Plan A');
    expect(JSON.stringify(bodies)).toContain('Choose A');
    expect(JSON.stringify(bodies)).toContain('https://example.com/a');
  });

  it('with one link arrive as a link button', async () => {
    const customer = await aCustomer();

    const { bodies } = await sendsOf(customer, {
      type: 'Structured',
      content: [{ contentType: 'Card', card: link }],
    });

    expect(bodies).toEqual([
      expect.objectContaining({ interactive: expect.objectContaining({ type: 'cta_url' }) }),
    ]);
  });

  it('of a carousel arrive one after another', async () => {
    const customer = await aCustomer();
    const carousel = { cards: [card, { ...card, title: 'Plan B' }] };

    const { bodies } = await sendsOf(
      customer,
      { type: 'Structured', content: [{ contentType: 'Carousel', carousel }] },
      2,
    );

    expect(bodies.map((body) => /Plan [AB]/.exec(JSON.stringify(body))?.[0])).toEqual(['Plan A', 'Plan B']);
  });
});

describe('templates', () => {
  const notification = {
    contentType: 'Notification',
    template: {
      id: 'parcel-shipped',
      language: 'en-GB',
      body: { text: 'Your parcel {{1}} is on its way', parameters: [{ name: '1', text: 'A-17' }] },
    },
  };

  it('that the tenant mapped go as the template at Meta', async () => {
    const customer = await aCustomer();

    const { bodies } = await sendsOf(customer, { type: 'Structured', content: [notification] });

    expect(bodies).toEqual([
      expect.objectContaining({
        type: 'template',
        template: expect.objectContaining({ name: 'parcel_shipped', language: { code: 'en_GB' } }),
      }),
    ]);
  });

  it('go to a customer who has not written for a day, in place of what may not be sent then', async () => {
    const phone = aPhone();
    const timestamp = String(Math.floor(Date.now() / 1000) - 25 * 3600);
    await run.tell('POST', `${run.endpoints.meta}/_send`, {
      from: phone,
      message: { type: 'text', timestamp, text: { body: `long ago from ${phone}` } },
    });
    await run.untilDelivered(1, (text) => text === `long ago from ${phone}`);

    await back.reply(phone, 'are you still there?');

    const [send] = await back.untilSent(1, phone);
    expect(send?.body).toMatchObject({ type: 'template', template: { name: 'write_to_us' } });
    expect(findSendFaults(send?.body)).toEqual([]);
  });
});

it('an agent who types is seen typing, which marks the customer’s message as read', async () => {
  const customer = aPhone();
  const wamid = await run.send(`read me, ${customer}`, { from: customer });
  await run.untilDelivered(1, (text) => text === `read me, ${customer}`);

  await back.reply(customer, { type: 'Event' });

  const marks = async () => (await back.asked()).filter(({ body }) => body.status === 'read');
  const [mark] = await until(marks, (found) => found.length > 0);
  expect(mark?.body).toEqual({
    messaging_product: 'whatsapp',
    status: 'read',
    message_id: wamid,
    typing_indicator: { type: 'text' },
  });
  expect(findReadMarkFaults(mark?.body)).toEqual([]);
});
