import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { type HttpDoor, startHttpDoor } from '../../local/http-door.ts';
import type { InvokeResult } from '../../local/invocation.ts';

interface SeenEvent {
  headers: Record<string, string>;
  body?: string;
  isBase64Encoded: boolean;
  [name: string]: unknown;
}

const seen: SeenEvent[] = [];
let reply: () => Promise<InvokeResult>;
let door: HttpDoor;

const answering = (value: unknown) => async (): Promise<InvokeResult> => ({ ok: true, value });

beforeAll(async () => {
  door = await startHttpDoor({
    port: 0,
    routes: [
      { routeKey: 'POST /webhook/meta', functionName: 'door', timeoutMs: 200 },
      { routeKey: 'ANY /webhook/genesys/{integrationId}', functionName: 'door', timeoutMs: 200 },
    ],
    invoke: (_name, event) => {
      seen.push(event as SeenEvent);
      return reply();
    },
  });
});
afterAll(() => door.close());
beforeEach(() => {
  seen.length = 0;
  reply = answering({ statusCode: 200 });
});

function post(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${door.url}/webhook/meta`, { method: 'POST', body, headers });
}

/** Sends exactly these bytes, which fetch would not. */
function sendRaw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(door.url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

describe('the event', () => {
  it('has payload format 2.0', async () => {
    const started = Date.now();

    await fetch(`${door.url}/webhook/genesys/a%20b?x=1&x=2&y=%26`, {
      method: 'PUT',
      body: '{}',
      headers: { 'content-type': 'application/json', 'X-Mixed-Case': 'Kept', cookie: 'a=1; b=2' },
    });

    const [event] = seen;
    expect(event).toMatchObject({
      version: '2.0',
      routeKey: 'ANY /webhook/genesys/{integrationId}',
      rawPath: '/webhook/genesys/a%20b',
      rawQueryString: 'x=1&x=2&y=%26',
      cookies: ['a=1', 'b=2'],
      headers: {
        'x-mixed-case': 'Kept',
        'content-type': 'application/json',
        'x-forwarded-proto': 'http',
        'x-forwarded-for': '127.0.0.1',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
      },
      queryStringParameters: { x: '1,2', y: '&' },
      pathParameters: { integrationId: 'a b' },
      requestContext: {
        http: { method: 'PUT', path: '/webhook/genesys/a%20b', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
        routeKey: 'ANY /webhook/genesys/{integrationId}',
        stage: '$default',
        requestId: expect.any(String),
        time: expect.stringMatching(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/),
        timeEpoch: expect.any(Number),
      },
      body: '{}',
      isBase64Encoded: false,
    });
    expect(event?.headers).not.toHaveProperty('cookie');
    const { timeEpoch } = Object(event?.requestContext);
    expect(timeEpoch).toBeGreaterThanOrEqual(started);
  });

  it('has no parameters, cookies or body where the request has none', async () => {
    await fetch(`${door.url}/webhook/meta`, { method: 'POST' });

    for (const name of ['queryStringParameters', 'pathParameters', 'cookies', 'body']) {
      expect(seen[0]).not.toHaveProperty(name);
    }
    expect(seen[0]?.isBase64Encoded).toBe(false);
  });

  it('joins a header that is given twice', async () => {
    await sendRaw('POST /webhook/meta HTTP/1.1\r\nHost: h\r\nX-A: 1\r\nx-a: 2\r\nConnection: close\r\n\r\n');

    expect(seen[0]?.headers['x-a']).toBe('1,2');
  });

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'TEXT/plain',
    'application/xml',
    'application/javascript',
  ])('carries a body of type %s as text, emoji and all', async (type) => {
    const body = '{"text":"Grüße 👩‍👩‍👧 \\ud83d\\udc4b"}';

    await post(body, { 'content-type': type });

    expect(seen[0]).toMatchObject({ body, isBase64Encoded: false });
  });

  it.each(['application/x-www-form-urlencoded', 'image/jpeg', 'application/vnd.api+json', ''])(
    'carries a body of type "%s" in base64',
    async (type) => {
      const bytes = new Uint8Array([0, 255, 128, 10]);

      await new Promise((resolve) => {
        const headers = type ? { 'content-type': type } : {};
        httpRequest(`${door.url}/webhook/meta`, { method: 'POST', headers }, resolve).end(bytes);
      });

      expect(seen[0]).toMatchObject({ body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true });
    },
  );
});

describe('the answer', () => {
  it('is what the function says', async () => {
    reply = answering({
      statusCode: 201,
      headers: { 'Content-Type': 'text/xml', 'x-number': 7 },
      cookies: ['a=1', 'b=2'],
      body: '<Response/>é👋',
    });

    const response = await post('{}');

    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe('text/xml');
    expect(response.headers.get('x-number')).toBe('7');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toBe('<Response/>é👋');
  });

  it('decodes a base64 body', async () => {
    reply = answering({ statusCode: 200, body: 'AP8=', isBase64Encoded: true });

    const response = await post('{}');

    expect(new Uint8Array(await response.arrayBuffer())).toEqual(new Uint8Array([0, 255]));
  });

  it.each([
    [{ hello: 1 }, '{"hello":1}'],
    ['plain', 'plain'],
    [null, 'null'],
  ])('is 200 with JSON for the plain value %j', async (value, text) => {
    reply = answering(value);

    const response = await post('{}');

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.text()).toBe(text);
  });

  it('has no body for HEAD', async () => {
    reply = answering({ statusCode: 200, body: 'text' });

    const response = await fetch(`${door.url}/webhook/genesys/x`, { method: 'HEAD' });

    expect(response.headers.get('content-length')).toBe('4');
    expect(await response.text()).toBe('');
  });

  it.each<[string, () => Promise<InvokeResult>]>([
    ['a function error', async () => ({ ok: false, error: { errorType: 'E', errorMessage: '', trace: [] } })],
    ['a status that is none', answering({ statusCode: 'ok' })],
    ['a body that is no text', answering({ statusCode: 200, body: { a: 1 } })],
    ['a header that HTTP refuses', answering({ statusCode: 200, headers: { 'x-a': 'line\nbreak' } })],
    ['an invocation that could not be made', () => Promise.reject(new Error('gone'))],
  ])('is 500 after %s', async (_what, broken) => {
    reply = broken;

    const response = await post('{}');

    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: 'Internal Server Error' });
  });

  it('is 503 when the function takes longer than the integration may', async () => {
    reply = () => new Promise(() => {});

    const response = await post('{}');

    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ message: 'Service Unavailable' });
  });

  it.each(['/webhook/none', '/', '/webhook/meta/'])('is 404 for %s', async (path) => {
    const response = await fetch(`${door.url}${path}`, { method: 'POST' });

    expect(response.status).toBe(404);
    expect(await response.json()).toEqual({ message: 'Not Found' });
    expect(seen).toEqual([]);
  });
});

describe('the limits', () => {
  it('refuses headers over 10 KB with 431', async () => {
    const raw = `GET /webhook/meta HTTP/1.1\r\nHost: h\r\nX-Long: ${'a'.repeat(10 * 1024)}\r\n\r\n`;

    expect(await sendRaw(raw)).toMatch(/^HTTP\/1\.1 431 .*\{"message":"Request Header Fields Too Large"\}$/s);
  });

  it('answers what is not HTTP with 400', async () => {
    expect(await sendRaw('nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('refuses a body over 10 MB with 413, and the sender can read that', async () => {
    const response = await post('a'.repeat(10 * 1024 * 1024 + 1), { 'content-type': 'text/plain' });

    expect(response.status).toBe(413);
    expect(seen).toEqual([]);
  });

  it('refuses a body that makes the event larger than Lambda takes', async () => {
    const fits = 'a'.repeat(5 * 1024 * 1024);

    expect((await post(fits, { 'content-type': 'text/plain' })).status).toBe(200);
    expect((await post(fits, { 'content-type': 'application/octet-stream' })).status).toBe(413);
    expect((await post('"'.repeat(4 * 1024 * 1024), { 'content-type': 'text/plain' })).status).toBe(413);
    expect(seen).toHaveLength(1);
  });
});

it('says so when its port is taken', async () => {
  const port = Number(new URL(door.url).port);

  await expect(startHttpDoor({ port, routes: [], invoke: () => reply() })).rejects.toThrow(/EADDRINUSE/);
});
