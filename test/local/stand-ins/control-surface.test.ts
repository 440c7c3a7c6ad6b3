import { request } from 'node:http';
import {
  authorizeGenesys,
  type Bench,
  metaAuthorization,
  phoneNumberId,
  sendJson,
  startBench,
  waitUntil,
} from './stand-in-bench.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await startBench();
});
afterEach(() => bench.close());

const putFaults = (rules: unknown) => sendJson(`${bench.metaUrl}/_faults`, 'PUT', rules);
const sendText = (body = 'hello') =>
  sendJson(
    `${bench.metaUrl}/v25.0/${phoneNumberId}/messages`,
    'POST',
    { messaging_product: 'whatsapp', to: '15550100100', type: 'text', text: { body } },
    metaAuthorization,
  );

describe('request log', () => {
  test('lists every provider request with parsed body and response, and no control call', async () => {
    const startedMs = Date.now();
    await sendJson(`${bench.metaUrl}/_settings`, 'PUT', { auto: false });

    await sendText('hé');

    const rows = await bench.rows(bench.metaUrl);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toEqual({
      seq: 1,
      at: expect.any(Number),
      method: 'POST',
      path: `/v25.0/${phoneNumberId}/messages`,
      query: {},
      headers: expect.objectContaining({ authorization: metaAuthorization.authorization }),
      body: { messaging_product: 'whatsapp', to: '15550100100', type: 'text', text: { body: 'hé' } },
      status: 200,
      response: expect.objectContaining({ messaging_product: 'whatsapp' }),
    });
    expect(rows[0]?.at).toBeGreaterThanOrEqual(startedMs);
  });

  test('numbers rows from 1, lists those after `since`, and never counts anew after a delete', async () => {
    await fetch(`${bench.metaUrl}/v25.0/1?x=1&x=2&y=3`);
    await fetch(`${bench.metaUrl}/v25.0/2`);

    expect((await bench.rows(bench.metaUrl, 1)).map(({ seq, path }) => [seq, path])).toEqual([
      [2, '/v25.0/2'],
    ]);
    expect((await bench.rows(bench.metaUrl))[0]?.query).toEqual({ x: ['1', '2'], y: '3' });

    await fetch(`${bench.metaUrl}/_requests`, { method: 'DELETE' });
    await fetch(`${bench.metaUrl}/v25.0/3`);

    expect((await bench.rows(bench.metaUrl)).map(({ seq }) => seq)).toEqual([3]);
  });

  test('keeps the providers apart', async () => {
    await authorizeGenesys(bench);

    expect(await bench.rows(bench.metaUrl)).toEqual([]);
    const [row] = await bench.rows(bench.genesysUrl);
    expect(row).toMatchObject({
      seq: 1,
      path: '/oauth/token',
      body: 'grant_type=client_credentials',
      status: 200,
    });
  });

  test('shows bytes that are no text as base64 and an empty body as null', async () => {
    await fetch(`${bench.metaUrl}/v25.0/1`, { method: 'POST', body: new Uint8Array([0xff, 0x00]) });
    await fetch(`${bench.metaUrl}/v25.0/1`);

    const [binary, empty] = await bench.rows(bench.metaUrl);
    expect(binary?.body).toEqual({ base64: '/wA=' });
    expect(empty?.body).toBeNull();
  });

  test('shows a JSON body that does not parse as text', async () => {
    await sendJson(`${bench.metaUrl}/v25.0/1`, 'POST', '{"a":');

    expect((await bench.rows(bench.metaUrl))[0]?.body).toBe('{"a":');
  });

  test('refuses a `since` that is no number', async () => {
    expect((await fetch(`${bench.metaUrl}/_requests?since=x`)).status).toBe(400);
  });
});

