// How much memory a worker needs for the media of a whole batch: a process of its own, with media that never stands in memory.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import type { AwsEndpoint } from './aws-endpoint.ts';
import { startAwsEndpoint } from './aws-endpoint.ts';

const mebibyte = 1024 * 1024;
const part = Buffer.alloc(mebibyte, 'some media ');
let endpoint: AwsEndpoint;
let meta: Server;
let metaUrl: string;
beforeAll(async () => {
  endpoint = await startAwsEndpoint();
  meta = createServer((request, response) => {
    const [, version, , id = ''] = (request.url ?? '').split(/[/?]/);
    if (version === 'v24.0')
      response.end(JSON.stringify({ url: `${metaUrl}/file/x/${request.url?.split(/[/?]/)[2]}` }));
    else void serve(id, response);
  }).listen(0, '127.0.0.1');
  await once(meta, 'listening');
  metaUrl = `http://127.0.0.1:${(meta.address() as AddressInfo).port}`;
}, 30_000);
afterAll(async () => {
  meta?.close();
  await endpoint?.stop();
});

/** Ids are `<number>-<mebibytes>-<announced|chunked>`. */
async function serve(id: string, response: ServerResponse): Promise<void> {
  const [, size, form] = id.split('-');
  if (form === 'announced') response.setHeader('content-length', Number(size) * mebibyte);
  for (let sent = 0; sent < Number(size); sent += 1) if (!response.write(part)) await once(response, 'drain');
  response.end();
}

function digestOf(mebibytes: number): string {
  const hash = createHash('sha256');
  for (let part_ = 0; part_ < mebibytes; part_ += 1) hash.update(part);
  return hash.digest('hex');
}

it.each([
  ['ten documents of 24 MB at a time', Array.from({ length: 10 }, (_, n) => `${n}-24-announced`)],
  ['a document of 60 MB', ['0-60-announced']],
  [
    'ten documents of 12 MB whose length nobody announced',
    Array.from({ length: 10 }, (_, n) => `${n}-12-chunked`),
  ],
])(
  '%s need at most 256 MB',
  async (_name, ids) => {
    const bucket = endpoint.unique(`memory-${ids[0]}`);
    await endpoint.createBucket(bucket);
    const { accessKeyId, secretAccessKey } = endpoint.config.credentials;

    const { stdout } = await promisify(execFile)(
      'node',
      ['test/integration/relay-in-process.ts', JSON.stringify({ metaUrl, bucket, ids })],
      {
        env: {
          ...process.env,
          AWS_ENDPOINT_URL: endpoint.url,
          AWS_REGION: endpoint.config.region,
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
        },
      },
    );

    const { peakBytes, stored } = JSON.parse(stdout);
    const sha256 = digestOf(Number(ids[0]?.split('-')[1]));
    expect(stored).toEqual(ids.map(() => expect.objectContaining({ state: 'downloaded', sha256 })));
    expect(peakBytes / mebibyte).toBeLessThan(256);
  },
  120_000,
);
