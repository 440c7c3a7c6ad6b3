// Media of WhatsApp through Meta's Graph API: where an object is, and its bytes.
import { BridgeError } from '../../core/errors.ts';
import type { FoundMedia, MediaSource, OpenedMedia } from '../../core/media-ports.ts';
import type { Clock, NumberSecrets } from '../../core/ports.ts';
import type { Network, OpenedDownload } from '../http/guarded-download.ts';
import { createGuardedDownload } from '../http/guarded-download.ts';
import { ErrorBrake } from './error-brake.ts';
import { readDownloadFailure, readLookUpFailure } from './media-failures.ts';

/** Hosts that media comes from. Source: Meta, media reference; `.fbcdn.net` as met in practice. */
const mediaHosts = ['graph.facebook.com', '.fbsbx.com', '.fbcdn.net'];
const graphUrl = 'https://graph.facebook.com';

const graphVersion = 'v24.0';
const maxLookUpBytes = 64 * 1024;

export interface MetaMediaOptions {
  secrets: NumberSecrets;
  clock: Clock;
  /** Base URL of the stand-in of a local run; its origin is allowed beside Meta's hosts. */
  localUrl?: string | undefined;
  network?: Network;
}

export function createMetaMedia(options: MetaMediaOptions): MediaSource {
  const { secrets, clock, localUrl, network } = options;
  const download = createGuardedDownload({
    hosts: mediaHosts,
    ...(localUrl === undefined ? {} : { localOrigin: new URL(localUrl).origin }),
    ...(network === undefined ? {} : { network }),
  });
  const brake = new ErrorBrake();

  const get = async (numberId: string, url: string, deadlineAt: number): Promise<OpenedDownload> => {
    const { metaAccessToken: bearer } = await secrets.get(numberId);
    if (bearer === '')
      throw new BridgeError('credential-rejected', 'the secret holds no metaAccessToken', {
        code: 'token-missing',
      });
    return download(url, { bearer, timeoutMs: deadlineAt - clock.now() });
  };

  const lookUp = async (numberId: string, mediaId: string, deadlineAt: number): Promise<FoundMedia> => {
    if (brake.isOn(numberId, clock.now()))
      throw new BridgeError('throttled', 'too many media look-ups have failed lately', {
        code: 'asked-too-often',
      });
    const query = new URLSearchParams({ phone_number_id: numberId });
    const url = `${localUrl ?? graphUrl}/${graphVersion}/${encodeURIComponent(mediaId)}?${query}`;
    const answer = await get(numberId, url, deadlineAt);
    const text = await readText(answer);
    if (answer.status === 200) return readFound(text);
    brake.addError(numberId, clock.now());
    throw readLookUpFailure(answer.status, text);
  };

  const open = async (numberId: string, url: string, deadlineAt: number): Promise<OpenedMedia> => {
    const { status, headers, chunks, close } = await get(numberId, url, deadlineAt);
    if (status !== 200) {
      close();
      throw readDownloadFailure(status);
    }
    const bytes = Number(headers['content-length'] ?? Number.NaN);
    const mime = headers['content-type'];
    return {
      chunks,
      close,
      ...(Number.isSafeInteger(bytes) ? { bytes } : {}),
      ...(mime === undefined ? {} : { mime }),
    };
  };

  /** A refused token may have been replaced: the secret is read again, at most every 30 s. */
  const withFreshToken = async <T>(call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      const isRefused = error instanceof BridgeError && error.kind === 'credential-rejected';
      if (isRefused && secrets.refreshIfStale()) return call();
      throw error;
    }
  };

  return {
    lookUp: (...request) => withFreshToken(() => lookUp(...request)),
    open: (...request) => withFreshToken(() => open(...request)),
  };
}

async function readText({ chunks }: OpenedDownload): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxLookUpBytes) throw oddAnswer();
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

/** Quirk(meta): `file_size` is a number in answers and a string in the documents; `sha256` is hex, in webhooks base64. */
function readFound(text: string): FoundMedia {
  let body: Record<string, unknown>;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw oddAnswer(error);
  }
  const { url, mime_type: mime, sha256, file_size: size } = body ?? {};
  if (typeof url !== 'string') throw oddAnswer();
  const bytes = typeof size === 'string' || typeof size === 'number' ? Number(size) : Number.NaN;
  return {
    url,
    ...(typeof mime === 'string' ? { mime } : {}),
    ...(typeof sha256 === 'string' ? { sha256 } : {}),
    ...(Number.isSafeInteger(bytes) && bytes > 0 ? { bytes } : {}),
  };
}

function oddAnswer(cause?: unknown): BridgeError {
  return new BridgeError(
    'provider-unavailable',
    'WhatsApp’s answer about media makes no sense',
    { code: 'look-up-odd' },
    cause,
  );
}
