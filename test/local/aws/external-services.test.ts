// Two local AWS in a row: the outer one, in this process, takes the embedded one of another process for its endpoint.

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type LocalAws, startLocalAws } from '../../../local/aws/local-aws.ts';
import { type AwsResources, provision, queueUrl } from '../../../local/aws/provision.ts';
import { startTestAws, type TestAws, waitFor } from './aws-harness.ts';

const resources: AwsResources = {
  tables: [
    {
      name: 'ledger',
      attributes: [
        { name: 'pk', type: 'S' },
        { name: 'sk', type: 'N' },
      ],
      keys: [{ name: 'pk', type: 'HASH' }],
      indexes: [
        {
          name: 'by-sk',
          keys: [
            { name: 'pk', type: 'HASH' },
            { name: 'sk', type: 'RANGE' },
          ],
          projection: { include: ['status'] },
        },
      ],
      ttlAttribute: 'ttl',
    },
  ],
  queues: [
    {
      name: 'in.fifo',
      attributes: {
        FifoQueue: 'true',
        RedrivePolicy: JSON.stringify({
          deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:dead.fifo',
          maxReceiveCount: 20,
        }),
      },
    },
    { name: 'dead.fifo', attributes: { FifoQueue: 'true' } },
  ],
  buckets: [{ name: 'archive' }],
  secrets: [{ name: 'number-1', value: 'first' }],
};

let inner: TestAws;
let outer: LocalAws;

function startOuter(url: string): Promise<LocalAws> {
  return startLocalAws({
    port: 0,
    region: 'eu-west-1',
    accountId: '000000000000',
    services: new Set(['dynamodb', 'sqs', 's3', 'secretsmanager']),
    externalEndpoint: new URL(url),
  });
}

function asFunction(aws: LocalAws) {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = aws.functionEnv('door');
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID ?? '', secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '' };
  return { endpoint: aws.url, region: 'eu-west-1', credentials, maxAttempts: 1 };
}

beforeAll(async () => {
  inner = await startTestAws();
  outer = await startOuter(inner.url);
  await provision(outer, resources);
});

afterAll(async () => {
  await outer.close();
  await inner.stop();
});

test('forwards calls of every service, recording them on the way', async () => {
  const config = asFunction(outer);
  const clients = {
    dynamo: new DynamoDBClient(config),
    s3: new S3Client(config),
    sqs: new SQSClient(config),
  };
  const { dynamo, s3, sqs } = clients;
  const Item = { pk: { S: 'a' }, sk: { N: '1' } };
  const QueueUrl = queueUrl(outer, 'in.fifo');
  const ids = { MessageGroupId: 'g', MessageDeduplicationId: '1' };
  const body = Buffer.from([...Array(256).keys()]);

  await dynamo.send(new PutItemCommand({ TableName: 'ledger', Item }));
  const item = await dynamo.send(new GetItemCommand({ TableName: 'ledger', Key: { pk: Item.pk } }));
  await s3.send(new PutObjectCommand({ Bucket: 'archive', Key: 'a b/ü.bin', Body: body }));
  const object = await s3.send(new GetObjectCommand({ Bucket: 'archive', Key: 'a b/ü.bin' }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm', ...ids }));
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));

  expect(item.Item).toEqual(Item);
  expect(Buffer.from((await object.Body?.transformToByteArray()) ?? [])).toEqual(body);
  expect(Messages?.[0]?.Body).toBe('m');
  expect(outer.calls(0).map((call) => `${call.function} ${call.operation} ${call.resource}`)).toEqual([
    'door PutItem ledger',
    'door GetItem ledger',
    'door PutObject archive/a b/ü.bin',
    'door GetObject archive/a b/ü.bin',
    'door SendMessage in.fifo',
    'door ReceiveMessage in.fifo',
  ]);
  for (const client of Object.values(clients)) client.destroy();
});