describe('faults', () => {
  test('answers the ordered status, headers and body without taking effect', async () => {
    await putFaults([
      {
        match: { path: '/messages$' },
        action: { status: 503, headers: { 'Retry-After': '7' }, body: { why: 'test' } },
      },
    ]);

    const response = await sendText();

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await response.json()).toEqual({ why: 'test' });
    expect((await bench.rows(bench.metaUrl))[0]).toMatchObject({
      status: 503,
      response: { why: 'test' },
      applied: false,
    });
    expect(bench.webhooks).toEqual([]);
  });

  test('takes the first match, and a rule no longer once its times are used up', async () => {
    await putFaults([
      { match: { method: 'post', bodyContains: 'hello' }, times: 2, action: { status: 429 } },
      { match: { method: 'POST' }, action: { status: 500 } },
    ]);

    const statuses = [];
    for (const text of ['hello', 'other', 'hello', 'hello']) statuses.push((await sendText(text)).status);

    expect(statuses).toEqual([429, 500, 429, 500]);
  });

  test('replaces the rules by PUT, forgets them by DELETE, and leaves unmatched requests alone', async () => {
    await putFaults([{ match: {}, action: { status: 500 } }]);
    await putFaults([{ match: { path: '/media$' }, action: { status: 500 } }]);
    expect((await sendText()).status).toBe(200);

    await putFaults([{ match: {}, action: { status: 500 } }]);
    await fetch(`${bench.metaUrl}/_faults`, { method: 'DELETE' });

    const response = await sendText();
    expect(response.status).toBe(200);
    expect((await bench.rows(bench.metaUrl))[0]).not.toHaveProperty('applied');
  });

  test('matches the path without base prefix and query, and text however it was escaped', async () => {
    await putFaults([{ match: { path: '^/v25.0/1$', bodyContains: 'né' }, action: { status: 418 } }]);

    const response = await sendJson(`${bench.metaUrl}/v25.0/1?a=b`, 'POST', '{"text":"n\\u00e9"}');

    expect(response.status).toBe(418);
  });

  test('delays an answer that then is the normal one', async () => {
    await putFaults([{ match: {}, delayMs: 1234 }]);

    expect((await sendText()).status).toBe(200);

    expect(bench.delaysMs).toContain(1234);
    expect((await bench.rows(bench.metaUrl))[0]).toMatchObject({ status: 200, applied: true });
  });

  test('resets the connection before taking effect', async () => {
    await putFaults([{ match: {}, delayMs: 1, action: 'reset' }]);

    await expect(sendText()).rejects.toThrow();

    expect((await bench.rows(bench.metaUrl))[0]).toMatchObject({
      status: null,
      response: null,
      applied: false,
    });
  });

  test('takes effect and then resets the connection', async () => {
    await putFaults([{ match: {}, action: 'applied-then-reset' }]);

    await expect(sendText()).rejects.toThrow();

    expect((await bench.rows(bench.metaUrl))[0]).toMatchObject({
      status: null,
      response: null,
      applied: true,
    });
    await waitUntil(() => bench.webhooks.length === 2);
  });

  test('tells of an applied-then-reset request that the provider refused that it was not applied', async () => {
    await putFaults([{ match: {}, action: 'applied-then-reset' }]);

    await expect(sendText('')).rejects.toThrow();

    expect((await bench.rows(bench.metaUrl))[0]).toMatchObject({ status: null, applied: false });
  });

  test('hangs without an answer until closed', async () => {
    await putFaults([{ match: {}, action: 'hang' }]);
    const hanging = sendText();
    hanging.catch(() => {});
    await waitUntil(async () => (await bench.rows(bench.metaUrl)).length === 1);

    expect((await bench.rows(bench.metaUrl))[0]).toMatchObject({
      status: null,
      response: null,
      applied: false,
    });
    await bench.close();

    await expect(hanging).rejects.toThrow();
    bench = await startBench();
  });

  test.each([
    ['not a list', { match: {}, action: 'reset' }, 'must be a list'],
    ['not JSON', '[', 'not JSON'],
    ['a rule that does nothing', [{ match: {} }], 'faults[0] needs an action'],
    ['an unknown action', [{ match: {}, action: 'explode' }], 'faults[0].action must be'],
    ['a status out of range', [{ action: { status: 99 } }], 'faults[0].action.status'],
    ['a broken status', [{ action: { status: 200.5 } }], 'whole number'],
    ['an action without status', [{ action: { body: 'x' } }], 'faults[0].action.status is required'],
    ['a regular expression that is none', [{ match: { path: '(' }, action: 'hang' }], 'regular expression'],
    [
      'a path that is no text',
      [{ match: { path: 1 }, action: 'hang' }],
      'faults[0].match.path must be a string',
    ],
    [
      'an unknown key',
      [{ match: { url: '/x' }, action: 'hang' }],
      'faults[0].match.url is not a known field',
    ],
    ['no times at all', [{ times: 0, action: 'hang' }], 'faults[0].times'],
    ['a negative delay', [{ delayMs: -1 }], 'faults[0].delayMs'],
  ])('refuses %s and keeps the rules in force', async (_name, rules, message) => {
    await putFaults([{ match: {}, action: { status: 418 } }]);

    const response = await putFaults(rules);

    expect(response.status).toBe(400);
    expect(((await response.json()) as { message: string }).message).toContain(message);
    expect((await sendText()).status).toBe(418);
  });
});

describe('control calls', () => {
  test('are refused with an Origin', async () => {
    const response = await fetch(`${bench.metaUrl}/_requests`, { headers: { origin: 'http://127.0.0.1' } });

    expect(response.status).toBe(403);
  });

  test.each(['evil.example', '127.0.0.1.evil.example', '10.0.0.1'])(
    'are refused for the host %p',
    async (host) => {
      expect(await getWithHost(host)).toBe(403);
    },
  );

  test.each(['127.0.0.1:3001', 'localhost', '[::1]:80'])('are answered for the host %p', async (host) => {
    expect(await getWithHost(host)).toBe(200);
  });

  test('answer 404 with the known ones for an unknown path, 405 for a wrong method', async () => {
    const unknown = await fetch(`${bench.metaUrl}/_reply`);
    const wrongMethod = await fetch(`${bench.metaUrl}/_send`);

    expect(unknown.status).toBe(404);
    expect(await unknown.text()).toContain('POST /_send');
    expect(wrongMethod.status).toBe(405);
  });
});

function getWithHost(host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${bench.metaUrl}/_requests`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on('error', reject).end();
  });
}
