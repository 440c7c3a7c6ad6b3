// Media in our bucket. Bodies go through as a stream: in one put when their length was announced, else in parts.

import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { BridgeError } from '../../core/errors.ts';
import type { MediaDigest, MediaObject, MediaStore } from '../../core/media-ports.ts';
import type { Clock } from '../../core/ports.ts';
import { callStore } from './aws-errors.ts';
import { toAttachmentHeader } from './content-disposition.ts';

/** The smallest S3 takes; one part at a time is in memory. */
const partBytes = 5 * 1024 * 1024;
const addressSeconds = 3600;

export function createS3Media(client: S3Client, bucket: string, clock: Clock): MediaStore {
  return {
    async save(object, { chunks, bytes, deadlineAt }, seal) {
      const sealed = new SealedBody(chunks, bytes, seal);
      const input = describeObject(bucket, object, sealed.body);
      try {
        if (bytes === undefined) await putInParts(client, input);
        else {
          const timeout = AbortSignal.timeout(Math.max(deadlineAt - clock.now(), 0));
          const abortSignal = AbortSignal.any([timeout, sealed.broken]);
          await client.send(new PutObjectCommand({ ...input, ContentLength: bytes }), { abortSignal });
        }
        return sealed.digest();
      } catch (error) {
        throw sealed.failure ?? explain(error);
      } finally {
        sealed.body.destroy();
      }
    },
    find: (key) =>
      callStore('media find', async () => {
        try {
          const { ContentLength = 0 } = await client.send(
            new HeadObjectCommand({ Bucket: bucket, Key: key }),
          );
          return { bytes: ContentLength };
        } catch (error) {
          // Quirk(s3): who may not list a bucket is told 403 of what is not there.
          const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
          if (status === 404 || status === 403) return undefined;
          throw error;
        }
      }),
    mintUrl: (key) =>
      callStore('media address', () =>
        getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: key }), {
          expiresIn: addressSeconds,
        }),
      ),
  };
}

/** A failing body makes the upload give up its parts, so nothing is left of it. */
async function putInParts(client: S3Client, params: PutObjectCommandInput): Promise<void> {
  await new Upload({ client, params, partSize: partBytes, queueSize: 1, leavePartsOnError: false }).done();
}

/** Hashes what passes, and holds the last chunk back until the whole is found good: S3 keeps no unfinished put. */
class SealedBody {
  readonly body: Readable;
  /** What ended the body early. */
  failure: unknown;
  readonly #broken = new AbortController();
  #received: MediaDigest | undefined;

  constructor(
    chunks: AsyncIterable<Uint8Array>,
    announcedBytes: number | undefined,
    seal: (received: MediaDigest) => void,
  ) {
    this.body = Readable.from(this.#pass(chunks, announcedBytes, seal), { objectMode: false });
    // The SDK does not listen to a body it has stopped sending.
    this.body.on('error', () => undefined);
  }

  /** Aborted when the body ends early: the SDK would wait for the rest of it. */
  get broken(): AbortSignal {
    return this.#broken.signal;
  }

  digest(): MediaDigest {
    if (!this.#received) throw new TypeError('the body was not read to its end');
    return this.#received;
  }

  async *#pass(
    chunks: AsyncIterable<Uint8Array>,
    announcedBytes: number | undefined,
    seal: (received: MediaDigest) => void,
  ): AsyncGenerator<Uint8Array> {
    const hash = createHash('sha256');
    let bytes = 0;
    let held: Uint8Array | undefined;
    try {
      for await (const chunk of chunks) {
        hash.update(chunk);
        bytes += chunk.length;
        if (held) yield held;
        held = chunk;
      }
      if (announcedBytes !== undefined && bytes !== announcedBytes)
        throw new BridgeError('provider-unavailable', 'the media has another length than announced', {
          code: 'cut-short',
        });
      const received = { bytes, sha256: hash.digest('hex') };
      seal(received);
      this.#received = received;
    } catch (error) {
      this.failure = error;
      this.#broken.abort();
      throw error;
    }
    if (held) yield held;
  }
}

function describeObject(bucket: string, object: MediaObject, Body: Readable): PutObjectCommandInput {
  return {
    Bucket: bucket,
    Key: object.key,
    Body,
    ContentType: object.mime,
    // Never shown inside a page of whoever opens the address.
    ContentDisposition: toAttachmentHeader(object.filename),
    CacheControl: 'private, max-age=3600',
    Metadata: object.labels,
  };
}

function explain(error: unknown): BridgeError {
  const code = error instanceof Error ? error.name : 'unknown';
  return new BridgeError('store-unavailable', `media put failed: ${code}`, { code }, error);
}
