import { createHash, randomBytes } from 'node:crypto';
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { createS3Media } from '../../lambdas/adapters/aws/s3-media.ts';
import { systemClock } from '../../lambdas/adapters/system.ts';
import { BridgeError } from '../../lambdas/core/errors.ts';
import type { AwsEndpoint } from './aws-endpoint.ts';
import { startAwsEndpoint } from './aws-endpoint.ts';

const mebibyte = 1024 * 1024;
let endpoint: AwsEndpoint;
let client: S3Client;
let bucket: string;
beforeAll(async () => {
  endpoint = await startAwsEndpoint();
  client = new S3Client({
    ...endpoint.config,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  bucket = endpoint.unique('media');
  await endpoint.createBucket(bucket);
}, 30_000);
afterAll(async () => {
  client?.destroy();
  await endpoint?.stop();
});

async function* inChunks(bytes: Uint8Array, failure?: Error): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 64 * 1024) yield bytes.subarray(at, at + 64 * 1024);
  if (failure) throw failure;
}

let files = 0;

function save(
  chunks: AsyncIterable<Uint8Array>,
  {
    bytes,
    seal = () => undefined,
    deadlineMs = 10_000,
  }: { bytes?: number | undefined; seal?: () => void; deadlineMs?: number },
) {
  files += 1;
  const key = `media/acme/document/2026-11-20/${files}.pdf`;
  const store = createS3Media(client, bucket, systemClock);
  const object = { key, mime: 'application/pdf', filename: 'Zoë.pdf', labels: { kind: 'document' } };
  const content = { chunks, deadlineAt: Date.now() + deadlineMs, ...(bytes === undefined ? {} : { bytes }) };
  return { key, store, saved: store.save(object, content, seal) };
}

async function listLeftovers(key: string): Promise<unknown[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: key }));
  const { Uploads = [] } = await client.send(
    new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key }),
  );
  return [...Contents, ...Uploads];
}

const cases = [
  ['of announced length', true, 3 * mebibyte],
  ['of announced length, large', true, 24 * mebibyte],
  ['of unknown length, in one part', false, mebibyte],
  ['of unknown length, in many parts', false, 12 * mebibyte],
] as const;

describe('media in the store', () => {
  it('is found by its key, with its size; what is not there is nothing', async () => {
    const { key, store, saved } = save(inChunks(randomBytes(1000)), { bytes: 1000 });
    await saved;
    expect(await store.find(key)).toEqual({ bytes: 1000 });
    expect(await store.find(`${key}.other`)).toBeUndefined();
  });

  it('cannot be found in a store that does not answer, and is not taken for missing', async () => {
    const closed = new S3Client({ ...endpoint.config, endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    const found = createS3Media(closed, bucket, systemClock).find('media/a');
    await expect(found).rejects.toMatchObject({ kind: 'store-unavailable' });
    closed.destroy();
  });

  it.each(cases)('%s is what was received, with its type and name', async (_name, isAnnounced, size) => {
    const bytes = randomBytes(size);
    const sha256 = createHash('sha256').update(bytes).digest('hex');

    const { key, store, saved } = save(inChunks(bytes), { bytes: isAnnounced ? size : undefined });

    expect(await saved).toEqual({ bytes: size, sha256 });
    const download = await fetch(await store.mintUrl(key));
    expect(
      createHash('sha256')
        .update(await download.bytes())
        .digest('hex'),
    ).toBe(sha256);
    expect(download.headers.get('content-type')).toBe('application/pdf');
    expect(download.headers.get('content-disposition')).toBe(
      `attachment; filename="Zo_.pdf"; filename*=UTF-8''Zo%C3%AB.pdf`,
    );
    expect(download.headers.get('x-amz-meta-kind')).toBe('document');
  });

  it.each(cases)('%s leaves nothing when its seal is refused', async (_name, isAnnounced, size) => {
    const refusal = new BridgeError('provider-rejected', 'no', { code: 'hash-differs' });
    const seal = () => {
      throw refusal;
    };

    const { key, saved } = save(inChunks(randomBytes(size)), { bytes: isAnnounced ? size : undefined, seal });

    await expect(saved).rejects.toBe(refusal);
    expect(await listLeftovers(key)).toEqual([]);
  });

  it.each(cases)('%s leaves nothing when it breaks off', async (_name, isAnnounced, size) => {
    const broken = new BridgeError('provider-unavailable', 'no', { code: 'cut-short' });
    const chunks = inChunks(randomBytes(size - 1), broken);

    const { key, saved } = save(chunks, { bytes: isAnnounced ? size : undefined });

    await expect(saved).rejects.toBe(broken);
    expect(await listLeftovers(key)).toEqual([]);
  });

  it.each([
    ['shorter', 1001],
    ['longer', 999],
  ])('leaves nothing when it is %s than announced', async (_name, bytes) => {
    const { key, saved } = save(inChunks(randomBytes(1000)), { bytes });

    await expect(saved).rejects.toMatchObject({
      kind: 'provider-unavailable',
      details: { code: 'cut-short' },
    });
    expect(await listLeftovers(key)).toEqual([]);
  });

  it('leaves nothing when the deadline passes', async () => {
    const endless = async function* () {
      for (;;) {
        yield randomBytes(1000);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };

    const { key, saved } = save(endless(), { bytes: 10 * mebibyte, deadlineMs: 200 });

    await expect(saved).rejects.toMatchObject({ kind: 'store-unavailable' });
    expect(await listLeftovers(key)).toEqual([]);
  });

  it('cannot be put into a bucket that is not there', async () => {
    const store = createS3Media(client, 'no-such-bucket', systemClock);
    const object = { key: 'k', mime: 'text/plain', filename: 'a.txt', labels: {} };

    for (const bytes of [4, undefined]) {
      const content = {
        chunks: inChunks(Buffer.from('text')),
        deadlineAt: Date.now() + 5000,
        ...(bytes === undefined ? {} : { bytes }),
      };
      await expect(store.save(object, content, () => undefined)).rejects.toMatchObject({
        kind: 'store-unavailable',
        details: { code: 'NoSuchBucket' },
      });
    }
  });
});
