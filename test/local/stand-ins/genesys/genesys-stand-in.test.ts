import {
  authorizeGenesys,
  type Bench,
  integrationId,
  otherIntegrationId,
  secretsOf,
  sendJson,
  startBench,
} from '../stand-in-bench.ts';

let bench: Bench;
let authorization: { authorization: string };
beforeEach(async () => {
  bench = await startBench();
  authorization = await authorizeGenesys(bench);
});
afterEach(() => bench.close());

const inboundUrl = (call = 'message', integration = integrationId) =>
  `${bench.genesysUrl}/api/v2/conversations/messages/${integration}/inbound/open/${call}`;
const textOf = (messageId = 'wamid.A=', customerId = '15550100100') => ({
  channel: { messageId, from: { id: customerId, idType: 'Phone' }, time: '2026-11-20T10:15:30.123Z' },
  text: 'Hi',
});
const post = (url: string, body: unknown, headers: Record<string, string> = authorization) =>
  sendJson(url, 'POST', body, headers);
const postPrefetch = async (body: unknown, integration = integrationId) =>
  (await (await post(`${inboundUrl('message', integration)}?prefetchConversationId=true`, body)).json()) as {
    id: string;
    conversationId?: string;
  };
const putSettings = (settings: unknown) => sendJson(`${bench.genesysUrl}/_settings`, 'PUT', settings);
const postTokenForm = (headers: Record<string, string>, body = 'grant_type=client_credentials') =>
  fetch(`${bench.genesysUrl}/oauth/token`, { method: 'POST', headers, body });
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

describe('token', () => {
  const { genesysClientId: id, genesysClientSecret: secret } = secretsOf('two');

  test('is issued to the client of any number, for a day', async () => {
    const response = await postTokenForm({ ...form, ...basic(id, secret) });

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      access_token: expect.stringMatching(/^[\w-]{40,}$/),
      token_type: 'bearer',
      expires_in: 86_400,
    });
  });

  test.each([
    ['a wrong secret', { ...form, ...basic(id, 'wrong') }, undefined, 'invalid_client'],
    ['no credentials', form, undefined, 'invalid_client'],
    ['another grant', { ...form, ...basic(id, secret) }, 'grant_type=password', 'unsupported_grant_type'],
    ['a JSON body', { 'content-type': 'application/json', ...basic(id, secret) }, '{}', 'invalid_request'],
  ])('is refused for %s', async (_name, headers, body, error) => {
    const response = await postTokenForm(headers, body);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error,
      description: expect.any(String),
      error_description: expect.any(String),
    });
  });

  test('is asked for by POST only', async () => {
    expect((await fetch(`${bench.genesysUrl}/oauth/token`)).status).toBe(405);
  });

  test('is required by the API', async () => {
    const none = await post(inboundUrl(), textOf(), {});
    const wrong = await post(inboundUrl(), textOf(), { authorization: 'Bearer made-up' });

    expect(none.status).toBe(401);
    expect(await none.json()).toMatchObject({ code: 'authentication.required', status: 401 });
    expect(wrong.status).toBe(401);
    expect(await wrong.json()).toMatchObject({
      code: 'bad.credentials',
      status: 401,
      details: [],
      errors: [],
    });
  });

  test('ends after its lifetime', async () => {
    await putSettings({ tokenLifetimeSeconds: 300 });
    const short = await authorizeGenesys(bench);

    bench.advance(299_000);
    expect((await post(inboundUrl(), textOf(), short)).status).toBe(200);
    bench.advance(2_000);

    expect((await post(inboundUrl(), textOf(), short)).status).toBe(401);
    await authorizeGenesys(bench);
  });

  test('ends when a test orders it', async () => {
    await putSettings({ expireTokens: true });

    expect((await post(inboundUrl(), textOf())).status).toBe(401);
    expect((await post(inboundUrl(), textOf(), await authorizeGenesys(bench))).status).toBe(200);
  });
});

