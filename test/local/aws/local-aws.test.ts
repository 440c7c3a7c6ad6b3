import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import {
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactGetItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { queueUrl } from '../../../local/aws/provision.ts';
import { startTestAws, type TestAws, waitFor } from './aws-harness.ts';

const FUNCTION = 'example-local-inbound-worker';
const TableName = 'ledger';
let aws: TestAws;
let QueueUrl: string;
let since: number;
const clients: { destroy(): void }[] = [];

beforeAll(async () => {
  aws = await startTestAws();
  QueueUrl = queueUrl({ url: aws.url, accountId: '000000000000' }, 'in.fifo');
  await aws.ask('provision', {
    tables: [
      {
        name: TableName,
        attributes: [{ name: 'pk', type: 'S' }],
        keys: [{ name: 'pk', type: 'HASH' }],
        indexes: [],
      },
    ],
    queues: [{ name: 'in.fifo', attributes: { FifoQueue: 'true' } }],
    buckets: [{ name: 'archive' }],
    secrets: [{ name: 'number-1', value: '{}' }],
  });
});

afterAll(async () => {
  for (const client of clients) client.destroy();
  await aws.stop();
});

beforeEach(async () => {
  await aws.ask('clearFaults');
  await aws.ask('allowAll');
  since = (await aws.ask('calls', 0)).at(-1)?.seq ?? 0;
});

function clientsOf(name: string, maxAttempts = 1) {
  const config = { ...(name === 'runner' ? aws.runner : aws.asFunction(name)), maxAttempts };
  const made = {
    dynamo: new DynamoDBClient(config),
    s3: new S3Client(config),
    sqs: new SQSClient(config),
    secrets: new SecretsManagerClient(config),
  };
  clients.push(...Object.values(made));
  return made;
}

const rows = async () =>
  (await aws.ask('calls', since)).map((call) => [call.function, call.service, call.operation, call.resource]);
const putItem = () => new PutItemCommand({ TableName, Item: { pk: { S: 'a' } } });
const getItem = (key = 'a') => new GetItemCommand({ TableName, Key: { pk: { S: key } } });
const putObject = () => new PutObjectCommand({ Bucket: 'archive', Key: 'raw/a.json', Body: '{}' });

describe('the call log', () => {
  test('has one row per request of a function, in order, and none of the runner', async () => {
    const { dynamo, s3, sqs, secrets } = clientsOf(FUNCTION);
    const before = Date.now();

    await secrets.send(new GetSecretValueCommand({ SecretId: 'number-1' }));
    await clientsOf('runner').dynamo.send(putItem());
    await s3.send(putObject());
    const Entries = [{ Id: '1', MessageBody: 'b', MessageGroupId: 'g', MessageDeduplicationId: 'log' }];
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await clientsOf('other').dynamo.send(putItem());
    await dynamo.send(getItem());

    expect(await rows()).toEqual([
      [FUNCTION, 'secretsmanager', 'GetSecretValue', 'number-1'],
      [FUNCTION, 's3', 'PutObject', 'archive/raw/a.json'],
      [FUNCTION, 'sqs', 'SendMessageBatch', 'in.fifo'],
      ['other', 'dynamodb', 'PutItem', TableName],
      [FUNCTION, 'dynamodb', 'GetItem', TableName],
    ]);
    const calls = await aws.ask('calls', since);
    expect(calls.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5].map((offset) => since + offset));
    for (const { at } of calls) expect(at).toBeGreaterThanOrEqual(before);
  });

  test('has a row for a call the service refuses', async () => {
    const { dynamo } = clientsOf(FUNCTION);

    await expect(
      dynamo.send(new GetItemCommand({ TableName: 'none', Key: { pk: { S: 'a' } } })),
    ).rejects.toThrow();

    expect(await rows()).toEqual([[FUNCTION, 'dynamodb', 'GetItem', 'none']]);
  });
});

