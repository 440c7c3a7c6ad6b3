import { GetObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import {
  clientSettings,
  createS3Client,
  createSecretsClient,
  createSfnClient,
  createSqsClient,
} from '../../../../lambdas/adapters/aws/clients.ts';
import { createDynamoClient } from '../../../../lambdas/adapters/aws/dynamo-client.ts';
import type { LoopbackServer } from '../../../loopback-server.ts';
import { answering, startLoopbackServer } from '../../../loopback-server.ts';

const before = process.env;
let server: LoopbackServer;
beforeEach(async () => {
  server = await startLoopbackServer();
  process.env = {
    ...before,
    AWS_REGION: 'eu-west-2',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: server.url,
    AWS_ENDPOINT_URL_SQS: server.url,
  };
});
afterEach(async () => {
  process.env = before;
  await server.close();
});

describe('every client', () => {
  const clients = {
    SQS: () => {
      const client = createSqsClient();
      return { client, send: () => client.send(new ListQueuesCommand({})) };
    },
    S3: () => {
      const client = createS3Client();
      const get = new GetObjectCommand({ Bucket: '127.0.0.1', Key: 'k' });
      return { client, send: () => client.send(get) };
    },
    'Secrets Manager': () => {
      const client = createSecretsClient();
      return { client, send: () => client.send(new GetSecretValueCommand({ SecretId: 's' })) };
    },
    'Step Functions': () => {
      const client = createSfnClient();
      return { client, send: () => client.send(new DescribeExecutionCommand({ executionArn: 'a' })) };
    },
    DynamoDB: () => {
      const client = createDynamoClient();
      return { client, send: () => client.send(new GetCommand({ TableName: 't', Key: { pk: 'p' } })) };
    },
  };

  it.each(Object.entries(clients))('has the deadlines and tries of the bridge: %s', async (_name, create) => {
    server.answer = answering(400, '{}');
    const { client, send } = create();

    // Only a request makes the SDK read its settings; how it ends does not matter here.
    await send().catch(() => {});

    const handler = client.config.requestHandler as unknown as { httpHandlerConfigs(): object };
    expect(handler.httpHandlerConfigs()).toMatchObject(clientSettings.requestHandler);
    expect(await client.config.maxAttempts()).toBe(4);
    client.destroy();
  });
});

describe('a request', () => {
  const quick = { ...clientSettings.requestHandler, requestTimeout: 80, socketTimeout: 80 };
  const listOnce = async () => {
    const client = new SQSClient({ ...clientSettings, requestHandler: quick, maxAttempts: 1 });
    await client.send(new ListQueuesCommand({})).finally(() => client.destroy());
  };

  it('that is not answered ends in an error', async () => {
    await expect(listOnce()).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('that is put off again and again ends in an error', async () => {
    server.answer = (response) => {
      const putOff = setInterval(() => response.writeProcessing(), 10);
      response.on('close', () => clearInterval(putOff));
    };

    await expect(listOnce()).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('whose answer stops half way ends in an error', async () => {
    server.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' });
      response.write('{');
    };

    await expect(listOnce()).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('is given no more than 3 s a try', () => {
    const { connectionTimeout, requestTimeout, socketTimeout } = clientSettings.requestHandler;

    expect(Math.max(connectionTimeout, requestTimeout, socketTimeout)).toBeLessThanOrEqual(3000);
    expect(Math.min(connectionTimeout, requestTimeout, socketTimeout)).toBeGreaterThan(0);
  });
});

describe('the SQS client', () => {
  it('goes where the queue URL points on AWS, and to the endpoint off it', () => {
    delete process.env.AWS_ENDPOINT_URL_SQS;
    expect(createSqsClient().config.useQueueUrlAsEndpoint).toBe(true);

    process.env.AWS_ENDPOINT_URL_SQS = server.url;
    expect(createSqsClient().config.useQueueUrlAsEndpoint).toBe(false);
  });
});

it('the S3 client adds no checksums of its own to what it sends', async () => {
  const { requestChecksumCalculation, responseChecksumValidation } = createS3Client().config;

  expect(await requestChecksumCalculation()).toBe('WHEN_REQUIRED');
  expect(await responseChecksumValidation()).toBe('WHEN_REQUIRED');
});
