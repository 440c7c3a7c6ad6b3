import { createHmac } from 'node:crypto';
import {
  authorizeGenesys,
  type Bench,
  integrationId,
  otherIntegrationId,
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

const reply = (order: unknown) => sendJson(`${bench.genesysUrl}/_reply`, 'POST', order);
const lastWebhook = () => JSON.parse(bench.webhooks.at(-1)?.bytes.toString('utf8') ?? 'null');
const retryDelays = () => bench.delaysMs.filter((delayMs) => delayMs === 5_000);

test('sends a signed text and answers its id', async () => {
  const response = await reply({ to: '15550100100', text: 'Olá Ana' });

  const { id, status } = (await response.json()) as { id: string; status: number };
  expect(status).toBe(200);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  const [webhook] = bench.webhooks;
  expect(webhook?.path).toBe(`/webhook/genesys/${integrationId}`);
  const digest = createHmac('sha256', secretsOf('one').genesysWebhookSecret)
    .update(webhook?.bytes ?? '')
    .digest('base64');
  expect(webhook?.headers['x-hub-signature-256']).toBe(`sha256=${digest}`);
  expect(lastWebhook()).toEqual({
    id,
    channel: {
      id: integrationId,
      platform: 'Open',
      type: 'Private',
      to: { id: '15550100100', idType: 'Phone' },
      from: { id: integrationId, idType: 'Opaque', nickname: 'WhatsApp' },
      time: expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/),
      messageId: id,
    },
    type: 'Text',
    text: 'Olá Ana',
    originatingEntity: 'Human',
    direction: 'Outbound',
    conversationId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
});

test('goes out on the integration, and in the conversation, in which the customer last wrote', async () => {
  const url = `${bench.genesysUrl}/api/v2/conversations/messages/${otherIntegrationId}/inbound/open/message`;
  const channel = { from: { id: 'US.77', idType: 'Opaque' }, time: '2026-11-20T10:15:30.123Z' };
  const inbound = await sendJson(
    `${url}?prefetchConversationId=true`,
    'POST',
    { channel, text: 'Hi' },
    await authorizeGenesys(bench),
  );
  const { conversationId } = (await inbound.json()) as { conversationId: string };

  await reply({ to: 'US.77', text: 'Hello' });

  expect(bench.webhooks.at(-1)?.path).toBe(`/webhook/genesys/${otherIntegrationId}`);
  expect(lastWebhook()).toMatchObject({ conversationId, channel: { to: { id: 'US.77', idType: 'Opaque' } } });
});

test('goes out on the integration that the order names', async () => {
  await reply({ to: '1', text: 'Hello', integrationId: otherIntegrationId });

  expect(bench.webhooks.at(-1)?.path).toBe(`/webhook/genesys/${otherIntegrationId}`);
});

test.each([
  [
    'an attachment',
    { content: [{ contentType: 'Attachment', attachment: {} }] },
    { type: 'Text', originatingEntity: 'Human' },
  ],
  [
    'quick replies',
    { text: 'A?', content: [{ contentType: 'QuickReply' }] },
    { type: 'Structured', originatingEntity: 'Bot' },
  ],
  [
    'typing',
    { type: 'Event' },
    { type: 'Event', events: [{ eventType: 'Typing', typing: { type: 'On', duration: 5000 } }] },
  ],
  [
    'a receipt',
    { type: 'Receipt', id: 'own' },
    { id: 'own', type: 'Receipt', status: 'Published', direction: 'Inbound' },
  ],
  ['an unknown type', { type: 'Novelty' }, { type: 'Novelty' }],
])('sends %s', async (_name, order, webhook) => {
  await reply({ to: '1', ...order });

  expect(lastWebhook()).toMatchObject(webhook);
});

test('tries again, five times at most, after 429 and 5xx', async () => {
  bench.answers.push(500, 429, 503, 502, 500, 599);

  const response = await reply({ to: '1', text: 'Hello' });

  expect(await response.json()).toMatchObject({ status: 500 });
  await waitUntil(() => bench.webhooks.length === 6 && bench.answers.length === 0);
  await waitUntil(() => retryDelays().length === 5);
  expect(new Set(bench.webhooks.map(({ bytes }) => bytes.toString())).size).toBe(1);
});

test('does not try again after another refusal', async () => {
  bench.answers.push(401);

  const response = await reply({ to: '1', text: 'Hello' });

  expect(await response.json()).toMatchObject({ status: 401 });
  expect(retryDelays()).toEqual([]);
});

test('tries again when the bridge does not answer within ten seconds', async () => {
  await bench.close();
  bench = await startBench((delayMs) => delayMs / 100);
  bench.answers.push('hang');

  const response = await reply({ to: '1', text: 'Hello' });

  expect(await response.json()).toMatchObject({ status: null });
  expect(bench.delaysMs[0]).toBe(10_000);
  await waitUntil(() => bench.webhooks.length === 2);
});

test.each([
  ['no customer', { text: 'Hello' }, 'to is required'],
  ['nothing to say', { to: '1' }, 'needs text or content'],
  ['content that is no list', { to: '1', content: {} }, 'content must be a list'],
  ['an unknown key', { to: '1', text: 'a', txt: 'b' }, 'txt is not a known field'],
  ['an unknown integration', { to: '1', text: 'a', integrationId: 'x' }, 'no integration x'],
  ['no JSON', '{', 'not JSON'],
])('refuses a reply with %s', async (_name, order, message) => {
  const response = await reply(order);

  expect(response.status).toBe(400);
  expect(((await response.json()) as { message: string }).message).toContain(message);
  expect(bench.webhooks).toEqual([]);
});
