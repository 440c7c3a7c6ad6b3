// S3 and SQS below the real SDK: every request is counted and answered after a delay, and nothing leaves the process.
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { clientSettings } from '../lambdas/adapters/aws/clients.ts';

interface TimedService {
  readonly requests: number;
}

const identity = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
};

export function createTimedS3(nextDelayMs: () => number): { client: S3Client; service: TimedService } {
  const requestHandler = createTimedHandler(nextDelayMs, () => '');
  const checksums = { requestChecksumCalculation: 'WHEN_REQUIRED' } as const;
  return {
    client: new S3Client({ ...clientSettings, ...identity, ...checksums, requestHandler }),
    service: requestHandler,
  };
}

export function createTimedSqs(nextDelayMs: () => number): { client: SQSClient; service: TimedService } {
  const requestHandler = createTimedHandler(nextDelayMs, acceptBatch);
  return {
    client: new SQSClient({ ...clientSettings, ...identity, requestHandler }),
    service: requestHandler,
  };
}

/** What SendMessageBatch answers when all is well; the SDK checks the digests. */
function acceptBatch(body: string): string {
  const { Entries } = JSON.parse(body) as { Entries: { Id: string; MessageBody: string }[] };
  const Successful = Entries.map(({ Id, MessageBody }) => ({
    Id,
    MessageId: Id,
    MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex'),
    SequenceNumber: '1',
  }));
  return JSON.stringify({ Successful, Failed: [] });
}

function createTimedHandler(nextDelayMs: () => number, answer: (body: string) => string) {
  const handler = {
    requests: 0,
    async handle({ body }: { body?: unknown }) {
      handler.requests += 1;
      await sleep(nextDelayMs());
      const text = answer(readText(body));
      return { response: { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(text)]) } };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
  return handler;
}

function readText(body: unknown): string {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : '';
}
