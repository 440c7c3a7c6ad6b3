// How media of WhatsApp gets to the agent: 1. fetch it once into our own store, in bounded tries, checked for what it
// says it is; 2. mint an address for it, anew for every delivery. What cannot be had becomes a reason, not an error.
import {
  describeFile,
  largestAttachmentBytes,
  largestMediaBytes,
  toHexDigest,
  toMediaType,
} from '../core/convert/media-rules.ts';
import { BridgeError } from '../core/errors.ts';
import type { FoundMedia, MediaDigest, MediaLinks, MediaSource, MediaStore } from '../core/media-ports.ts';
import type { GeneratedFile, MediaReference } from '../core/model/agent-content.ts';
import type { DeskAttachment } from '../core/model/desk-message.ts';
import type { StoredMedia } from '../core/model/ledger-record.ts';
import type { Clock, Sleeper, Telemetry } from '../core/ports.ts';
import { inspectMedia } from './inspect-media.ts';

export interface MediaRequest {
  numberId: string;
  messageId: string;
  /** Epoch ms. */
  receivedAt: number;
  media: MediaReference;
  /** What became of it at an earlier visit. */
  stored?: StoredMedia;
  /** Epoch ms. */
  deadlineAt: number;
  /** True when the message has another attachment already: a link that people can follow is wanted instead. */
  asLink?: boolean;
  /** For lines about what went wrong. */
  correlationId?: string;
  /** True when an operator has it delivered again: our own copy is taken, since WhatsApp's is gone after a week. */
  again?: boolean;
}

/** Media of WhatsApp on its way into our own store. */
export interface MediaRelay {
  /**
   * Fetches the media unless `stored` says what became of it, and mints an address for it. Bounded tries inside
   * `deadlineAt`; a failure is an answer. `tooLarge`: larger than Genesys takes as an attachment, so `url` is to be
   * shown as a link. @throws BridgeError `secret-unavailable`, and `store-unavailable` when no address can be minted
   */
  relay(request: MediaRequest): Promise<{
    stored: StoredMedia;
    attachment?: DeskAttachment;
    tooLarge?: { url: string; filename: string };
    /** Only when it was asked for. */
    link?: string;
  }>;
  /** Stores a file the bridge wrote itself and mints an address for it. @throws BridgeError `store-unavailable` */
  keep(request: { messageId: string; receivedAt: number; file: GeneratedFile }): Promise<DeskAttachment>;
}

export interface RelayMediaPorts {
  tenant: string;
  clock: Clock;
  sleeper: Sleeper;
  source: MediaSource;
  store: MediaStore;
  links: Pick<MediaLinks, 'mint'>;
  /** Plain hash, hex. */
  hash: (text: string) => string;
  telemetry: Telemetry;
}

type Downloaded = Extract<StoredMedia, { state: 'downloaded' }>;

const mostTries = 3;
const firstPauseMs = 300;
const keepDeadlineMs = 5000;
/** Addresses are good for five minutes; those in webhooks are used while they surely are. */
const addressFreshMs = 4 * 60_000;

export function createMediaRelay(ports: RelayMediaPorts): MediaRelay {
  return {
    relay: async (request) => {
      const stored =
        request.stored ??
        (request.again ? await findOwnCopy(request, ports) : undefined) ??
        (await fetchMedia(request, ports));
      if (stored.state === 'failed') return { stored };
      const isLarge = stored.bytes > largestAttachmentBytes;
      if (!isLarge && !request.asLink)
        return { stored, attachment: await toAttachment(stored, request.messageId, ports) };
      const url = await ports.links.mint(request.numberId, stored.key);
      return isLarge ? { stored, tooLarge: { url, filename: stored.filename } } : { stored, link: url };
    },
    keep: async (request) => {
      const bytes = new TextEncoder().encode(request.file.content);
      const traits = describeFile({ kind: 'file', ...request.file }, '');
      const key = makeKey('file', traits.extension, request, ports);
      const deadlineAt = ports.clock.now() + keepDeadlineMs;
      const { sha256 } = await ports.store.save(
        { key, ...traits, labels: labelsOf('file', request.messageId, ports) },
        { chunks: toChunks(bytes), bytes: bytes.length, deadlineAt },
        () => undefined,
      );
      return toAttachment({ key, ...traits, sha256 }, request.messageId, ports);
    },
  };
}

/** The copy of an earlier delivery, checked when it was stored. */
async function findOwnCopy(request: MediaRequest, ports: RelayMediaPorts): Promise<Downloaded | undefined> {
  const { media, messageId } = request;
  const traits = describeFile(media, shorten(messageId, ports));
  const key = makeKey(media.kind, traits.extension, request, ports);
  const found = await ports.store.find(key);
  if (!found) return undefined;
  const { mime, filename } = traits;
  const sha256 = toHexDigest(media.sha256);
  return { state: 'downloaded', key, mime, filename, ...found, ...(sha256 === undefined ? {} : { sha256 }) };
}

/** What WhatsApp said about the media so far: the webhook, and the look-up once it was asked. */
type Announced = Pick<FoundMedia, 'bytes' | 'mime'> & { digests: string[] };

