// Media as Meta keeps it: an id that lives long, and download addresses that live five minutes.
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { type Answer, readQuery, type StandInRequest } from '../http-exchange.ts';
import type { JsonObject } from '../json-shape.ts';
import type { Timers } from '../timers.ts';
import { describeMissingObject, failGraph } from './meta-errors.ts';

interface StoredMedia {
  bytes: Buffer;
  mimeType: string;
  filename: string | undefined;
  /** The number that uploaded it; undefined = what a customer sent, open to all numbers. */
  phoneNumberId: string | undefined;
  sha256: Buffer;
}

interface DownloadPass {
  mediaId: string;
  expiresAtMs: number;
}

export const downloadPath = '/whatsapp_business/attachments/';
const passLifetimeMs = 5 * 60_000;
const largestStoreBytes = 512 * 1024 * 1024;

export class MetaMedia {
  readonly #media = new Map<string, StoredMedia>();
  readonly #passes = new Map<string, DownloadPass>();
  readonly #timers: Timers;
  readonly #baseUrl: () => string;
  readonly #largestBytes: number;
  #storedBytes = 0;

  constructor(timers: Timers, baseUrl: () => string, largestBytes = largestStoreBytes) {
    this.#timers = timers;
    this.#baseUrl = baseUrl;
    this.#largestBytes = largestBytes;
  }

  /** Keeps the bytes (the oldest give way beyond the store's limit); `sha256` is base64, as webhooks carry it. */
  add(media: Omit<StoredMedia, 'sha256'>): { id: string; sha256: string } {
    const id = `${randomInt(10 ** 13, 10 ** 14)}${randomInt(10, 100)}`;
    const sha256 = createHash('sha256').update(media.bytes).digest();
    this.#media.set(id, { ...media, sha256 });
    this.#storedBytes += media.bytes.length;
    for (const oldest of this.#media.keys()) {
      if (this.#storedBytes <= this.#largestBytes || oldest === id) break;
      this.#remove(oldest);
    }
    return { id, sha256: sha256.toString('base64') };
  }

  has(id: string): boolean {
    return this.#media.has(id);
  }

  /** Answers `GET /{media-id}` with a fresh address; its `sha256` is hex, unlike the webhook's. */
  describe(id: string, request: StandInRequest): Answer {
    const media = this.#findFor(id, request);
    if (!media) return failGraph(describeMissingObject(id));
    const body: JsonObject = {
      messaging_product: 'whatsapp',
      url: this.#makeDownloadUrl(id),
      mime_type: media.mimeType,
      sha256: media.sha256.toString('hex'),
      file_size: media.bytes.length,
      id,
    };
    return { status: 200, body };
  }

  /** Answers `DELETE /{media-id}`. */
  remove(id: string, request: StandInRequest): Answer {
    if (!this.#findFor(id, request)) return failGraph(describeMissingObject(id));
    this.#remove(id);
    return { status: 200, body: { success: true } };
  }

  /** Answers a download address: 404 once it is stale, as Meta does. */
  download(request: StandInRequest): Answer {
    const pass = this.#passes.get(readQuery(request, 'hash') ?? '');
    const isFresh = pass !== undefined && pass.expiresAtMs > this.#timers.nowMs();
    const isValid = isFresh && pass.mediaId === readQuery(request, 'mid');
    const media = isValid ? this.#media.get(pass.mediaId) : undefined;
    if (!media) return { status: 404, body: 'Not Found' };
    return {
      status: 200,
      headers: {
        'content-type': media.mimeType,
        ...(media.filename && {
          'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(media.filename)}`,
        }),
      },
      body: media.bytes,
    };
  }

  #findFor(id: string, request: StandInRequest): StoredMedia | undefined {
    const media = this.#media.get(id);
    const asked = readQuery(request, 'phone_number_id');
    const isForeign =
      asked !== undefined && media?.phoneNumberId !== undefined && media.phoneNumberId !== asked;
    return isForeign ? undefined : media;
  }

  #makeDownloadUrl(mediaId: string): string {
    const nowMs = this.#timers.nowMs();
    for (const [hash, { expiresAtMs }] of this.#passes) if (expiresAtMs <= nowMs) this.#passes.delete(hash);
    const hash = randomBytes(24).toString('base64url');
    const expiresAtMs = nowMs + passLifetimeMs;
    this.#passes.set(hash, { mediaId, expiresAtMs });
    const query = new URLSearchParams({ mid: mediaId, ext: String(Math.floor(expiresAtMs / 1000)), hash });
    return `${this.#baseUrl()}${downloadPath}?${query}`;
  }

  #remove(id: string): void {
    this.#storedBytes -= this.#media.get(id)?.bytes.length ?? 0;
    this.#media.delete(id);
  }
}
