import { randomBytes } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import { startTestAws, type TestAws } from './aws-harness.ts';

const Bucket = 'archive';
let aws: TestAws;
let s3: S3Client;

beforeAll(async () => {
  aws = await startTestAws();
  await aws.ask('provision', { tables: [], queues: [], buckets: [{ name: Bucket }], secrets: [] });
  s3 = new S3Client({ ...aws.asFunction('door'), maxAttempts: 1 });
});

afterAll(async () => {
  s3.destroy();
  await aws.stop();
});

async function put(Key: string, Body: string | Buffer, ContentType?: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType }));
}

async function get(Key: string): Promise<Buffer> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

async function presign(
  key: string,
  options: { expiresIn?: number; signingDate?: Date; query?: Record<string, string> } = {},
): Promise<string> {
  const config = aws.asFunction('door');
  const signer = new SignatureV4({
    ...config,
    service: 's3',
    sha256: s3.config.sha256,
    uriEscapePath: false,
  });
  const { hostname, port, host } = new URL(aws.url);
  const path = `/${Bucket}/${key.split('/').map(encodeURIComponent).join('/')}`;
  const signed = await signer.presign(
    {
      method: 'GET',
      protocol: 'http:',
      hostname,
      port: Number(port),
      path,
      headers: { host, 'X-Amz-Content-Sha256': 'UNSIGNED-PAYLOAD' },
      query: { ...options.query },
    },
    { expiresIn: options.expiresIn ?? 60, signingDate: options.signingDate },
  );
  const query = Object.entries(signed.query ?? {}).map(([k, v]) => `${k}=${encodeURIComponent(String(v))}`);
  return `${aws.url}${path}?${query.join('&')}`;
}

describe('objects', () => {
  test.each([
    'application/x-www-form-urlencoded',
    'application/json',
    'audio/ogg; codecs=opus',
    'multipart/form-data',
    'text/plain;charset=UTF-8',
  ])('of type %s come back byte for byte', async (type) => {
    const bytes = Buffer.from('a=1&b={"c":"é😀"}');

    await put('any-type', bytes, type);

    const { ContentType } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'any-type' }));
    expect(await get('any-type')).toEqual(bytes);
    expect(ContentType).toBe(type);
  });

  test('may be empty', async () => {
    await put('empty', Buffer.alloc(0));

    expect(await get('empty')).toEqual(Buffer.alloc(0));
  });

  test('may be larger than 11 MiB', async () => {
    const bytes = randomBytes(13 * 2 ** 20);

    await put('large', bytes);

    expect((await get('large')).equals(bytes)).toBe(true);
  });

  test('may be uploaded in parts, the parts larger than 11 MiB', async () => {
    const target = { Bucket, Key: 'parts' };
    const parts = [randomBytes(12 * 2 ** 20), Buffer.from('the end')];
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
    const Parts = [];
    for (const [index, Body] of parts.entries()) {
      const PartNumber = index + 1;
      const { ETag } = await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber, Body }));
      Parts.push({ PartNumber, ETag });
    }

    await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));

    expect((await get('parts')).equals(Buffer.concat(parts))).toBe(true);
  });

  test('keep keys with any characters apart', async () => {
    const keys = ['odd/a b+c%.json', 'odd/ü=😀&?', "odd/it's(1)!*"];
    for (const key of keys) await put(key, key);

    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'odd/' }));

    expect(new Set(Contents?.map(({ Key }) => Key))).toEqual(new Set(keys));
    for (const key of keys) expect((await get(key)).toString()).toBe(key);
  });
});

