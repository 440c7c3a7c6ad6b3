import { createHmac } from 'node:crypto';
import {
  type Bench,
  metaAuthorization,
  otherPhoneNumberId,
  phoneNumberId,
  secretsOf,
  sendJson,
  startBench,
  waitUntil,
} from '../stand-in-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const text = { type: 'text', text: { body: 'Hi' } };
const send = (order: unknown) => sendJson(`${bench.metaUrl}/_send`, 'POST', order);
const orderStatus = (order: unknown) => sendJson(`${bench.metaUrl}/_status`, 'POST', order);
const readValue = (index: number) =>
  JSON.parse(bench.webhooks[index]?.bytes.toString('utf8') ?? 'null').entry[0].changes[0].value;
const webhookDelays = () => bench.delaysMs.filter((delayMs) => delayMs !== 20_000);

describe('_send', () => {
  test('posts the whole webhook of a customer known by phone and user id', async () => {
    const startedSeconds = Math.floor(Date.now() / 1000);

    const response = await send({ from: '4917012345', userId: 'DE.1A', name: 'Åsa', message: text });

    const { id, status } = (await response.json()) as { id: string; status: number };
    expect(status).toBe(200);
    expect(id).toMatch(/^wamid\.[A-Za-z0-9+/]+=*$/);
    expect(bench.webhooks).toHaveLength(1);
    expect(bench.webhooks[0]?.path).toBe('/webhook/meta');
    expect(bench.webhooks[0]?.headers['content-type']).toBe('application/json');
    expect(JSON.parse(bench.webhooks[0]?.bytes.toString() ?? '')).toEqual({
      object: 'whatsapp_business_account',
      entry: [
        { id: expect.stringMatching(/^\d+$/), changes: [{ field: 'messages', value: expect.anything() }] },
      ],
    });
    expect(readValue(0)).toEqual({
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: '15550001111', phone_number_id: phoneNumberId },
      contacts: [{ profile: { name: 'Åsa' }, wa_id: '4917012345', user_id: 'DE.1A' }],
      messages: [
        {
          from: '4917012345',
          from_user_id: 'DE.1A',
          id,
          timestamp: expect.stringMatching(/^\d{10}$/),
          ...text,
        },
      ],
    });
    expect(Number(readValue(0).messages[0].timestamp)).toBeGreaterThanOrEqual(startedSeconds);
  });

  test('signs exactly the bytes it sends, escaped as Meta does', async () => {
    await send({ message: { type: 'text', text: { body: 'é/😀 \uFFFE' } } });

    const [webhook] = bench.webhooks;
    const sent = webhook?.bytes.toString('latin1') ?? '';
    expect(sent).toMatch(/^[ -~]+$/);
    expect(sent).toContain('"\\u00e9\\/\\ud83d\\ude00 \\ufffe"');
    const digest = createHmac('sha256', secretsOf('one').metaAppSecret)
      .update(webhook?.bytes ?? '')
      .digest('hex');
    expect(webhook?.headers['x-hub-signature-256']).toBe(`sha256=${digest}`);
    expect(readValue(0).messages[0].text.body).toBe('é/😀 \uFFFE');
  });

  test('speaks for a fixed demo person unless told who', async () => {
    await send({ message: text });
    await send({ message: text, name: 'Bo' });

    const { contacts, messages } = readValue(0);
    expect(contacts[0].profile.name).toBeTruthy();
    expect(messages[0].from).toBe(contacts[0].wa_id);
    expect(messages[0].from_user_id).toBe(contacts[0].user_id);
    expect(readValue(1).contacts[0]).toEqual({ ...contacts[0], profile: { name: 'Bo' } });
  });

  test('knows only the phone when only that is given, only the user id when only that', async () => {
    await send({ from: '4917012345', message: text });
    await send({ userId: 'DE.1A', message: text });

    expect(readValue(0).contacts[0]).toEqual({ profile: { name: expect.any(String) }, wa_id: '4917012345' });
    expect(readValue(0).messages[0]).not.toHaveProperty('from_user_id');
    expect(readValue(1).contacts[0]).toEqual({ profile: { name: expect.any(String) }, user_id: 'DE.1A' });
    expect(readValue(1).messages[0]).not.toHaveProperty('from');
  });

  test('writes to the number asked for, with its secret', async () => {
    await send({ phoneNumberId: otherPhoneNumberId, message: text });

    const [webhook] = bench.webhooks;
    const digest = createHmac('sha256', secretsOf('two').metaAppSecret)
      .update(webhook?.bytes ?? '')
      .digest('hex');
    expect(webhook?.headers['x-hub-signature-256']).toBe(`sha256=${digest}`);
    expect(readValue(0).metadata.phone_number_id).toBe(otherPhoneNumberId);
  });

  test('sends a system message without contacts', async () => {
    await send({
      from: '1',
      message: { type: 'system', system: { type: 'user_changed_number', wa_id: '2' } },
    });

    expect(readValue(0)).not.toHaveProperty('contacts');
    expect(readValue(0).messages[0].from).toBe('1');
  });

  test('leaves any kind of message as it is', async () => {
    const message = { type: 'novelty', timestamp: '1', novelty: { a: [1, null] } };

    await send({ message });

    expect(readValue(0).messages[0]).toMatchObject(message);
  });

  test('tries again after 1, 5, 30 s and more until exactly 200', async () => {
    bench.answers.push(503, 202, 401);

    const response = await send({ message: text });

    expect(await response.json()).toEqual({ id: expect.stringMatching(/^wamid\./), status: 503 });
    await waitUntil(() => bench.webhooks.length === 4);
    expect(webhookDelays()).toEqual([1_000, 5_000, 30_000]);
    expect(new Set(bench.webhooks.map(({ bytes }) => bytes.toString())).size).toBe(1);
  });

  test('gives up after nine attempts', async () => {
    await bench.close();
    bench = await startBench((delayMs) => (delayMs === 20_000 ? 2_000 : delayMs / 100_000));
    bench.answers.push(...new Array(12).fill(500));

    await send({ message: text });

    await waitUntil(() => bench.webhooks.length === 9);
    await waitUntil(() => webhookDelays().length === 8);
    expect(bench.answers).toHaveLength(3);
  });

  test('answers without a status when the bridge does not answer in time', async () => {
    await bench.close();
    bench = await startBench((delayMs) => delayMs / 400);
    bench.answers.push('hang');

    const response = await send({ message: text });

    expect(await response.json()).toEqual({ id: expect.any(String), status: null });
    await waitUntil(() => bench.webhooks.length === 2);
  });

  test.each([
    ['no message', {}, 'message is required'],
    ['a message that is no object', { message: 'Hi' }, 'message must be an object'],
    ['a message list', { message: [text] }, 'message must be an object'],
    ['a message without type', { message: { text: { body: 'Hi' } } }, 'message.type must name'],
    ['a sender that is no text', { from: 49, message: text }, 'from must be a string'],
    ['an unknown key', { userID: 'DE.1', message: text }, 'userID is not a known field'],
    ['an unknown number', { phoneNumberId: '1', message: text }, 'no phoneNumberId 1'],
    ['no JSON', 'Hi', 'not JSON'],
    ['no object', '[]', 'must be an object'],
  ])('refuses %s', async (_name, order, problem) => {
    const response = await send(order);

    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toContain(problem);
    expect(bench.webhooks).toEqual([]);
  });
});

