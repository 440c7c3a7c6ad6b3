import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createNumberSecrets } from '../../lambdas/adapters/aws/number-secrets.ts';
import { createS3Archive } from '../../lambdas/adapters/aws/s3-archive.ts';
import { createSqsInboundQueue } from '../../lambdas/adapters/aws/sqs-inbound-queue.ts';
import { createChangeVisibility } from '../../lambdas/adapters/aws/sqs-visibility.ts';
import {
  assembleEnvelope,
  openEnvelope,
  packItem,
  parseQueueBody,
} from '../../lambdas/core/model/envelope.ts';
import { HandClock } from '../fakes/outside-world.ts';
import type { AwsEndpoint } from './aws-endpoint.ts';
import { startAwsEndpoint } from './aws-endpoint.ts';

let endpoint: AwsEndpoint;
beforeAll(async () => {
  endpoint = await startAwsEndpoint();
}, 30_000);
afterAll(() => endpoint?.stop());

describe('SqsInboundQueue', () => {
  const head = {
    v: 1,
    channel: 'meta',
    receivedAt: 1,
    rawKey: 'raw/a.json',
    correlationId: 'c',
  } as const;

  const receive = async (client: SQSClient, QueueUrl: string) => {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: 2,
        MessageSystemAttributeNames: ['MessageGroupId', 'ApproximateReceiveCount'],
      }),
    );
    return Messages;
  };

  it('carries every character SQS itself would refuse, and holds and returns a group as a whole', async () => {
    const client = new SQSClient({ ...endpoint.config, useQueueUrlAsEndpoint: false });
    const url = await endpoint.createFifoQueue(`${endpoint.unique('inbound')}.fifo`, {
      VisibilityTimeout: '30',
    });
    const queue = createSqsInboundQueue(client, url);
    const text = '\u0000\uffff\ufffe\ud800 🎉 שלום';
    const body = assembleEnvelope(openEnvelope(head), '1', {}, [
      packItem({ id: 'w', message: { text } }, {}),
    ]);

    await queue.send([
      { groupId: 'g1', deduplicationId: 'd1', body },
      { groupId: 'g2', deduplicationId: 'd2', body },
    ]);
    await queue.send([{ groupId: 'g1', deduplicationId: 'd3', body }]);
    await queue.send([{ groupId: 'g1', deduplicationId: 'd3', body }]);

    const first = await receive(client, url);
    expect(first).toHaveLength(3);
    const parsed = parseQueueBody(first[0]?.Body ?? '');
    expect('items' in parsed && parsed.items[0]?.message).toEqual({ text });
    const changeVisibility = createChangeVisibility(client, url);
    await changeVisibility(
      first.map(({ ReceiptHandle }) => ReceiptHandle ?? ''),
      0,
    );
    const second = await receive(client, url);
    expect(second.map(({ Attributes }) => Attributes?.ApproximateReceiveCount)).toEqual(['2', '2', '2']);
    client.destroy();
  }, 30_000);
});

describe('S3Archive', () => {
  it('gives back the very bytes it was given', async () => {
    const client = new S3Client({ ...endpoint.config, forcePathStyle: true });
    await endpoint.createBucket(endpoint.unique('archive'));
    const archive = createS3Archive(client, endpoint.unique('archive'));
    const bytes = new Uint8Array([0, 255, 10, 13, 128]);

    await archive.put('raw/a=b+c.json', bytes, 'application/json', 5000);

    expect([...(await archive.get('raw/a=b+c.json'))]).toEqual([...bytes]);
    await expect(archive.get('raw/missing.json')).rejects.toMatchObject({ kind: 'store-unavailable' });
    client.destroy();
  }, 30_000);
});

describe('NumberSecrets', () => {
  it('reads the secret of a number by its name', async () => {
    const client = new SecretsManagerClient(endpoint.config);
    await endpoint.createSecret(
      endpoint.unique('number-1'),
      JSON.stringify({ metaAppSecret: 'a', pseudonymKey: 'p' }),
    );
    const secrets = createNumberSecrets(
      client,
      new Map([
        ['1', endpoint.unique('number-1')],
        ['2', endpoint.unique('number-2')],
      ]),
      new HandClock(),
    );

    expect(await secrets.get('1')).toMatchObject({
      metaAppSecret: 'a',
      metaVerifyToken: '',
      pseudonymKey: 'p',
    });
    await expect(secrets.get('2')).rejects.toMatchObject({ kind: 'secret-unavailable' });
    client.destroy();
  }, 30_000);
});