describe('If-None-Match: *', () => {
  test('refuses to overwrite and leaves the object as it was', async () => {
    const first = new PutObjectCommand({ Bucket, Key: 'once', Body: 'first', IfNoneMatch: '*' });
    const second = new PutObjectCommand({ Bucket, Key: 'once', Body: 'second', IfNoneMatch: '*' });
    await s3.send(first);

    await expect(s3.send(second)).rejects.toMatchObject({
      name: 'PreconditionFailed',
      $metadata: { httpStatusCode: 412 },
    });

    expect((await get('once')).toString()).toBe('first');
  });

  test('lets exactly one of many concurrent puts through', async () => {
    const puts = Array.from({ length: 20 }, (_, index) =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'race', Body: String(index), IfNoneMatch: '*' })),
    );

    const results = await Promise.allSettled(puts);

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('leaves a missing bucket to be reported as such', async () => {
    const command = new PutObjectCommand({ Bucket: 'nowhere', Key: 'k', Body: 'b', IfNoneMatch: '*' });

    await expect(s3.send(command)).rejects.toMatchObject({ name: 'NoSuchBucket' });
  });
});

describe('tags', () => {
  test('are stored beside the object, read back and deleted', async () => {
    await put('tagged', 'content');
    const target = { Bucket, Key: 'tagged' };
    const TagSet = [{ Key: 'kind', Value: 'raw' }];

    await s3.send(new PutObjectTaggingCommand({ ...target, Tagging: { TagSet } }));
    const stored = await s3.send(new GetObjectTaggingCommand(target));
    await s3.send(new DeleteObjectTaggingCommand(target));
    const deleted = await s3.send(new GetObjectTaggingCommand(target));

    expect(stored.TagSet).toEqual(TagSet);
    expect(deleted.TagSet).toEqual([]);
    expect((await get('tagged')).toString()).toBe('content');
  });

  test('of an object that does not exist are an error', async () => {
    const command = new GetObjectTaggingCommand({ Bucket, Key: 'no such' });

    await expect(s3.send(command)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });
});

describe('a presigned URL', () => {
  beforeAll(() => put('media/a b.txt', 'hello', 'text/plain'));

  test('serves the object with the response headers it was signed with', async () => {
    const url = await presign('media/a b.txt', {
      query: {
        'response-content-disposition': 'attachment; filename="a.txt"; filename*=UTF-8\'\'%C3%A9.txt',
        'response-content-type': 'application/pdf',
      },
    });

    const response = await fetch(url);

    expect(response.status).toBe(200);
    expect(await response.text()).toBe('hello');
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(response.headers.get('content-disposition')).toContain("filename*=UTF-8''%C3%A9.txt");
  });

  test('is refused once it has expired', async () => {
    const url = await presign('media/a b.txt', { expiresIn: 5, signingDate: new Date(Date.now() - 10_000) });

    const response = await fetch(url);

    expect(response.status).toBe(403);
    expect(await response.text()).toMatch(/AccessDenied.*Request has expired/);
  });

  test('is refused for another object, another method or another query', async () => {
    const url = await presign('media/a b.txt');

    const statuses = [
      await fetch(url.replace('a%20b', 'c')),
      await fetch(url, { method: 'DELETE' }),
      await fetch(`${url}&response-content-type=text%2Fhtml`),
      await fetch(url, { method: 'HEAD' }),
    ].map(({ status }) => status);

    expect(statuses).toEqual([403, 403, 403, 403]);
    expect((await get('media/a b.txt')).toString()).toBe('hello');
  });

  test('with a header value outside Latin-1 is refused as on S3', async () => {
    const url = await presign('media/a b.txt', {
      query: { 'response-content-disposition': 'attachment; filename="😀"' },
    });

    const response = await fetch(url);

    expect(response.status).toBe(400);
    expect(await response.text()).toContain('InvalidArgument');
  });

  test('is recorded under the function that signed it', async () => {
    const since = (await aws.ask('calls', 0)).length;

    const { status } = await fetch(await presign('media/a b.txt'));

    expect(status).toBe(200);
    expect(await aws.ask('calls', since)).toMatchObject([
      { function: 'door', service: 's3', operation: 'GetObject', resource: `${Bucket}/media/a b.txt` },
    ]);
  });
});