test('puts faults into forwarded calls too', async () => {
  const dynamo = new DynamoDBClient(asFunction(outer));
  const put = (key: string) =>
    dynamo.send(new PutItemCommand({ TableName: 'ledger', Item: { pk: { S: key }, sk: { N: '1' } } }));
  const isStored = async (key: string) =>
    (await dynamo.send(new GetItemCommand({ TableName: 'ledger', Key: { pk: { S: key } } }))).Item !==
    undefined;
  outer.putFaults([
    { service: 'dynamodb', times: 1, action: { error: 'ThrottlingException' } },
    { service: 'dynamodb', times: 1, action: 'applied-then-reset' },
  ]);

  await expect(put('throttled')).rejects.toMatchObject({ name: 'ThrottlingException' });
  await expect(put('reset')).rejects.toThrow('socket hang up');

  expect(await isStored('throttled')).toBe(false);
  expect(await isStored('reset')).toBe(true);
  dynamo.destroy();
});

test('ends a forwarded long poll when its client goes away', async () => {
  const sqs = new SQSClient(asFunction(outer));
  const QueueUrl = queueUrl(outer, 'dead.fifo');
  const stop = new AbortController();
  const poll = sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), {
    abortSignal: stop.signal,
  });
  await waitFor(async () => (await inner.ask('calls', 0)).find(({ resource }) => resource === 'dead.fifo'));

  stop.abort();
  await expect(poll).rejects.toThrow('aborted');
  // Polls until the end of the first poll has gone through both: then the message goes to the second one.
  const ids = { MessageGroupId: 'g', MessageDeduplicationId: '1' };
  await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'm', ...ids }));

  const { Messages } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['ApproximateReceiveCount'] }),
  );
  expect(Messages?.[0]).toMatchObject({ Body: 'm', Attributes: { ApproximateReceiveCount: '1' } });
  sqs.destroy();
});

test('keeps resources that exist already, but gives secrets the value of this run', async () => {
  const secrets = new SecretsManagerClient(outer.clientConfig('test'));
  const dynamo = new DynamoDBClient(outer.clientConfig('test'));
  const Item = { pk: { S: 'kept' }, sk: { N: '1' } };
  await dynamo.send(new PutItemCommand({ TableName: 'ledger', Item }));

  const queues = resources.queues.map((queue) => ({
    ...queue,
    attributes: { ...queue.attributes, VisibilityTimeout: '7' },
  }));
  await provision(outer, { ...resources, queues, secrets: [{ name: 'number-1', value: 'second' }] });

  const kept = await dynamo.send(new GetItemCommand({ TableName: 'ledger', Key: { pk: Item.pk } }));
  const secret = await secrets.send(new GetSecretValueCommand({ SecretId: 'number-1' }));
  expect(kept.Item).toEqual(Item);
  expect(secret.SecretString).toBe('second');
  secrets.destroy();
  dynamo.destroy();
});

test('fails provisioning with the error of the service when it is another than "exists"', async () => {
  const buckets = [{ name: 'Not_A_Bucket' }];

  const provisioned = provision(outer, { tables: [], queues: [], buckets, secrets: [] });

  await expect(provisioned).rejects.toMatchObject({ name: 'InvalidBucketName' });
});

test('answers that the endpoint does not answer', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  const aws = await startOuter(`http://127.0.0.1:${port}`);
  const dynamo = new DynamoDBClient(asFunction(aws));

  const asked = dynamo.send(new GetItemCommand({ TableName: 'ledger', Key: { pk: { S: 'a' } } }));

  await expect(asked).rejects.toMatchObject({
    name: 'ServiceUnavailable',
    message: expect.stringContaining(`http://127.0.0.1:${port} does not answer`),
  });
  dynamo.destroy();
  await aws.close();
});

test('passes on a connection that breaks in the middle of an answer', async () => {
  const breaking = createServer((_request, response) => {
    response.writeHead(200, { 'content-length': 1000 }).write('{', () => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(breaking, 'listening');
  const aws = await startOuter(`http://127.0.0.1:${(breaking.address() as AddressInfo).port}`);
  const headers = { authorization: 'AWS4-HMAC-SHA256 Credential=door/20261120/eu-west-1/s3/aws4_request' };

  const body = fetch(`${aws.url}/archive/a`, { headers }).then((response) => response.text());

  await expect(body).rejects.toThrow();
  await aws.close();
  breaking.close();
});