describe('inbound message', () => {
  test('is answered normalized, with a message id of 32 hex digits and no conversation unless asked', async () => {
    const response = await post(inboundUrl(), textOf());

    expect(response.status).toBe(200);
    expect(response.headers.get('inin-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      channel: {
        id: integrationId,
        platform: 'Open',
        type: 'Private',
        messageId: 'wamid.A=',
        to: { id: integrationId },
        from: { id: '15550100100', idType: 'Phone' },
        time: '2026-11-20T10:15:30.123Z',
      },
      type: 'Text',
      text: 'Hi',
    });
  });

  test('stays in one conversation per integration and customer', async () => {
    const first = await postPrefetch(textOf('wamid.1'));
    const second = await postPrefetch(textOf('wamid.2'));
    const otherCustomer = await postPrefetch(textOf('wamid.3', '2'));
    const otherIntegration = await postPrefetch(textOf('wamid.4'), otherIntegrationId);

    expect(second.conversationId).toBe(first.conversationId);
    const all = [first, otherCustomer, otherIntegration].map(({ conversationId }) => conversationId);
    expect(new Set(all).size).toBe(3);
  });

  test('begins a new conversation once the old one has ended', async () => {
    const first = await postPrefetch(textOf());
    const url = `${bench.genesysUrl}/api/v2/conversations/messages/${first.conversationId}`;

    expect((await sendJson(url, 'PATCH', { state: 'paused' }, authorization)).status).toBe(400);
    expect((await sendJson(url, 'PATCH', '{', authorization)).status).toBe(400);
    expect((await sendJson(url, 'PATCH', { state: 'disconnected' }, authorization)).status).toBe(200);

    expect((await postPrefetch(textOf())).conversationId).not.toBe(first.conversationId);
    expect((await sendJson(url, 'PATCH', { state: 'disconnected' }, authorization)).status).toBe(404);
  });

  test('can be read back', async () => {
    const { id, conversationId } = await postPrefetch(textOf());
    const url = (messageId: string) =>
      `${bench.genesysUrl}/api/v2/conversations/messages/${messageId}/details`;

    const details = await (await fetch(url(id), { headers: authorization })).json();

    expect(details).toMatchObject({ id, conversationId, providerMessageId: 'wamid.A=' });
    expect((await fetch(url('f'.repeat(32)), { headers: authorization })).status).toBe(404);
  });

  test('is a new message each time by default, the first one again when duplicates are recognised', async () => {
    const first = await postPrefetch(textOf());
    expect((await postPrefetch(textOf())).id).not.toBe(first.id);

    await putSettings({ dedupByMessageId: true });

    expect(await postPrefetch(textOf())).toEqual(first);
    expect((await postPrefetch(textOf('wamid.B='))).id).not.toBe(first.id);
    expect((await postPrefetch(textOf(), otherIntegrationId)).id).not.toBe(first.id);
  });

  test('is answered without conversation when a test orders so', async () => {
    await putSettings({ nullConversationId: true });
    expect(await postPrefetch(textOf())).not.toHaveProperty('conversationId');

    await putSettings({});
    expect(await postPrefetch(textOf())).toHaveProperty('conversationId');
  });
});

describe('other inbound calls', () => {
  const channel = { from: { id: '15550100100', idType: 'Phone' }, time: '2026-11-20T10:15:30.123Z' };

  test('take typing and receipts', async () => {
    const to = { to: { id: '15550100100', idType: 'Phone' }, time: channel.time };
    const typing = await post(inboundUrl('event'), { channel, events: [{ eventType: 'Typing' }] });
    const receipt = await post(inboundUrl('receipt'), { id: 'd7d5', channel: to, status: 'Delivered' });

    expect(await typing.json()).toMatchObject({ type: 'Event', events: [{ eventType: 'Typing' }] });
    expect(await receipt.json()).toMatchObject({ id: 'd7d5', type: 'Receipt', status: 'Delivered' });
  });

  describe('know no receipt of', () => {
    const to = { to: { id: '15550100100', idType: 'Phone' }, time: channel.time };
    const tell = (id: string, of = integrationId) =>
      post(inboundUrl('receipt', of), { id, channel: to, status: 'Delivered' });

    test('a message of another integration', async () => {
      await sendJson(`${bench.genesysUrl}/_reply`, 'POST', { to: '15550100100', text: 'Hello', id: 'd7d5' });

      expect((await tell('d7d5')).status).toBe(200);
      const refused = await tell('d7d5', otherIntegrationId);
      expect(refused.status).toBe(404);
      expect(await refused.json()).toMatchObject({ code: 'not.found', status: 404 });
    });

    test('an inbound message, by whichever id', async () => {
      const { id } = await postPrefetch(textOf('wamid.1'));

      expect((await tell(id)).status).toBe(404);
      expect((await tell('wamid.1')).status).toBe(404);
    });

    test('what nobody here sent, when a test orders so', async () => {
      expect((await tell('unknown')).status).toBe(200);
      await putSettings({ refuseUnknownReceipts: true });

      expect((await tell('unknown')).status).toBe(404);
    });
  });

  test('take a button response to a message that was sent, and no other', async () => {
    const answerTo = (originatingMessageId: string) =>
      post(inboundUrl('structured/response'), {
        channel,
        originatingMessageId,
        buttonResponse: { type: 'QuickReply', text: 'Yes', payload: 'yes' },
      });
    await sendJson(`${bench.genesysUrl}/_reply`, 'POST', { to: '15550100100', text: 'Sure?', id: 'known' });

    expect((await answerTo('known')).status).toBe(200);
    const unknown = await answerTo('unknown');
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ code: 'not.found', status: 404 });
  });
});

