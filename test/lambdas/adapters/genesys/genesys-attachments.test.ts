import { createGenesysAttachments } from '../../../../lambdas/adapters/genesys/genesys-attachments.ts';
import { createGenesysTokens } from '../../../../lambdas/adapters/genesys/genesys-token.ts';
import type { Network } from '../../../../lambdas/adapters/http/guarded-download.ts';
import { aNumberSecret } from '../../../builders.ts';
import { HandClock } from '../../../fakes/outside-world.ts';
import type { Answer, LoopbackServer } from '../../../loopback-server.ts';
import { answering, answeringInTurn, startLoopbackServer } from '../../../loopback-server.ts';

let server: LoopbackServer;
beforeEach(async () => {
  server = await startLoopbackServer();
});
afterEach(() => server.close());

const clock = new HandClock();

function aSource(files: Answer, over: { network?: Network; localUrl?: string } = {}) {
  let tokens = 0;
  server.answer = (response, request) => {
    if (request.path !== '/oauth/token') return files(response, request);
    tokens += 1;
    answering(200, { access_token: `token-${tokens}`, expires_in: 86_400 })(response, request);
  };
  const source = createGenesysAttachments({
    tokens: createGenesysTokens({ login: server.url, clock }),
    secrets: { get: async () => aNumberSecret({ genesysClientId: 'c', genesysClientSecret: 's' }) },
    clock,
    domain: 'euw2.pure.cloud',
    localUrl: server.url,
    ...over,
  });
  return async (url = `${server.url}/api/v2/downloads/1`) => {
    const opened = await source.open('1', url, clock.now() + 3000);
    const parts: Uint8Array[] = [];
    for await (const part of opened.chunks) parts.push(part);
    const { bytes, mime } = opened;
    return { body: Buffer.concat(parts).toString(), bytes, mime };
  };
}
const bearers = () =>
  server.requests.filter(({ path }) => path !== '/oauth/token').map(({ headers }) => headers.authorization);

it('reads an address that opens by itself without showing a token', async () => {
  const open = aSource(answering(200, 'bytes', { 'content-type': 'image/png', 'content-length': '5' }));

  expect(await open()).toEqual({ body: 'bytes', bytes: 5, mime: 'image/png' });
  expect(bearers()).toEqual([undefined]);
});

it.each([401, 403])('shows our token to Genesys when it answers %i', async (status) => {
  const open = aSource(answeringInTurn(answering(status), answering(200, 'bytes')));

  expect(await open()).toMatchObject({ body: 'bytes' });
  expect(bearers()).toEqual([undefined, 'Bearer token-1']);
});

it('asks for a new token when Genesys does not know ours any more', async () => {
  const open = aSource(answeringInTurn(answering(401), answering(401), answering(200, 'bytes')));

  expect(await open()).toMatchObject({ body: 'bytes' });
  expect(bearers()).toEqual([undefined, 'Bearer token-1', 'Bearer token-2']);
});

it('shows our token to nobody else', async () => {
  // The server of the test is no stand-in here, so its origin is somebody's, and a plain one at that.
  const elsewhere = await startLoopbackServer();
  try {
    const open = aSource(answering(200, 'bytes'), { localUrl: elsewhere.url });
    await expect(open(`${server.url}/a.png`)).rejects.toMatchObject({ details: { code: 'address-refused' } });
    elsewhere.answer = answering(302, '', { location: `${server.url}/a.png` });
    await expect(open(`${elsewhere.url}/a.png`)).rejects.toMatchObject({
      details: { code: 'address-refused' },
    });
    expect(server.requests).toEqual([]);
  } finally {
    await elsewhere.close();
  }
});

it.each([
  [404, 'provider-rejected', 'address-dead'],
  [410, 'provider-rejected', 'address-dead'],
  [400, 'provider-rejected', 'download-refused'],
  [408, 'provider-unavailable', 'host-trouble'],
  [429, 'provider-unavailable', 'host-trouble'],
  [503, 'provider-unavailable', 'host-trouble'],
])('says what an answer of %i means', async (status, kind, code) => {
  await expect(aSource(answering(status))()).rejects.toMatchObject({ kind, details: { code, status } });
});

it('does without what a host does not say of its file', async () => {
  const open = aSource((response) => {
    response.writeHead(200);
    response.write('by');
    response.end('tes');
  });

  expect(await open()).toEqual({ body: 'bytes', bytes: undefined, mime: undefined });
});

it('refuses what is no address', async () => {
  await expect(aSource(answering(200))('not an address')).rejects.toMatchObject({
    details: { code: 'address-refused' },
  });
});
