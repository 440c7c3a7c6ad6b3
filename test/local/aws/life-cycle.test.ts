// Starting and ending: what is handed out, and that nothing keeps the process alive afterwards.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLocalAws } from '../../../local/aws/local-aws.ts';
import { queueUrl } from '../../../local/aws/provision.ts';
import { startTestAws, waitFor } from './aws-harness.ts';

const ROOT = join(__dirname, '../../..');
const options = {
  port: 0,
  region: 'eu-west-1',
  accountId: '000000000000',
  services: new Set(['sqs'] as const),
};
/** Nobody listens there; these tests send nothing. */
const externalEndpoint = new URL('http://127.0.0.1:9');

test('gives a function keys of its own, one endpoint for everything and nothing of a profile', async () => {
  const aws = await startLocalAws({ ...options, externalEndpoint });

  const env = aws.functionEnv('example-local-door');
  await aws.close();

  expect(aws.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(env).toEqual({
    AWS_ACCESS_KEY_ID: 'example-local-door',
    AWS_SECRET_ACCESS_KEY: aws.clientConfig('pump').credentials.secretAccessKey,
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: aws.url,
    AWS_ENDPOINT_URL_DYNAMODB: aws.url,
    AWS_ENDPOINT_URL_SQS: aws.url,
    AWS_ENDPOINT_URL_S3: aws.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: aws.url,
    AWS_ENDPOINT_URL_SSM: aws.url,
    AWS_ENDPOINT_URL_SFN: aws.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  });
});

test('says which error the port gave when it is taken', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };

  await expect(startLocalAws({ ...options, externalEndpoint, port })).rejects.toMatchObject({
    code: 'EADDRINUSE',
  });

  holder.close();
});

test('closes at once while a poll and a delayed call are open, and the process ends by itself', async () => {
  const aws = await startTestAws();
  const sqs = new SQSClient({ ...aws.asFunction('worker'), maxAttempts: 1 });
  const queue = { name: 'in.fifo', attributes: { FifoQueue: 'true' } };
  await aws.ask('provision', { tables: [], queues: [queue], buckets: [], secrets: [] });
  await aws.ask('putFaults', [{ service: 'sqs', operation: 'ReceiveMessage', times: 1, delayMs: 60_000 }]);
  const QueueUrl = queueUrl({ url: aws.url, accountId: '000000000000' }, 'in.fifo');
  const poll = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 });
  const open = Promise.allSettled([sqs.send(poll), sqs.send(poll)]);
  await waitFor(async () => (await aws.ask('calls', 0)).length === 2 || undefined);
  const startedAt = Date.now();

  await aws.ask('close');
  aws.child.disconnect();
  const [code] = await once(aws.child, 'exit');

  expect(code).toBe(0);
  expect(Date.now() - startedAt).toBeLessThan(2000);
  expect((await open).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  sqs.destroy();
});

test('serves from the command line until its input ends', async () => {
  const child = spawn(process.execPath, ['local/aws/serve.ts', '--port', '0'], { cwd: ROOT });
  const [line] = await once(child.stdout, 'data');
  const { url } = JSON.parse(String(line));
  const { status } = await fetch(url);

  child.stdin.end();
  const [code] = await once(child, 'exit');

  expect(status).toBe(403);
  expect(code).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});
