import { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { createS3Archive } from '../../../../lambdas/adapters/aws/s3-archive.ts';
import type { LoopbackServer } from '../../../loopback-server.ts';
import { startLoopbackServer } from '../../../loopback-server.ts';

const denied = Object.assign(new Error('no'), { name: 'AccessDenied' });

describe('the archive', () => {
  const s3 = mockClient(S3Client);
  const archive = createS3Archive(new S3Client({}), 'acme-prod-archive');
  beforeEach(() => s3.reset());
  afterAll(() => s3.restore());

  it('keeps the bytes under their key and type', async () => {
    s3.on(PutObjectCommand).resolves({});
    const bytes = new Uint8Array([0, 255]);

    await archive.put('raw/a.json', bytes, 'application/json', 1000);

    expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: 'acme-prod-archive',
      Key: 'raw/a.json',
      Body: bytes,
      ContentType: 'application/json',
    });
  });

  it('gives the bytes back', async () => {
    const bytes = Buffer.from([0, 255, 10]);
    const body = { transformToByteArray: async () => bytes };
    s3.on(GetObjectCommand, { Bucket: 'acme-prod-archive', Key: 'raw/a.json' }).resolves({
      Body: Object.assign(Readable.from([bytes]), body) as never,
    });

    expect(await archive.get('raw/a.json')).toEqual(bytes);
  });

  it('that refuses is unavailable', async () => {
    s3.on(PutObjectCommand).rejects(denied).on(GetObjectCommand).rejects(denied);
    const unavailable = { kind: 'store-unavailable', details: { code: 'AccessDenied' } };

    await expect(archive.put('k', new Uint8Array(), 'text/plain', 1000)).rejects.toMatchObject(unavailable);
    await expect(archive.get('k')).rejects.toMatchObject(unavailable);
  });

  it('that answers without a body is unavailable', async () => {
    s3.on(GetObjectCommand).resolves({});

    await expect(archive.get('k')).rejects.toMatchObject({ kind: 'store-unavailable' });
  });
});

describe('an archive that does not answer', () => {
  let server: LoopbackServer;
  let client: S3Client;
  beforeEach(async () => {
    server = await startLoopbackServer();
    client = new S3Client({
      endpoint: server.url,
      region: 'eu-west-2',
      credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
      forcePathStyle: true,
    });
  });
  afterEach(async () => {
    client.destroy();
    await server.close();
  });

  it('ends at its deadline', async () => {
    const put = createS3Archive(client, 'bucket').put('k', new Uint8Array([1]), 'text/plain', 60);

    await expect(put).rejects.toMatchObject({ kind: 'store-unavailable', details: { code: 'AbortError' } });
  });
});
