import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { DownloadGuard, Network } from '../../../../lambdas/adapters/http/guarded-download.ts';
import { createGuardedDownload } from '../../../../lambdas/adapters/http/guarded-download.ts';
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

/** Names and what they resolve to, one answer per look-up; what is connected to leads to the server of the test. */
function aNetwork(names: Record<string, (string | string[])[]>) {
  const connected: string[] = [];
  const network: Network = {
    lookup(host, _options, callback) {
      const answer = names[host]?.shift();
      if (answer === undefined)
        return callback(Object.assign(new Error('no name'), { code: 'ENOTFOUND' }), []);
      callback(
        null,
        [answer].flat().map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    },
    connect({ host, lookup }) {
      const { port } = new URL(server.url);
      return connect({
        host,
        port: Number(port),
        lookup: (name, options, callback) =>
          lookup(name, options, (error, address, family) => {
            if (error) return callback(error, '', 0);
            const addresses = Array.isArray(address) ? address.map((found) => found.address) : [address];
            connected.push(`${name} ${addresses.join(' ')}`);
            if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
            else callback(null, '127.0.0.1', family);
          }),
      });
    },
  };
  return { network, connected };
}

const publicAddress = '157.240.1.1';
const url = 'https://lookaside.fbsbx.com/media?mid=1';
const hosts = ['graph.facebook.com', '.fbsbx.com'];

function aDownload(names: Record<string, (string | string[])[]>, over: Partial<DownloadGuard> = {}) {
  const { network, connected } = aNetwork(names);
  const download = createGuardedDownload({ hosts, network, ...over });
  const get = async (address = url, timeoutMs = 3000) => {
    const { status, headers, chunks } = await download(address, { bearer: 'token', timeoutMs });
    const parts: Uint8Array[] = [];
    for await (const chunk of chunks) parts.push(chunk);
    return { status, headers, body: Buffer.concat(parts).toString() };
  };
  return { get, download, connected };
}
const usual = () => ({ 'lookaside.fbsbx.com': [publicAddress, publicAddress, publicAddress, publicAddress] });
const refused = { kind: 'provider-rejected', details: { code: 'address-refused' } };

describe('a download from any public host', () => {
  const bearerHosts = ['.euw2.pure.cloud'];
  const anyHost = (names: Record<string, string[]>) => aDownload(names, { hosts: 'any', bearerHosts });

  it('is made without the bearer, which only its own hosts get', async () => {
    server.answer = answering(200, 'bytes');
    const { get } = anyHost({
      'pictures.example': [publicAddress],
      'api-downloads.euw2.pure.cloud': [publicAddress],
      'evil-euw2.pure.cloud.example': [publicAddress],
    });

    await get('https://pictures.example/a.png');
    await get('https://api-downloads.euw2.pure.cloud/api/v2/downloads/1');
    await get('https://evil-euw2.pure.cloud.example/a.png');

    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer token',
      undefined,
    ]);
  });

  it('takes no bearer along when it is sent on to somebody else', async () => {
    server.answer = answeringInTurn(
      answering(302, '', { location: 'https://storage.example/a.png' }),
      answering(200, 'bytes'),
    );
    const { get } = anyHost({
      'api-downloads.euw2.pure.cloud': [publicAddress],
      'storage.example': [publicAddress],
    });

    await get('https://api-downloads.euw2.pure.cloud/1');

    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token', undefined]);
  });

  it.each([
    'https://169.254.169.254/latest/meta-data',
    'https://[::1]/a',
    'https://2130706433/a',
    'https://localhost/a',
    'https://pictures.example./a',
    'http://pictures.example/a',
    'https://pictures.example:8443/a',
    'https://user@pictures.example/a',
  ])('refuses %s', async (address) => {
    await expect(anyHost({}).get(address)).rejects.toMatchObject(refused);
    expect(server.requests).toEqual([]);
  });

  it('refuses a name that leads into a private network', async () => {
    await expect(
      anyHost({ 'pictures.example': ['10.0.0.7'] }).get('https://pictures.example/a'),
    ).rejects.toMatchObject(refused);
  });
});

describe('a download', () => {
  it('is asked for with the bearer, an ordinary name and no compression', async () => {
    server.answer = answering(200, 'bytes', { 'content-type': 'image/png' });
    const { get, connected } = aDownload(usual());

    expect(await get()).toMatchObject({
      status: 200,
      body: 'bytes',
      headers: { 'content-type': 'image/png' },
    });
    expect(connected).toEqual([`lookaside.fbsbx.com ${publicAddress}`]);
    expect(server.requests[0]).toMatchObject({
      method: 'GET',
      path: '/media?mid=1',
      headers: {
        host: 'lookaside.fbsbx.com',
        authorization: 'Bearer token',
        'user-agent': 'whatsapp-genesys-bridge/1.0',
        'accept-encoding': 'identity',
      },
    });
  });

  it('hands over answers that are no success as they are', async () => {
    server.answer = answering(404, 'gone');

    expect(await aDownload(usual()).get()).toMatchObject({ status: 404, body: 'gone' });
  });

  it('follows a redirect to another host of the list', async () => {
    server.answer = answeringInTurn(
      answering(302, '', { location: 'https://cdn.fbsbx.com/b' }),
      answering(200, 'there'),
    );
    const { get, connected } = aDownload({ ...usual(), 'cdn.fbsbx.com': [publicAddress] });

    expect(await get()).toMatchObject({ body: 'there' });
    expect(connected.map((line) => line.split(' ')[0])).toEqual(['lookaside.fbsbx.com', 'cdn.fbsbx.com']);
  });

  it('gives up after three redirects', async () => {
    server.answer = answering(302, '', { location: '/again' });

    await expect(aDownload(usual()).get()).rejects.toMatchObject({
      details: { code: 'redirected-too-often' },
    });
    expect(server.requests).toHaveLength(4);
  });
});

