import { once } from 'node:events';
import { exchange, HttpFailure } from '../../../../lambdas/adapters/http/http-client.ts';
import type { LoopbackServer } from '../../../loopback-server.ts';
import { answering, resetting, startLoopbackServer } from '../../../loopback-server.ts';

let server: LoopbackServer;
beforeEach(async () => {
  server = await startLoopbackServer();
});
afterEach(async () => {
  jest.restoreAllMocks();
  await server.close();
});

const generous = { timeoutMs: 5000, maxAnswerBytes: 1000 };
const send = (limits: Partial<typeof generous> = {}, init: RequestInit = {}, path = '/path?secret=s') =>
  exchange(new URL(`${server.url}${path}`), init, { ...generous, ...limits });

async function failureOf(exchanged: Promise<unknown>): Promise<HttpFailure> {
  const error = await exchanged.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof HttpFailure)) throw new Error(`expected an HttpFailure, got ${error}`);
  return error;
}

describe('an exchange', () => {
  it('sends what it is given and answers status, headers and text', async () => {
    server.answer = answering(418, 'šálek', { 'x-kind': 'teapot' });

    const answer = await send({}, { method: 'POST', headers: { 'x-a': 'b' }, body: '{"ž":1}' });

    expect(answer).toMatchObject({ status: 418, text: 'šálek' });
    expect(answer.headers.get('x-kind')).toBe('teapot');
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/path?secret=s', headers: { 'x-a': 'b' }, body: '{"ž":1}' },
    ]);
  });

  it('puts a character together again that came in two pieces', async () => {
    const bytes = Buffer.from('🎉');
    server.answer = (response) => {
      response.write(bytes.subarray(0, 2), () => response.end(bytes.subarray(2)));
    };

    expect((await send()).text).toBe('🎉');
  });

  it('answers an empty text when there is no body', async () => {
    server.answer = answering(204);

    expect(await send()).toMatchObject({ status: 204, text: '' });
  });

  it('does not follow a redirect', async () => {
    server.answer = answering(302, '', { location: `${server.url}/elsewhere` });

    expect((await send()).status).toBe(302);
    expect(server.requests).toHaveLength(1);
  });
});

describe('the deadline', () => {
  it('covers headers that do not come', async () => {
    const failure = await failureOf(send({ timeoutMs: 60 }));

    expect(failure).toMatchObject({ name: 'HttpFailure', reached: 'unknown' });
    expect(failure.message).toMatch(/TimeoutError/);
  });

  it('covers a body that drips, and hangs up on it', async () => {
    let hungUp: Promise<unknown> | undefined;
    server.answer = (response) => {
      const drip = setInterval(() => response.write('.'), 10);
      hungUp = once(response, 'close').then(() => clearInterval(drip));
    };

    expect(await failureOf(send({ timeoutMs: 120 }))).toMatchObject({ reached: 'unknown' });
    await hungUp;
  });

  it.each([0, -1])('that is over already (%i ms) sends nothing', async (timeoutMs) => {
    expect(await failureOf(send({ timeoutMs }))).toMatchObject({ reached: 'no' });
    expect(server.requests).toEqual([]);
  });
});

describe('the cap on the answer', () => {
  it('lets an answer of exactly that size through', async () => {
    server.answer = answering(200, 'x'.repeat(1000));

    expect((await send()).text).toHaveLength(1000);
  });

  it('refuses one byte more', async () => {
    server.answer = answering(200, 'x'.repeat(1001));

    expect(await failureOf(send())).toMatchObject({ reached: 'unknown' });
  });

  it('hangs up on an endless answer', async () => {
    let hungUp: Promise<unknown> | undefined;
    server.answer = (response) => {
      const pour = () => {
        if (response.write('x'.repeat(1000))) setImmediate(pour);
        else response.once('drain', pour);
      };
      hungUp = once(response, 'close');
      pour();
    };

    expect(await failureOf(send())).toMatchObject({ reached: 'unknown' });
    await hungUp;
  });
});

describe('a broken exchange', () => {
  it('has an unknown effect when the connection is reset before the answer', async () => {
    server.answer = resetting;

    expect(await failureOf(send())).toMatchObject({ reached: 'unknown' });
    expect(server.requests).toHaveLength(1);
  });

  it('has an unknown effect when the answer stops half way', async () => {
    server.answer = (response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half', () => response.destroy());
    };

    expect(await failureOf(send())).toMatchObject({ reached: 'unknown' });
  });

  it('has surely had no effect when the port is closed', async () => {
    const closed = await startLoopbackServer();
    await closed.close();

    const failure = await failureOf(exchange(new URL(`${closed.url}/`), {}, generous));

    expect(failure).toMatchObject({ reached: 'no' });
    expect(failure.message).toMatch(/ECONNREFUSED/);
  });

  it('has surely had no effect when the other side speaks no TLS', async () => {
    const url = new URL(server.url.replace('http:', 'https:'));

    expect(await failureOf(exchange(url, {}, generous))).toMatchObject({ reached: 'no' });
    expect(server.requests).toEqual([]);
  });

  it('names the host, and nothing else of the request', async () => {
    server.answer = resetting;

    const { message, cause } = await failureOf(send({}, { headers: { authorization: 'Bearer t0ken' } }));

    expect(message).toContain(new URL(server.url).host);
    expect(message).not.toMatch(/secret|t0ken|path/);
    expect(cause).toBeDefined();
  });

  const system = (code: string, syscall?: string) => Object.assign(new Error(code), { code, syscall });

  it.each([
    ['a host that is not known', system('ENOTFOUND', 'getaddrinfo'), 'no'],
    ['a resolver that is down', system('EAI_AGAIN', 'getaddrinfo'), 'no'],
    ['no route', system('EHOSTUNREACH', 'connect'), 'no'],
    ['no network', system('ENETUNREACH', 'connect'), 'no'],
    ['a connection that is not made in time', system('UND_ERR_CONNECT_TIMEOUT'), 'no'],
    ['an expired certificate', system('CERT_HAS_EXPIRED'), 'no'],
    ['a certificate for another host', system('ERR_TLS_CERT_ALTNAME_INVALID'), 'no'],
    ['a certificate signed by itself', system('DEPTH_ZERO_SELF_SIGNED_CERT'), 'no'],
    ['a route lost while reading', system('EHOSTUNREACH', 'read'), 'unknown'],
    ['a network lost while writing', system('ENETUNREACH', 'write'), 'unknown'],
    ['a reset', system('ECONNRESET', 'read'), 'unknown'],
    ['a closed socket', system('UND_ERR_SOCKET'), 'unknown'],
    ['a code that is no text', Object.assign(new Error('odd'), { code: 7 }), 'unknown'],
    ['no cause', undefined, 'unknown'],
  ])('by %s has reached the other side: %s', async (_name, cause, reached) => {
    jest.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed', { cause }));

    expect(await failureOf(send())).toMatchObject({ reached });
  });

  it('is unknown for a thrown thing that is no error', async () => {
    jest.spyOn(globalThis, 'fetch').mockRejectedValue('odd');

    const failure = await failureOf(send());

    expect(failure.reached).toBe('unknown');
    expect(failure.message).toMatch(/\(unknown\)/);
  });
});
