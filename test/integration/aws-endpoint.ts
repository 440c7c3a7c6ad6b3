// Where the adapters are tested: the endpoint named by AWS_ENDPOINT_URL (any emulator on this machine), else the
// embedded one, started as a process of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';

/** An index that projects nothing but keys. */
export interface KeysOnlyIndex {
  name: string;
  partition: string;
  sort?: string;
  /** @default 'S' */
  sortType?: 'S' | 'N';
}

export interface AwsEndpoint {
  url: string;
  config: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Names unique to this run, so that an endpoint kept between runs does no harm. */
  unique(thing: string): string;
  createTable(name: string, keys: readonly string[], indexes?: readonly KeysOnlyIndex[]): Promise<void>;
  createFifoQueue(name: string, attributes?: Record<string, string>): Promise<string>;
  createBucket(name: string): Promise<void>;
  createSecret(name: string, value: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startAwsEndpoint(): Promise<AwsEndpoint> {
  const given = process.env.AWS_ENDPOINT_URL;
  const embedded = given === undefined ? await startEmbedded() : undefined;
  const url = given ?? embedded?.url ?? '';
  const config = {
    endpoint: url,
    region: 'eu-west-1',
    // The embedded endpoint verifies the signatures of presigned addresses with the key of the local run.
    credentials: { accessKeyId: 'integration-test', secretAccessKey: 'local-run-dummy-secret' },
  };
  const run = `${Date.now().toString(36)}-${process.pid}`;

  return {
    url,
    config,
    unique: (thing) => `it-${run}-${thing}`,
    async createTable(name, keys, indexes = []) {
      const client = new DynamoDBClient(config);
      const types = new Map(keys.map((key) => [key, 'S' as 'S' | 'N']));
      for (const { partition, sort, sortType = 'S' } of indexes) {
        types.set(partition, 'S');
        if (sort !== undefined) types.set(sort, sortType);
      }
      await client.send(
        new CreateTableCommand({
          TableName: name,
          AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({
            AttributeName,
            AttributeType,
          })),
          KeySchema: keys.map((AttributeName, index) => ({
            AttributeName,
            KeyType: index === 0 ? 'HASH' : 'RANGE',
          })),
          ...(indexes.length === 0 ? {} : { GlobalSecondaryIndexes: indexes.map(toIndex) }),
          BillingMode: 'PAY_PER_REQUEST',
        }),
      );
      await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { TableName: name });
      client.destroy();
    },
    async createFifoQueue(name, attributes = {}) {
      const client = new SQSClient(config);
      const { QueueUrl = '' } = await client.send(
        new CreateQueueCommand({ QueueName: name, Attributes: { FifoQueue: 'true', ...attributes } }),
      );
      client.destroy();
      return QueueUrl;
    },
    async createBucket(name) {
      const client = new S3Client({ ...config, forcePathStyle: true });
      await client.send(
        new CreateBucketCommand({
          Bucket: name,
          CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
        }),
      );
      client.destroy();
    },
    async createSecret(name, value) {
      const client = new SecretsManagerClient(config);
      await client.send(new CreateSecretCommand({ Name: name, SecretString: value }));
      client.destroy();
    },
    stop: async () => embedded?.stop(),
  };
}

function toIndex({ name, partition, sort }: KeysOnlyIndex) {
  return {
    IndexName: name,
    KeySchema: [
      { AttributeName: partition, KeyType: 'HASH' as const },
      ...(sort === undefined ? [] : [{ AttributeName: sort, KeyType: 'RANGE' as const }]),
    ],
    Projection: { ProjectionType: 'KEYS_ONLY' as const },
  };
}

async function startEmbedded(): Promise<{ url: string; stop(): Promise<void> }> {
  const child = spawn('node', ['local/aws/serve.ts', '--port', '0'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const { url } = JSON.parse(String(line));
  return {
    url,
    async stop() {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}