async function fetchMedia(request: MediaRequest, ports: RelayMediaPorts): Promise<StoredMedia> {
  const { media, numberId, deadlineAt } = request;
  const { clock, sleeper, source, telemetry } = ports;
  // An address in the webhook is a saved look-up and nothing more: whatever happens to it, the look-up decides.
  if (media.url !== undefined && clock.now() - request.receivedAt < addressFreshMs) {
    const stored = await tryOnce(request, { url: media.url }, ports);
    if (stored.state === 'downloaded') return stored;
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      const found = await source.lookUp(numberId, media.id, deadlineAt);
      return await transfer(request, found, ports);
    } catch (error) {
      const failure = toFailure(error);
      const pauseMs = firstPauseMs * 2 ** (attempt - 1);
      const isOver = attempt === mostTries || clock.now() + pauseMs >= deadlineAt;
      if (isOver || !isPassing(failure)) {
        const { messageId, correlationId } = request;
        telemetry.problem('media.not-fetched', failure, {
          messageId,
          correlationId,
          attempt,
          mediaKind: media.kind,
        });
        return { state: 'failed', reason: reasonOf(failure) };
      }
      await sleeper.sleep(pauseMs);
    }
  }
}

async function tryOnce(
  request: MediaRequest,
  found: FoundMedia,
  ports: RelayMediaPorts,
): Promise<StoredMedia> {
  try {
    return await transfer(request, found, ports);
  } catch (error) {
    return { state: 'failed', reason: reasonOf(toFailure(error)) };
  }
}

/** Secrets are missing for everything, not for this medium; and a bug must not pass for a failure of WhatsApp. */
function toFailure(error: unknown): BridgeError {
  if (error instanceof BridgeError && error.kind !== 'secret-unavailable') return error;
  throw error;
}

function isPassing({ kind }: BridgeError): boolean {
  return kind === 'provider-unavailable' || kind === 'store-unavailable';
}

function reasonOf({ kind, details }: BridgeError): string {
  return kind === 'store-unavailable' ? kind : (details.code ?? kind);
}

async function transfer(
  request: MediaRequest,
  found: FoundMedia,
  ports: RelayMediaPorts,
): Promise<Downloaded> {
  const { media, messageId, numberId, deadlineAt } = request;
  const startedAt = ports.clock.now();
  const { kind } = media;
  const announced: Announced = {
    ...found,
    digests: [media.sha256, found.sha256].map(toHexDigest).filter((digest) => digest !== undefined),
  };
  refuseOversize(found.bytes);
  const opened = await ports.source.open(numberId, found.url, deadlineAt);
  try {
    refuseOversize(opened.bytes);
    const traits = describeFile(media, shorten(messageId, ports));
    const key = makeKey(kind, traits.extension, request, ports);
    const received = await ports.store.save(
      { key, ...traits, labels: labelsOf(kind, messageId, ports) },
      {
        chunks: inspectMedia(opened, media),
        deadlineAt,
        ...(opened.bytes === undefined ? {} : { bytes: opened.bytes }),
      },
      (digest) => compare(digest, announced),
    );
    ports.telemetry.event('media.stored', {
      kind,
      bytes: received.bytes,
      verified: announced.digests.length > 0,
      durationMs: ports.clock.now() - startedAt,
    });
    return { state: 'downloaded', key, mime: traits.mime, filename: traits.filename, ...received };
  } finally {
    opened.close();
  }
}

function refuseOversize(bytes = 0): void {
  if (bytes > largestMediaBytes)
    throw new BridgeError('provider-rejected', 'the media is larger than 100 MB', { code: 'too-large' });
}

function compare(received: MediaDigest, { bytes, digests }: Announced): void {
  const code =
    bytes !== undefined && bytes !== received.bytes
      ? 'size-differs'
      : digests.some((digest) => digest !== received.sha256)
        ? 'hash-differs'
        : undefined;
  if (code) throw new BridgeError('provider-rejected', 'the media is not what was announced', { code });
}

async function toAttachment(
  { key, mime, filename, sha256 }: Pick<Downloaded, 'key' | 'mime' | 'filename' | 'sha256'>,
  messageId: string,
  ports: RelayMediaPorts,
): Promise<DeskAttachment> {
  const url = await ports.store.mintUrl(key);
  const id = shorten(messageId, ports);
  const hash = sha256 === undefined ? {} : { sha256 };
  return { id, mediaType: toMediaType(mime), url, mime, filename, ...hash };
}

/** The message id itself holds the customer's phone number. */
function makeKey(
  kind: string,
  extension: string,
  { messageId, receivedAt }: { messageId: string; receivedAt: number },
  { tenant, hash }: RelayMediaPorts,
): string {
  const day = new Date(receivedAt).toISOString().slice(0, 10);
  return `media/${tenant}/${kind}/${day}/${hash(messageId).slice(0, 32)}.${extension}`;
}

function labelsOf(kind: string, messageId: string, { tenant, hash }: RelayMediaPorts) {
  return { tenant, kind, message: hash(messageId) };
}

function shorten(messageId: string, { hash }: RelayMediaPorts): string {
  return hash(messageId).slice(0, 12);
}

async function* toChunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
