import { createGenesysTokens } from '../../../../lambdas/adapters/genesys/genesys-token.ts';
import { MemoryTokenStore } from '../../../fakes/memory-token-store.ts';
import { HandClock, RecordingTelemetry } from '../../../fakes/outside-world.ts';
import type { LoopbackServer } from '../../../loopback-server.ts';
import { answering, resetting, startLoopbackServer } from '../../../loopback-server.ts';

let server: LoopbackServer;
let clock: HandClock;
beforeEach(async () => {
  clock = new HandClock();
  server = await startLoopbackServer();
  server.answer = answeringTokens(86_400);
});
afterEach(() => server.close());

const client = { clientId: 'client-1', clientSecret: 's3cret' };
const tokens = () => createGenesysTokens({ login: server.url, clock });

/** token-1, token-2, … each good for so long. */
function answeringTokens(expires_in: unknown) {
  let count = 0;
  return (...[response, request]: Parameters<LoopbackServer['answer']>) => {
    count += 1;
    answering(200, { access_token: `token-${count}`, token_type: 'bearer', expires_in })(response, request);
  };
}

describe('a token', () => {
  it('is asked for with the client’s credentials', async () => {
    expect(await tokens().get({ clientId: 'id', clientSecret: 'a:ß' }, 5000)).toBe('token-1');

    expect(server.requests).toEqual([
      expect.objectContaining({
        method: 'POST',
        path: '/oauth/token',
        headers: expect.objectContaining({
          authorization: `Basic ${Buffer.from('id:a:ß').toString('base64')}`,
          'content-type': 'application/x-www-form-urlencoded',
        }),
        body: 'grant_type=client_credentials',
      }),
    ]);
  });

  it('is asked for once by any number of callers at the same time', async () => {
    const source = tokens();

    const all = await Promise.all(Array.from({ length: 20 }, () => source.get(client, 5000)));

    expect(new Set(all)).toEqual(new Set(['token-1']));
    expect(server.requests).toHaveLength(1);
  });

  it('is kept apart for every client', async () => {
    const source = tokens();

    const both = await Promise.all([
      source.get(client, 5000),
      source.get({ ...client, clientId: 'b' }, 5000),
    ]);

    expect(new Set(both).size).toBe(2);
  });

  it.each([
    ['300 s early when it lives for a day', 86_400, 86_400 - 300],
    ['300 s early when a tenth of its life is more', 3600, 3300],
    ['a tenth of its life early when that is short', 600, 540],
    ['as if it lived 300 s when nothing is said', undefined, 270],
    ['as if it lived 300 s when nothing usable is said', '86400', 270],
  ])('is refreshed %s', async (_name, expiresIn, goodForSeconds) => {
    server.answer = answeringTokens(expiresIn);
    const source = tokens();
    await source.get(client, 5000);

    clock.at += goodForSeconds * 1000 - 1;
    expect(await source.get(client, 5000)).toBe('token-1');

    clock.at += 1;
    expect(await source.get(client, 5000)).toBe('token-2');
    expect(server.requests).toHaveLength(2);
  });

  it('counts its life from the question, not from the answer', async () => {
    server.answer = (response, request) => {
      clock.at += 1000;
      answering(200, { access_token: 'slow', expires_in: 600 })(response, request);
    };
    const source = tokens();
    await source.get(client, 5000);

    clock.at += 539_000;
    await source.get(client, 5000);

    expect(server.requests).toHaveLength(2);
  });

  it('that was refused is forgotten, but not a newer one', async () => {
    const source = tokens();
    const first = await source.get(client, 5000);

    source.forget(client, first);
    const second = await source.get(client, 5000);
    source.forget(client, first);

    expect(second).toBe('token-2');
    expect(await source.get(client, 5000)).toBe('token-2');
  });
});

describe('a login that fails', () => {
  it.each([
    [400, 'credential-rejected'],
    [401, 'credential-rejected'],
    [403, 'credential-rejected'],
    [404, 'credential-rejected'],
    [408, 'provider-unavailable'],
    [429, 'throttled'],
    [500, 'provider-unavailable'],
    [503, 'provider-unavailable'],
    [204, 'provider-unavailable'],
    [302, 'provider-unavailable'],
  ])('with status %i is %s', async (status, kind) => {
    server.answer = answering(status, '', { location: '/oauth/elsewhere' });

    await expect(tokens().get(client, 5000)).rejects.toMatchObject({ kind, details: { status } });
    expect(server.requests).toHaveLength(1);
  });

  it('passes on how long a throttling login asks to wait', async () => {
    server.answer = answering(429, '', { 'retry-after': '9' });

    await expect(tokens().get(client, 5000)).rejects.toMatchObject({ details: { retryAfterMs: 9000 } });
  });

  it.each([
    ['no JSON', '<html>'],
    ['nothing', ''],
    ['null', 'null'],
    ['a text', '"token"'],
    ['no token', '{"expires_in":86400}'],
    ['a token that is no text', '{"access_token":7}'],
    ['an empty token', '{"access_token":""}'],
  ])('by answering %s is provider-unavailable', async (_name, body) => {
    server.answer = answering(200, body);

    await expect(tokens().get(client, 5000)).rejects.toMatchObject({ kind: 'provider-unavailable' });
  });

  it('by not answering in time is provider-unavailable', async () => {
    server.answer = () => {};

    await expect(tokens().get(client, 50)).rejects.toMatchObject({
      kind: 'provider-unavailable',
      cause: { name: 'HttpFailure' },
    });
  });

  it('fails everybody who waits, once, and is asked again afterwards', async () => {
    const source = tokens();
    server.answer = resetting;
    const failed = await Promise.allSettled([source.get(client, 5000), source.get(client, 5000)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(server.requests).toHaveLength(1);

    server.answer = answeringTokens(600);

    expect(await source.get(client, 5000)).toBe('token-1');
  });

  it('never tells the secret', async () => {
    server.answer = answering(401, '{"error":"invalid_client s3cret"}');

    const error: unknown = await tokens()
      .get(client, 5000)
      .catch((reason: unknown) => reason);

    expect(String(error)).not.toContain('s3cret');
    expect((error as Error).cause).toBeUndefined();
  });
});

describe('a token shared with other sandboxes', () => {
  const shared = (store: MemoryTokenStore) => {
    const sleeper = { sleep: async () => undefined };
    const sharing = { store, clock, sleeper, telemetry: new RecordingTelemetry() };
    return createGenesysTokens({ login: server.url, clock, sharing });
  };

  it('is found by a sandbox that has none, without a login', async () => {
    const store = new MemoryTokenStore();
    await shared(store).get(client, 5000);

    expect(await shared(store).get(client, 5000)).toBe('token-1');
    expect(server.requests).toHaveLength(1);
  });

  it('that was refused is replaced for all of them, once', async () => {
    const store = new MemoryTokenStore();
    const [one, two] = [shared(store), shared(store)];
    await one.get(client, 5000);
    await two.get(client, 5000);

    one.forget(client, 'token-1');
    two.forget(client, 'token-1');

    expect(await one.get(client, 5000)).toBe('token-2');
    expect(await two.get(client, 5000)).toBe('token-2');
    expect(server.requests).toHaveLength(2);
  });
});
