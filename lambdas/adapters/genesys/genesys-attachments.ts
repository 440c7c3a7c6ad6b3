// Files that agents and bots send, from where Genesys says they are. Some addresses open by themselves, others want our
// token; nobody but Genesys' own region ever sees it.
import { BridgeError } from '../../core/errors.ts';
import type { AttachmentSource } from '../../core/outbound-ports.ts';
import type { Clock, NumberSecrets } from '../../core/ports.ts';
import type { Network, OpenedDownload } from '../http/guarded-download.ts';
import { createGuardedDownload } from '../http/guarded-download.ts';
import type { GenesysTokens } from './genesys-token.ts';

export interface GenesysAttachmentsOptions {
  tokens: GenesysTokens;
  secrets: Pick<NumberSecrets, 'get'>;
  clock: Clock;
  /** Genesys Cloud domain of the tenant, e.g. `euw2.pure.cloud`. */
  domain: string;
  /** Base URL of the stand-in of a local run; its origin counts as Genesys. */
  localUrl?: string | undefined;
  network?: Network;
}

export function createGenesysAttachments(options: GenesysAttachmentsOptions): AttachmentSource {
  const { tokens, secrets, clock, domain, localUrl, network } = options;
  const localOrigin = localUrl === undefined ? undefined : new URL(localUrl).origin;
  // Bots show pictures from anywhere, so every public host may be read; with our token only Genesys itself.
  const download = createGuardedDownload({
    hosts: 'any',
    bearerHosts: [`.${domain}`],
    ...(localOrigin === undefined ? {} : { localOrigin }),
    ...(network === undefined ? {} : { network }),
  });
  const isGenesys = (url: string): boolean => {
    const parsed = URL.parse(url);
    return parsed !== null && (parsed.hostname.endsWith(`.${domain}`) || parsed.origin === localOrigin);
  };

  return {
    async open(numberId, url, deadlineAt) {
      const get = (bearer?: string) => {
        const timeoutMs = deadlineAt - clock.now();
        return download(url, bearer === undefined ? { timeoutMs } : { bearer, timeoutMs });
      };
      const first = await get();
      if (!wantsToken(first) || !isGenesys(url)) return read(first);
      first.close();
      const { genesysClientId: clientId, genesysClientSecret: clientSecret } = await secrets.get(numberId);
      const credentials = { clientId, clientSecret };
      const token = await tokens.get(credentials, deadlineAt - clock.now());
      const second = await get(token);
      if (second.status !== 401) return read(second);
      second.close();
      tokens.forget(credentials, token);
      return read(await get(await tokens.get(credentials, deadlineAt - clock.now())));
    },
  };
}

function wantsToken({ status }: OpenedDownload): boolean {
  return status === 401 || status === 403;
}

function read({ status, headers, chunks, close }: OpenedDownload) {
  if (status !== 200) {
    close();
    throw readFailure(status);
  }
  const bytes = Number(headers['content-length'] ?? Number.NaN);
  const mime = headers['content-type'];
  return {
    chunks,
    close,
    ...(Number.isSafeInteger(bytes) ? { bytes } : {}),
    ...(mime === undefined ? {} : { mime }),
  };
}

function readFailure(status: number): BridgeError {
  const isTrouble = status >= 500 || status === 408 || status === 429;
  const code = isTrouble
    ? 'host-trouble'
    : status === 404 || status === 410
      ? 'address-dead'
      : 'download-refused';
  return new BridgeError(
    isTrouble ? 'provider-unavailable' : 'provider-rejected',
    `the file’s address answered ${status}`,
    { code, status },
  );
}