describe('a fault', () => {
  const steps = [{ error: 'ThrottlingException' }, { error: 'InternalServerError' }];

  test('meets each attempt of the SDK until its times are used up', async () => {
    await aws.ask(
      'putFaults',
      steps.map((action) => ({ service: 'dynamodb', times: 1, action })),
    );

    await clientsOf(FUNCTION, 3).dynamo.send(putItem());

    expect(await rows()).toHaveLength(3);
  });

  test.each([
    ['dynamodb', 'ProvisionedThroughputExceededException', 400],
    ['dynamodb', 'InternalServerError', 500],
    ['sqs', 'OverLimit', 400],
    ['sqs', 'InternalFailure', 500],
    ['sqs', 'ServiceUnavailable', 503],
    ['s3', 'SlowDown', 503],
    ['s3', 'InternalError', 500],
    ['s3', 'AccessDenied', 403],
    ['s3', 'NoSuchBucket', 404],
    ['s3', 'PreconditionFailed', 412],
    ['s3', 'RequestTimeout', 400],
    ['s3', 'ThrottlingException', 503],
    ['secretsmanager', 'ResourceNotFoundException', 400],
    ['secretsmanager', 'InternalServiceError', 500],
  ])('answers in the shape of %s: %s with status %i', async (service, error, httpStatusCode) => {
    await aws.ask('putFaults', [{ service, action: { error } }]);
    const { dynamo, sqs, s3, secrets } = clientsOf(FUNCTION);
    const calls: Record<string, () => Promise<unknown>> = {
      dynamodb: () => dynamo.send(putItem()),
      sqs: () => sqs.send(new ReceiveMessageCommand({ QueueUrl })),
      s3: () => s3.send(putObject()),
      secretsmanager: () => secrets.send(new GetSecretValueCommand({ SecretId: 'number-1' })),
    };

    await expect(calls[service]?.()).rejects.toMatchObject({ name: error, $metadata: { httpStatusCode } });
  });

  test('answers HEAD without a body', async () => {
    await aws.ask('putFaults', [{ service: 's3', operation: 'HeadObject', action: { error: 'NoSuchKey' } }]);
    const { s3 } = clientsOf(FUNCTION);
    await s3.send(putObject());

    const head = s3.send(new HeadObjectCommand({ Bucket: 'archive', Key: 'raw/a.json' }));

    await expect(head).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });

  test('takes effect on the named function only and never on the runner', async () => {
    await aws.ask('putFaults', [
      { service: 'dynamodb', function: FUNCTION, action: { error: 'InternalServerError' } },
    ]);

    await clientsOf('other').dynamo.send(getItem());
    await clientsOf('runner').dynamo.send(getItem());

    await expect(clientsOf(FUNCTION).dynamo.send(getItem())).rejects.toThrow();
  });

  test('that is an error keeps the call from taking effect', async () => {
    await aws.ask('putFaults', [{ service: 'dynamodb', times: 1, action: { error: 'InternalServerError' } }]);
    const { dynamo } = clientsOf(FUNCTION);
    const Item = { pk: { S: 'never' } };

    await expect(dynamo.send(new PutItemCommand({ TableName, Item }))).rejects.toThrow();

    expect((await dynamo.send(getItem('never'))).Item).toBeUndefined();
  });

  test.each(['dynamodb', 's3'])(
    'applied-then-reset of %s breaks the connection after the effect',
    async (service) => {
      await aws.ask('putFaults', [{ service, times: 1, action: 'applied-then-reset' }]);
      const { dynamo, s3 } = clientsOf(FUNCTION);
      const write =
        service === 's3'
          ? s3.send(new PutObjectCommand({ Bucket: 'archive', Key: 'applied', Body: 'x' }))
          : dynamo.send(new PutItemCommand({ TableName, Item: { pk: { S: 'applied' } } }));

      await expect(write).rejects.toThrow('socket hang up');

      const found =
        service === 's3'
          ? await s3.send(new HeadObjectCommand({ Bucket: 'archive', Key: 'applied' }))
          : (await dynamo.send(getItem('applied'))).Item;
      expect(found).toBeDefined();
    },
  );

  test('applied-then-reset is retried by the SDK, and a deduplicated send arrives once', async () => {
    await aws.ask('putFaults', [
      { service: 'sqs', operation: 'SendMessage', times: 1, action: 'applied-then-reset' },
    ]);
    const { sqs } = clientsOf(FUNCTION, 3);
    const ids = { MessageGroupId: 'reset', MessageDeduplicationId: 'reset' };

    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'reset', ...ids }));
    const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));

    expect((received.Messages ?? []).filter(({ Body }) => Body === 'reset')).toHaveLength(1);
    expect((await rows()).map(([, , operation]) => operation)).toEqual([
      'SendMessage',
      'SendMessage',
      'ReceiveMessage',
    ]);
  });

  test('delays the answer, with an action or without', async () => {
    const { dynamo } = clientsOf(FUNCTION);
    await aws.ask('putFaults', [
      { service: 'dynamodb', times: 1, delayMs: 150 },
      { service: 'dynamodb', times: 1, delayMs: 150, action: { error: 'InternalServerError' } },
    ]);
    const startedAt = Date.now();

    await dynamo.send(getItem());
    const afterFirst = Date.now();
    await expect(dynamo.send(getItem())).rejects.toThrow();

    expect(afterFirst - startedAt).toBeGreaterThanOrEqual(149);
    expect(Date.now() - afterFirst).toBeGreaterThanOrEqual(149);
  });

  test('that delays a receive takes no message when the client has gone meanwhile', async () => {
    await aws.ask('putFaults', [{ service: 'sqs', operation: 'ReceiveMessage', times: 1, delayMs: 100 }]);
    const { sqs } = clientsOf(FUNCTION);
    const ids = { MessageGroupId: 'gone', MessageDeduplicationId: 'gone' };
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'gone', ...ids }));

    const abortSignal = AbortSignal.timeout(30);
    await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl }), { abortSignal })).rejects.toThrow();
    const startedAt = Date.now();
    await waitFor(async () => (Date.now() - startedAt > 120 ? true : undefined));

    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    expect(Messages.map(({ Body }) => Body)).toContain('gone');
  });

  test('that is malformed is refused by name', async () => {
    await expect(aws.ask('putFaults', [{ service: 's3', action: 'explode' as never }])).rejects.toThrow(
      'fault 0: action must be',
    );
  });
});

