// Creates what the template declares. Idempotent, since an endpoint from outside may still hold the resources of an
// earlier run: existing ones are kept as they are, except secrets, whose values must be those of this run.

import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  type KeySchemaElement,
  type Projection,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { type BucketLocationConstraint, CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { LocalAws } from './local-aws.ts';

export interface KeySpec {
  name: string;
  type: 'HASH' | 'RANGE';
}

export interface IndexSpec {
  name: string;
  keys: KeySpec[];
  projection: 'ALL' | 'KEYS_ONLY' | { include: string[] };
}

export interface TableSpec {
  name: string;
  /** Key attributes of the table and of all its indexes, and no others. */
  attributes: { name: string; type: 'S' | 'N' | 'B' }[];
  keys: KeySpec[];
  indexes: IndexSpec[];
  ttlAttribute?: string;
}

export interface QueueSpec {
  name: string;
  /** Attributes of CreateQueue, values as strings; `RedrivePolicy` is a JSON string with `deadLetterTargetArn`. */
  attributes: Record<string, string>;
}

export interface BucketSpec {
  name: string;
}

export interface SecretSpec {
  name: string;
  value: string;
}

export interface ParameterSpec {
  name: string;
  value: string;
}

export interface AwsResources {
  tables: TableSpec[];
  queues: QueueSpec[];
  buckets: BucketSpec[];
  secrets: SecretSpec[];
  parameters?: ParameterSpec[];
}

const TABLE_POLL_MS = 50;
const TABLE_DEADLINE_MS = 60_000;

/** The URL under which clients of this local AWS reach a queue. */
export function queueUrl(aws: Pick<LocalAws, 'url' | 'accountId'>, name: string): string {
  return `${aws.url}/${aws.accountId}/${name}`;
}

/** All resources are usable when it resolves. @throws the service's error for anything but "exists already". */
export async function provision(aws: LocalAws, resources: AwsResources): Promise<void> {
  await Promise.all([
    createTables(aws, resources.tables),
    createQueues(aws, resources.queues),
    createBuckets(aws, resources.buckets),
    createSecrets(aws, resources.secrets),
    createParameters(aws, resources.parameters ?? []),
  ]);
}

async function createTables(aws: LocalAws, tables: TableSpec[]): Promise<void> {
  const dynamo = new DynamoDBClient(aws.clientConfig('provision'));
  for (const table of tables) {
    await keepExisting(['ResourceInUseException'], () =>
      dynamo.send(new CreateTableCommand(toCreateTable(table))),
    );
  }
  for (const table of tables) {
    await waitUntilActive(dynamo, table.name);
    if (table.ttlAttribute) await enableExpiry(dynamo, table.name, table.ttlAttribute);
  }
  dynamo.destroy();
}

function toCreateTable(table: TableSpec): CreateTableCommandInput {
  const indexes = table.indexes.map((index) => ({
    IndexName: index.name,
    KeySchema: toKeySchema(index.keys),
    Projection: toProjection(index.projection),
  }));
  return {
    TableName: table.name,
    AttributeDefinitions: table.attributes.map(({ name, type }) => ({
      AttributeName: name,
      AttributeType: type,
    })),
    KeySchema: toKeySchema(table.keys),
    BillingMode: 'PAY_PER_REQUEST',
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
  };
}

function toKeySchema(keys: KeySpec[]): KeySchemaElement[] {
  return keys.map(({ name, type }) => ({ AttributeName: name, KeyType: type }));
}

function toProjection(projection: IndexSpec['projection']): Projection {
  if (typeof projection === 'string') return { ProjectionType: projection };
  return { ProjectionType: 'INCLUDE', NonKeyAttributes: projection.include };
}

async function waitUntilActive(dynamo: DynamoDBClient, tableName: string): Promise<void> {
  const deadline = Date.now() + TABLE_DEADLINE_MS;
  for (;;) {
    const { Table: table } = await dynamo.send(new DescribeTableCommand({ TableName: tableName }));
    if (table?.TableStatus === 'ACTIVE') return;
    if (Date.now() > deadline)
      throw new Error(`table ${tableName} is still ${table?.TableStatus} after 60 s`);
    await new Promise((resolve) => setTimeout(resolve, TABLE_POLL_MS));
  }
}

/** Expiry is a hint, also on AWS: an emulator without it will do, and so will a table that has it already. */
async function enableExpiry(dynamo: DynamoDBClient, tableName: string, attribute: string): Promise<void> {
  const specification = { AttributeName: attribute, Enabled: true };
  await keepExisting(['UnknownOperationException', 'ValidationException'], () =>
    dynamo.send(
      new UpdateTimeToLiveCommand({ TableName: tableName, TimeToLiveSpecification: specification }),
    ),
  );
}

async function createQueues(aws: LocalAws, queues: QueueSpec[]): Promise<void> {
  const sqs = new SQSClient(aws.clientConfig('provision'));
  // A dead-letter queue must exist before the queue that names it.
  const deadLettersFirst = queues.toSorted(
    (a, b) => Number('RedrivePolicy' in a.attributes) - Number('RedrivePolicy' in b.attributes),
  );
  for (const { name, attributes } of deadLettersFirst) {
    await keepExisting(['QueueNameExists', 'QueueAlreadyExists'], () =>
      sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes })),
    );
  }
  sqs.destroy();
}

async function createBuckets(aws: LocalAws, buckets: BucketSpec[]): Promise<void> {
  const s3 = new S3Client({ ...aws.clientConfig('provision'), forcePathStyle: true });
  // us-east-1 is the one region that refuses to be named here.
  const location =
    aws.region === 'us-east-1' ? undefined : { LocationConstraint: aws.region as BucketLocationConstraint };
  for (const { name } of buckets) {
    await keepExisting(['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'], () =>
      s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: location })),
    );
  }
  s3.destroy();
}

async function createSecrets(aws: LocalAws, secrets: SecretSpec[]): Promise<void> {
  const client = new SecretsManagerClient(aws.clientConfig('provision'));
  for (const { name, value } of secrets) {
    const created = await keepExisting(['ResourceExistsException'], () =>
      client.send(new CreateSecretCommand({ Name: name, SecretString: value })),
    );
    if (!created) await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
  }
  client.destroy();
}

async function createParameters(aws: LocalAws, parameters: ParameterSpec[]): Promise<void> {
  const client = new SSMClient(aws.clientConfig('provision'));
  for (const { name, value } of parameters) {
    await keepExisting(['ParameterAlreadyExists'], () =>
      client.send(new PutParameterCommand({ Name: name, Value: value, Type: 'String' })),
    );
  }
  client.destroy();
}

/** True when `create` made something, false when one of the named errors says that it exists already. */
async function keepExisting(existsErrors: string[], create: () => Promise<unknown>): Promise<boolean> {
  try {
    await create();
    return true;
  } catch (error) {
    // Some emulators prefix the names of SQS errors: `AWS.SimpleQueueService.QueueNameExists`.
    const name = error instanceof Error ? error.name.split('.').at(-1) : undefined;
    if (name && existsErrors.includes(name)) return false;
    throw error;
  }
}
