import { createMetaMedia } from '../../../../lambdas/adapters/meta/meta-media.ts';
import type { NumberSecret } from '../../../../lambdas/core/ports.ts';
import { aNumberSecret } from '../../../builders.ts';
import { HandClock } from '../../../fakes/outside-world.ts';
import {
  answering,
  answeringInTurn,
  type LoopbackServer,
  startLoopbackServer,
} from '../../../loopback-server.ts';

let server: LoopbackServer;
beforeEach(async () => {
  server = await startLoopbackServer();
});
afterEach(() => server.close());

/** Tokens are what the secret holds each time it is read anew. */
function aSource(...tokens: string[]) {
  const clock = new HandClock();
  const read = () => aNumberSecret({ metaAccessToken: tokens[0] ?? 'token' });
  const media = createMetaMedia({
    clock,
    localUrl: server.url,
    secrets: {
      get: async (): Promise<NumberSecret> => read(),
      all: async () => ({ secrets: [read()], complete: true }),
      refreshIfStale: () => tokens.shift() !== undefined && tokens.length > 0,
    },
  });
  const deadlineAt = () => clock.now() + 3000;
  return {
    clock,
    lookUp: (id = '9001') => media.lookUp('1', id, deadlineAt()),
    open: () => media.open('1', `${server.url}/file`, deadlineAt()),
  };
}
const bearers = () => server.requests.map(({ headers }) => headers.authorization);

describe('a look-up', () => {
  it('asks for the object of the number and reads what is said of it', async () => {
    server.answer = answering(200, {
      url: 'https://x.fbsbx.com/',
      mime_type: 'image/png',
      sha256: 'ab',
      file_size: 17,
      id: '9001',
    });

    expect(await aSource().lookUp()).toEqual({
      url: 'https://x.fbsbx.com/',
      mime: 'image/png',
      sha256: 'ab',
      bytes: 17,
    });
    expect(server.requests.map(({ method, path }) => [method, path])).toEqual([
      ['GET', '/v24.0/9001?phone_number_id=1'],
    ]);
    expect(bearers()).toEqual(['Bearer token']);
  });

  it('reads a size in quotes, and does without what is missing or odd', async () => {
    server.answer = answeringInTurn(
      answering(200, { url: 'u', file_size: '17' }),
      answering(200, { url: 'u', file_size: {}, mime_type: 5, sha256: null }),
    );
    const source = aSource();

    expect(await source.lookUp()).toEqual({ url: 'u', bytes: 17 });
    expect(await source.lookUp()).toEqual({ url: 'u' });
  });

  it('cannot be led to another path by the id', async () => {
    server.answer = answering(404);

    await expect(aSource().lookUp('../me?x=')).rejects.toMatchObject({ details: { code: 'media-missing' } });
    expect(server.requests[0]?.path).toBe('/v24.0/..%2Fme%3Fx%3D?phone_number_id=1');
  });

  it.each([
    ['no JSON', 'nonsense'],
    ['null', 'null'],
    ['no address', '{}'],
    ['endless', 'x'.repeat(70_000)],
  ])('that is answered with %s makes no sense', async (_name, body) => {
    server.answer = answering(200, body);

    await expect(aSource().lookUp()).rejects.toMatchObject({
      kind: 'provider-unavailable',
      details: { code: 'look-up-odd' },
    });
  });

  it('is not made any more after twenty errors', async () => {
    server.answer = answering(404);
    const source = aSource();

    for (let error = 0; error < 20; error += 1)
      await expect(source.lookUp()).rejects.toMatchObject({ details: { code: 'media-missing' } });
    await expect(source.lookUp()).rejects.toMatchObject({
      kind: 'throttled',
      details: { code: 'asked-too-often' },
    });
    expect(server.requests).toHaveLength(20);

    source.clock.at += 31 * 60_000;
    server.answer = answering(200, { url: 'u' });
    expect(await source.lookUp()).toEqual({ url: 'u' });
  });
});

describe('a download', () => {
  it('hands over the body with what was announced of it', async () => {
    server.answer = answering(200, 'bytes', { 'content-type': 'image/png', 'content-length': '5' });

    const { chunks, bytes, mime } = await aSource().open();

    expect({ bytes, mime }).toEqual({ bytes: 5, mime: 'image/png' });
    const parts: Uint8Array[] = [];
    for await (const part of chunks) parts.push(part);
    expect(Buffer.concat(parts).toString()).toBe('bytes');
  });

  it('may come without length and type', async () => {
    server.answer = (response) => {
      response.write('x');
      response.end('y');
    };

    const { close, ...announced } = await aSource().open();

    expect(announced).toEqual({ chunks: expect.anything() });
    close();
  });

  it('that is refused is no body', async () => {
    server.answer = answering(404, 'page');

    await expect(aSource().open()).rejects.toMatchObject({ details: { code: 'address-stale', status: 404 } });
  });
});

describe('a token', () => {
  it('that is refused is read again, once', async () => {
    server.answer = answeringInTurn(answering(401), answering(200, { url: 'u' }));

    expect(await aSource('old', 'new').lookUp()).toEqual({ url: 'u' });
    expect(bearers()).toEqual(['Bearer old', 'Bearer new']);
  });

  it('that is refused and was read lately is refused', async () => {
    server.answer = answering(403);

    await expect(aSource('only').open()).rejects.toMatchObject({ kind: 'credential-rejected' });
    expect(server.requests).toHaveLength(1);
  });

  it('that the operator has not filled in is asked of nobody', async () => {
    await expect(aSource('').lookUp()).rejects.toMatchObject({
      kind: 'credential-rejected',
      details: { code: 'token-missing' },
    });
    expect(server.requests).toEqual([]);
  });
});