describe('an address', () => {
  it.each([
    'http://lookaside.fbsbx.com/',
    'https://lookaside.fbsbx.com:8443/',
    'https://user:password@lookaside.fbsbx.com/',
    'https://lookaside.fbsbx.com./',
    'https://fbsbx.com/',
    'https://evilfbsbx.com/',
    'https://lookaside.fbsbx.com.evil.example/',
    'https://evil.example/?.fbsbx.com',
    'https://evil.example#.fbsbx.com',
    'https://sub.graph.facebook.com/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://0x7f000001/',
    'https://2130706433/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'ftp://lookaside.fbsbx.com/',
    'not an address',
    '',
  ])('%j is refused before anything is looked up or contacted', async (address) => {
    const { get, connected } = aDownload(usual());

    await expect(get(address)).rejects.toMatchObject(refused);
    expect([connected, server.requests]).toEqual([[], []]);
  });

  it.each([
    'http://127.0.0.1/',
    'http://169.254.169.254/',
    'file:///etc/passwd',
    'https://evil.example/',
    '//evil.example/x',
  ])('is refused as the target of a redirect: %s', async (location) => {
    server.answer = answering(302, '', { location });
    const { get, connected } = aDownload(usual());

    await expect(get()).rejects.toMatchObject(refused);
    expect(connected).toHaveLength(1);
    expect(server.requests).toHaveLength(1);
  });

  it.each([
    ['loopback', '127.0.0.1'],
    ['the metadata service', '169.254.169.254'],
    ['a mapped address', '::ffff:10.0.0.1'],
    ['a private address among public ones', [publicAddress, '10.0.0.1']],
    ['nothing', []],
  ])('whose name leads to %s is refused at the moment of connecting', async (_name, answer) => {
    const { get, connected } = aDownload({ 'lookaside.fbsbx.com': [answer] });

    await expect(get()).rejects.toMatchObject(refused);
    expect([connected, server.requests]).toEqual([[], []]);
  });

  it('whose name leads elsewhere the second time is refused then (rebinding)', async () => {
    server.answer = answering(302, '', { location: '/again' });
    const { get, connected } = aDownload({ 'lookaside.fbsbx.com': [publicAddress, '127.0.0.1'] });

    await expect(get()).rejects.toMatchObject(refused);
    expect(connected).toHaveLength(1);
  });

  it('whose name is unknown is not answered', async () => {
    await expect(aDownload({}).get()).rejects.toMatchObject({
      kind: 'provider-unavailable',
      details: { code: 'not-answered' },
    });
  });

  it('of the stand-in is allowed where it is named, and no other of this machine', async () => {
    server.answer = answering(200, 'from the stand-in');
    const download = createGuardedDownload({ hosts, localOrigin: server.url });
    const options = { bearer: 'token', timeoutMs: 3000 };

    expect((await download(`${server.url}/x`, options)).status).toBe(200);
    for (const other of [
      'http://127.0.0.1:1/',
      `${server.url}0/`,
      server.url.replace('127.0.0.1', 'localhost'),
    ])
      await expect(download(other, options)).rejects.toMatchObject(refused);
  });
});

describe('a body', () => {
  const late = (write: (response: ServerResponse) => void) => {
    server.answer = (response) => {
      response.writeHead(200);
      write(response);
    };
  };

  it('that drips is given up', async () => {
    late((response) => {
      const timer = setInterval(() => response.write('x'), 10);
      response.on('close', () => clearInterval(timer));
    });
    const { get } = aDownload(usual(), { pace: { windowMs: 100, leastBytes: 1000 } });

    await expect(get()).rejects.toMatchObject({
      kind: 'provider-unavailable',
      details: { code: 'too-slow' },
    });
  });

  it('that is broken off is cut short', async () => {
    late((response) => {
      response.write('some');
      setImmediate(() => response.destroy());
    });

    await expect(aDownload(usual()).get()).rejects.toMatchObject({ details: { code: 'cut-short' } });
  });

  it.each([
    ['does not begin', () => undefined],
    ['does not end', (response: ServerResponse) => void response.write('x')],
  ])('that %s is given up at the deadline', async (_name, write) => {
    if (_name === 'does not begin') server.answer = () => undefined;
    else late(write);

    await expect(aDownload(usual()).get(url, 200)).rejects.toMatchObject({ details: { code: 'timed-out' } });
  });

  it('that nobody reads can be closed', async () => {
    const closed = new Promise((resolve) => late((response) => response.on('close', resolve).write('x')));
    const { download } = aDownload(usual());

    (await download(url, { bearer: 'token', timeoutMs: 3000 })).close();

    await closed;
  });
});

it('without a seam it speaks TLS and trusts only known certificates', async () => {
  const hellos: Buffer[] = [];
  const tcp: Server = createServer((socket: Socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        hellos.push(chunk);
        socket.destroy();
      });
  }).listen(0, '127.0.0.1');
  await once(tcp, 'listening');
  const { port } = tcp.address() as AddressInfo;
  const origin = `https://127.0.0.1:${port}`;
  const download = createGuardedDownload({ hosts, localOrigin: origin });

  await expect(download(`${origin}/`, { bearer: 'token', timeoutMs: 3000 })).rejects.toMatchObject({
    details: { code: 'not-answered' },
  });

  // The first byte of a TLS handshake; the bearer is not in it.
  expect(hellos[0]?.[0]).toBe(22);
  expect(hellos[0]?.includes('token')).toBe(false);
  tcp.close();
});