describe('the permission hook', () => {
  test('sees a call and its body before it takes effect and may deny it', async () => {
    await aws.ask('deny', 'PutItem', 'AccessDeniedException');
    const { dynamo } = clientsOf(FUNCTION);
    const Item = { pk: { S: 'denied' } };

    await expect(dynamo.send(new PutItemCommand({ TableName, Item }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(new RegExp(`^${FUNCTION} sent \\d{2} bytes$`)),
    });

    expect((await dynamo.send(getItem('denied'))).Item).toBeUndefined();
    await clientsOf('runner').dynamo.send(putItem());
  });

  test('that breaks fails the call, not the server', async () => {
    await aws.ask('breakHook');
    const { dynamo } = clientsOf(FUNCTION);

    await expect(dynamo.send(putItem())).rejects.toMatchObject({
      name: 'InternalFailure',
      message: 'the local AWS failed: the hook broke',
    });

    await aws.ask('allowAll');
    await dynamo.send(putItem());
  });
});

describe('a request is refused', () => {
  const dynamoAuthorization = 'AWS4-HMAC-SHA256 Credential=door/20261120/eu-west-1/dynamodb/aws4_request';

  async function post(headers: Record<string, string>): Promise<{ status: number; body: string }> {
    const sent = requestHttp(aws.url, { method: 'POST', headers });
    sent.end('{}');
    const [response] = await once(sent, 'response');
    const chunks: Buffer[] = await response.toArray();
    return { status: response.statusCode, body: Buffer.concat(chunks).toString() };
  }

  test('when it is not signed', async () => {
    const { status, body } = await post({ 'x-amz-target': 'DynamoDB_20120810.ListTables' });

    expect(status).toBe(403);
    expect(body).toContain('MissingAuthenticationTokenException');
  });

  test.each(['example.com', '127.0.0.1.example.com', '10.0.0.1:3003', 'archive.localhost'])(
    'when its host is %s',
    async (host) => {
      const { status, body } = await post({ host, authorization: dynamoAuthorization });

      expect(status).toBe(403);
      expect(body).toContain(`host \\"${host}\\" is not this machine`);
    },
  );

  test('and recorded when the template does not use the service', async () => {
    const { status, body } = await post({ authorization: dynamoAuthorization.replace('dynamodb', 'kms') });

    expect(status).toBe(400);
    expect(JSON.parse(body)).toMatchObject({
      __type: 'UnrecognizedClientException',
      message: expect.stringContaining('does not serve "kms"'),
    });
    expect(await rows()).toEqual([['door', 'kms', 'Unknown', '']]);
  });

  test('in XML when it speaks the query protocol', async () => {
    const { body } = await post({
      authorization: dynamoAuthorization.replace('dynamodb', 'sts'),
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    });

    expect(body).toContain(
      '<ErrorResponse><Error><Type>Sender</Type><Code>UnrecognizedClientException</Code>',
    );
  });

  test('when its body is over the limit, and the next one is served', async () => {
    const headers = { authorization: dynamoAuthorization.replace('dynamodb', 's3') };
    const body = Buffer.alloc(128 * 2 ** 20 + 1);

    const response = await fetch(`${aws.url}/archive/huge`, { method: 'PUT', headers, body });

    expect(response.status).toBe(413);
    expect(await response.text()).toContain('EntityTooLarge');
    await clientsOf(FUNCTION).s3.send(putObject());
  });
});

test('an operation the emulator does not know is an error of the service', async () => {
  const command = new TransactGetItemsCommand({
    TransactItems: [{ Get: { TableName, Key: { pk: { S: 'a' } } } }],
  });

  await expect(clientsOf(FUNCTION).dynamo.send(command)).rejects.toMatchObject({
    name: 'UnknownOperationException',
  });
});