describe('refusals', () => {
  test('name the field in an error body with the correlation id of the answer', async () => {
    const response = await post(inboundUrl(), { ...textOf(), platform: 'Open' });

    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      message: 'platform is not a known field',
      code: 'bad.request',
      status: 400,
      messageWithParams: expect.any(String),
      messageParams: { field: 'platform' },
      contextId: response.headers.get('inin-correlation-id'),
      details: [{ errorCode: 'bad.request', fieldName: 'platform' }],
      errors: [],
    });
  });

  test.each([
    ['a body that is not JSON', 400, 'bad.request', '{', 'application/json'],
    ['an unknown query parameter', 400, 'bad.request', undefined, 'application/json', '?x=1'],
    ['a body over 512,000 bytes', 413, 'request.entity.too.large', 'x'.repeat(512_001), 'application/json'],
    ['another content type', 415, 'unsupported.media.type', undefined, 'text/plain'],
  ])('answer %s with %d', async (_name, status, code, body, contentType, query = '') => {
    const response = await post(inboundUrl() + query, body ?? textOf(), {
      ...authorization,
      'content-type': contentType,
    });

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ status, code });
  });

  test('take a body of exactly 512,000 bytes', async () => {
    const body = JSON.stringify(textOf());
    const text = 'x'.repeat(512_000 - body.length + 'Hi'.length);

    expect((await post(inboundUrl(), { ...textOf(), text })).status).toBe(200);
  });

  test('answer 404 to an unknown integration or path, 405 to a wrong method, 410 to the retired call', async () => {
    const unknownIntegration = await post(inboundUrl('message', 'nobody'), textOf());
    const unknownPath = await post(inboundUrl('reaction'), textOf());
    const wrongMethod = await fetch(inboundUrl(), { headers: authorization });
    const retired = await post(`${bench.genesysUrl}/api/v2/conversations/messages/inbound/open`, textOf());

    expect(unknownIntegration.status).toBe(404);
    expect(await unknownIntegration.json()).toMatchObject({ code: 'not.found' });
    expect(unknownPath.status).toBe(404);
    expect(wrongMethod.status).toBe(405);
    expect(retired.status).toBe(410);
    expect(await retired.json()).toMatchObject({ code: 'resource.retired' });
  });
});

describe('rate limit', () => {
  test('refuses what a token asks beyond its minute, with the hint when to come back', async () => {
    await putSettings({ rateLimitPerMinute: 2 });
    const admitted = [await post(inboundUrl(), textOf()), await post(inboundUrl(), textOf())];

    const refused = await post(inboundUrl(), textOf());

    expect(admitted.map(({ status }) => status)).toEqual([200, 200]);
    expect(admitted[1]?.headers.get('inin-ratelimit-allowed')).toBe('2');
    expect(admitted[1]?.headers.get('inin-ratelimit-count')).toBe('2');
    expect(refused.status).toBe(429);
    const waitSeconds = Number(refused.headers.get('retry-after'));
    expect(waitSeconds).toBeGreaterThan(0);
    expect(waitSeconds).toBeLessThanOrEqual(60);
    expect(refused.headers.get('inin-ratelimit-reset')).toBe(String(waitSeconds));
    expect(await refused.json()).toMatchObject({
      code: 'too.many.requests.retry.after',
      status: 429,
      limit: { namespace: 'platform.api', key: 'client.credentials.token.rate.per.minute', value: 2 },
    });
  });

  test('counts each token by itself and each minute anew', async () => {
    await putSettings({ rateLimitPerMinute: 1 });
    const other = await authorizeGenesys(bench, 'two');
    await post(inboundUrl(), textOf());

    expect((await post(inboundUrl(), textOf(), other)).status).toBe(200);
    expect((await post(inboundUrl(), textOf())).status).toBe(429);
    bench.advance(60_000);

    expect((await post(inboundUrl(), textOf())).status).toBe(200);
  });

  test.each([0, null, false])('is off when set to %p', async (rateLimitPerMinute) => {
    expect(await (await putSettings({ rateLimitPerMinute })).json()).toMatchObject({ rateLimitPerMinute: 0 });

    expect((await post(inboundUrl(), textOf())).headers.get('inin-ratelimit-allowed')).toBeNull();
  });
});

test.each([
  { rateLimit: 1 },
  { dedupByMessageId: 'yes' },
  { rateLimitPerMinute: 1.5 },
  { rateLimitPerMinute: -1 },
  [],
])('refuses the settings %j', async (settings) => {
  expect((await putSettings(settings)).status).toBe(400);
});

test('gives a faulted answer a correlation id too', async () => {
  await sendJson(`${bench.genesysUrl}/_faults`, 'PUT', [{ match: {}, action: { status: 503 } }]);

  const response = await post(inboundUrl(), textOf());

  expect(response.status).toBe(503);
  expect(response.headers.get('inin-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
});
