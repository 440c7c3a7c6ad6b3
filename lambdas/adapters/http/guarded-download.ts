// Downloads from addresses that came from outside. Every hop is checked anew: the host against a list, and each
// address it resolves to at the moment of connecting, so that neither a redirect nor a name server leads us astray.
import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { lookup as lookupName } from 'node:dns';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:http';
import type { LookupFunction, Socket } from 'node:net';
import { connect as connectPlain } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { BridgeError } from '../../core/errors.ts';
import { isPublicAddress } from './public-address.ts';

export interface DownloadGuard {
  /** Host names, or suffixes that begin with a dot; only these are contacted, over HTTPS. `any`: every public host. */
  hosts: readonly string[] | 'any';
  /** Hosts of those that get the bearer, in the same form. @default all of `hosts`; none when these are `any` */
  bearerHosts?: readonly string[];
  /** One more origin, for the stand-in of a local run: may be plain HTTP on a loopback address. */
  localOrigin?: string;
  /** @default a window of 5 s in which at least 40 KiB must arrive */
  pace?: { windowMs: number; leastBytes: number };
  network?: Network;
}

/** The seam to the network. */
export interface Network {
  lookup(
    host: string,
    options: LookupAllOptions,
    callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
  ): void;
  /** `lookup` is to be asked for every host that is a name. */
  connect(target: { host: string; port: number; secure: boolean; lookup: LookupFunction }): Socket;
}

export interface OpenedDownload {
  status: number;
  headers: IncomingHttpHeaders;
  /** Ends with an error when the body is cut short, too slow or late; must be read or closed. */
  chunks: AsyncIterable<Uint8Array>;
  close(): void;
}

/** @throws BridgeError with a `code` that says why there is nothing to read */
export type GuardedDownload = (
  url: string,
  options: { bearer?: string; timeoutMs: number },
) => Promise<OpenedDownload>;

const mostRedirects = 3;
const redirectStatuses = new Set([301, 302, 303, 307, 308]);
const defaultPace = { windowMs: 5000, leastBytes: 40 * 1024 };
// Quirk(meta): some download hosts refuse clients without an ordinary name.
const userAgent = 'whatsapp-genesys-bridge/1.0';

const internet: Network = {
  lookup: lookupName,
  connect: ({ host, port, secure, lookup }) =>
    secure
      ? connectSecure({ host, port, lookup, servername: host, ALPNProtocols: ['http/1.1'] })
      : connectPlain({ host, port, lookup }),
};

export function createGuardedDownload(guard: DownloadGuard): GuardedDownload {
  const { network = internet, pace = defaultPace } = guard;
  const lookup = createCheckedLookup(network.lookup);

  return async (address, { bearer, timeoutMs }) => {
    const signal = AbortSignal.timeout(Math.max(timeoutMs, 0));
    let url = checkAddress(address, undefined, guard);
    for (let redirects = 0; ; redirects += 1) {
      const shown = mayHaveBearer(url, guard) ? bearer : undefined;
      const response = await send(url, shown, signal, (target) => network.connect({ ...target, lookup }));
      const { statusCode: status = 0, headers } = response;
      if (!redirectStatuses.has(status)) {
        const chunks = readAtPace(response, signal, pace);
        return { status, headers, chunks, close: () => void response.destroy() };
      }
      response.on('error', () => undefined).destroy();
      if (redirects === mostRedirects)
        throw new BridgeError('provider-rejected', 'too many redirects', { code: 'redirected-too-often' });
      url = checkAddress(headers.location ?? '', url, guard);
    }
  };
}

function refuse(): BridgeError {
  return new BridgeError('provider-rejected', 'the address is not one media may come from', {
    code: 'address-refused',
  });
}

/** Names only, in their plain form: no address literal, port, user or trailing dot gets past the list. */
function checkAddress(address: string, base: URL | undefined, guard: DownloadGuard): URL {
  const url = URL.parse(address, base?.href);
  if (url === null || `${url.username}${url.password}` !== '') throw refuse();
  if (guard.localOrigin !== undefined && url.origin === guard.localOrigin) return url;
  const isAllowed = guard.hosts === 'any' ? isName(url.hostname) : isListed(url, guard.hosts);
  if (url.protocol !== 'https:' || url.port !== '' || !isAllowed) throw refuse();
  return url;
}

function isListed({ hostname }: URL, hosts: readonly string[]): boolean {
  return hosts.some((host) => (host.startsWith('.') ? hostname.endsWith(host) : hostname === host));
}

/** An address literal would be connected to without a look-up, and so without a look at where it leads. */
function isName(hostname: string): boolean {
  return /^([a-z0-9_-]+\.)+[a-z][a-z0-9-]*$/.test(hostname);
}

/** Asked for every hop: a redirect to somebody else takes no bearer along. */
function mayHaveBearer(url: URL, { hosts, bearerHosts, localOrigin }: DownloadGuard): boolean {
  if (localOrigin !== undefined && url.origin === localOrigin) return true;
  return isListed(url, bearerHosts ?? (hosts === 'any' ? [] : hosts));
}

/** One private address among several is enough to refuse: which of them is used is not ours to choose. */
function createCheckedLookup(lookup: Network['lookup']): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      if (!first || addresses.some(({ address }) => !isPublicAddress(address)))
        return callback(refuse(), '', 0);
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

type Connect = (target: { host: string; port: number; secure: boolean }) => Socket;

function send(
  url: URL,
  bearer: string | undefined,
  signal: AbortSignal,
  connect: Connect,
): Promise<IncomingMessage> {
  const secure = url.protocol === 'https:';
  const port = Number(url.port) || (secure ? 443 : 80);
  return new Promise((resolve, reject) => {
    request({
      host: url.hostname,
      path: `${url.pathname}${url.search}`,
      headers: {
        host: url.host,
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        'user-agent': userAgent,
        accept: '*/*',
        'accept-encoding': 'identity',
        connection: 'close',
      },
      // One connection per download: the decision about its address is never used for another one.
      createConnection: () => connect({ host: url.hostname, port, secure }),
      signal,
    })
      .on('error', (error) => reject(explain(error, signal, 'not-answered')))
      .on('response', resolve)
      .end();
  });
}

/** Ends a body that drips: a timer, since what does not come raises no event. */
async function* readAtPace(
  response: IncomingMessage,
  signal: AbortSignal,
  { windowMs, leastBytes }: { windowMs: number; leastBytes: number },
): AsyncGenerator<Uint8Array> {
  let inWindow = 0;
  const timer = setInterval(() => {
    if (inWindow < leastBytes)
      response.destroy(new BridgeError('provider-unavailable', 'the media drips in', { code: 'too-slow' }));
    inWindow = 0;
  }, windowMs);
  try {
    for await (const chunk of response) {
      inWindow += chunk.length;
      yield chunk;
    }
  } catch (error) {
    throw explain(error, signal, 'cut-short');
  } finally {
    clearInterval(timer);
    response.destroy();
  }
}

function explain(error: unknown, signal: AbortSignal, otherwise: string): BridgeError {
  if (error instanceof BridgeError) return error;
  const code = signal.aborted ? 'timed-out' : otherwise;
  return new BridgeError('provider-unavailable', `the media did not come: ${code}`, { code }, error);
}
