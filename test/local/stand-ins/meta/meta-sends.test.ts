import {
  type Bench,
  metaAuthorization,
  otherPhoneNumberId,
  phoneNumberId,
  sendJson,
  startBench,
  waitUntil,
} from '../stand-in-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const send = (body: unknown, number = phoneNumberId) =>
  sendJson(`${bench.metaUrl}/v25.0/${number}/messages`, 'POST', body, metaAuthorization);
const text = { messaging_product: 'whatsapp', type: 'text', text: { body: 'Hi' } };
const statusesOf = () =>
  bench.webhooks.map(({ bytes }) => JSON.parse(bytes.toString()).entry[0].changes[0].value.statuses[0]);
const putSettings = (settings: unknown) => sendJson(`${bench.metaUrl}/_settings`, 'PUT', settings);

test('answers a message to a phone with wamid and wa_id, then reports it sent and delivered', async () => {
  const response = await send({ ...text, to: '+1 555-0100100', biz_opaque_callback_data: 'tag' });

  expect(response.status).toBe(200);
  const answer = (await response.json()) as { messages: [{ id: string }] };
  expect(answer).toEqual({
    messaging_product: 'whatsapp',
    contacts: [{ input: '+1 555-0100100', wa_id: '15550100100' }],
    messages: [{ id: expect.stringMatching(/^wamid\./) }],
  });
  await waitUntil(() => bench.webhooks.length === 2);
  const ofMessage = {
    id: answer.messages[0].id,
    recipient_id: '15550100100',
    biz_opaque_callback_data: 'tag',
  };
  for (const status of ['sent', 'delivered']) {
    expect(statusesOf()).toContainEqual(expect.objectContaining({ ...ofMessage, status }));
  }
});

test('answers a message to a user id with it', async () => {
  const response = await send({ ...text, recipient: 'DE.1A' });

  expect(await response.json()).toMatchObject({ contacts: [{ input: 'DE.1A', user_id: 'DE.1A' }] });
});

test('prefers the phone when both are given', async () => {
  const response = await send({ ...text, to: '15550100100', recipient: 'DE.1A' });

  const { contacts } = (await response.json()) as { contacts: unknown };
  expect(contacts).toEqual([{ input: '15550100100', wa_id: '15550100100' }]);
});

test('tells that a template was accepted', async () => {
  const template = { name: 'hello_world', language: { code: 'en_US' } };

  const response = await send({ messaging_product: 'whatsapp', to: '1', type: 'template', template });

  expect(await response.json()).toMatchObject({ messages: [{ message_status: 'accepted' }] });
});

test('accepts a user id put in `to` and fails it later', async () => {
  expect((await send({ ...text, to: 'DE.123' })).status).toBe(200);

  await waitUntil(() => bench.webhooks.length === 1);
  expect(statusesOf()[0]).toMatchObject({ status: 'failed', errors: [{ code: 131026 }] });
});

test('reports nothing by itself once told so, and again by default', async () => {
  await putSettings({ auto: false });
  await send({ ...text, to: '1' });
  await putSettings({});
  await send({ ...text, to: '2' });

  await waitUntil(() => bench.webhooks.length === 2);
  expect(statusesOf().map(({ recipient_id }) => recipient_id)).toEqual(['2', '2']);
});

test.each([{ auto: 'no' }, { automatic: true }, 'x'])('refuses the settings %j', async (settings) => {
  expect((await putSettings(settings)).status).toBe(400);
});

test('marks a message as read', async () => {
  const response = await send({ messaging_product: 'whatsapp', status: 'read', message_id: 'wamid.A=' });

  expect(await response.json()).toEqual({ success: true });
  expect(bench.webhooks).toEqual([]);
});

test('answers a refusal in the error body of the Graph API', async () => {
  const response = await send({ ...text, to: '1', text: { body: '' } });

  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: {
      message: '(#100) Invalid parameter',
      type: 'OAuthException',
      code: 100,
      error_data: { messaging_product: 'whatsapp', details: expect.stringContaining('text.body') },
      fbtrace_id: expect.stringMatching(/^A/),
    },
  });
});

test.each([
  ['a body that is not JSON', '{', 100],
  [
    'media that was never uploaded',
    { messaging_product: 'whatsapp', to: '1', type: 'image', image: { id: '9' } },
    131009,
  ],
])('refuses %s', async (_name, body, code) => {
  expect(await (await send(body)).json()).toMatchObject({ error: { code } });
});

test('sends media that was uploaded', async () => {
  const headers = { 'content-type': 'image/png' };
  const added = await fetch(`${bench.metaUrl}/_media`, { method: 'POST', headers, body: Buffer.from([1]) });
  const { id } = (await added.json()) as { id: string };

  const response = await send({ messaging_product: 'whatsapp', to: '1', type: 'image', image: { id } });

  expect(response.status).toBe(200);
});

test('refuses a number of another token and a call it does not know', async () => {
  expect(await (await send({ ...text, to: '1' }, otherPhoneNumberId)).json()).toMatchObject({
    error: { code: 100, error_subcode: 33 },
  });
  const wrongMethod = await fetch(`${bench.metaUrl}/v25.0/${phoneNumberId}/messages`, {
    headers: metaAuthorization,
  });
  expect(await wrongMethod.json()).toMatchObject({ error: { code: 2500 } });
});