describe('_status', () => {
  test('posts a signed status of a message it does not know, to the demo person', async () => {
    const response = await orderStatus({ id: 'wamid.X=', status: 'delivered' });

    expect(await response.json()).toEqual({ id: 'wamid.X=', status: 200 });
    expect(bench.webhooks[0]?.headers['x-hub-signature-256']).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(readValue(0)).toMatchObject({
      metadata: { phone_number_id: phoneNumberId },
      contacts: [{ wa_id: expect.any(String), user_id: expect.any(String) }],
      statuses: [
        {
          id: 'wamid.X=',
          status: 'delivered',
          timestamp: expect.stringMatching(/^\d{10}$/),
          recipient_id: expect.any(String),
          recipient_user_id: expect.any(String),
        },
      ],
    });
  });

  test('posts a failure with its errors, without contacts or user id', async () => {
    const errors = [{ code: 131047, title: 'Re-engagement message' }];

    await orderStatus({ id: 'wamid.X=', status: 'failed', errors, phoneNumberId: otherPhoneNumberId });

    expect(readValue(0).metadata.phone_number_id).toBe(otherPhoneNumberId);
    expect(readValue(0)).not.toHaveProperty('contacts');
    expect(readValue(0).statuses[0]).toMatchObject({ status: 'failed', errors });
    expect(readValue(0).statuses[0]).not.toHaveProperty('recipient_user_id');
  });

  test('remembers recipient, number and tag of what the bridge sent', async () => {
    await sendJson(`${bench.metaUrl}/_settings`, 'PUT', { auto: false });
    const sent = await sendJson(
      `${bench.metaUrl}/v25.0/${phoneNumberId}/messages`,
      'POST',
      { messaging_product: 'whatsapp', recipient: 'DE.1A', biz_opaque_callback_data: 'tag', ...text },
      metaAuthorization,
    );
    const { messages } = (await sent.json()) as { messages: [{ id: string }] };

    await orderStatus({ id: messages[0].id, status: 'sent' });

    expect(readValue(0).statuses[0]).toMatchObject({
      id: messages[0].id,
      recipient_user_id: 'DE.1A',
      biz_opaque_callback_data: 'tag',
      pricing: { pricing_model: 'PMP' },
    });
    expect(readValue(0).statuses[0]).not.toHaveProperty('recipient_id');
  });

  test.each([
    ['no id', { status: 'sent' }, 'id is required'],
    ['no status', { id: 'wamid.X' }, 'status is required'],
    ['errors that are no list', { id: 'a', status: 'failed', errors: {} }, 'errors must be a list'],
    ['an unknown number', { id: 'a', status: 'sent', phoneNumberId: '1' }, 'no phoneNumberId 1'],
  ])('refuses %s', async (_name, order, problem) => {
    const response = await orderStatus(order);

    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toContain(problem);
  });
});
