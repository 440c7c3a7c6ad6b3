// Tables, queues, buckets, secrets and parameters of the templates, in the form provisioning takes.
// Backups, encryption, tags, life cycles and policies have no local behaviour and are left out.
import type { BucketSpec, IndexSpec, KeySpec, ParameterSpec, QueueSpec, TableSpec } from './aws/provision.ts';
import type { SecretPlan } from './plan.ts';
import type { ResolvedResource } from './template-reader.ts';

interface KeyProperties {
  AttributeName: string;
  KeyType: KeySpec['type'];
}

interface TableProperties {
  TableName: string;
  AttributeDefinitions: { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[];
  KeySchema: KeyProperties[];
  GlobalSecondaryIndexes?: {
    IndexName: string;
    KeySchema: KeyProperties[];
    Projection: { ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; NonKeyAttributes?: string[] };
  }[];
  LocalSecondaryIndexes?: unknown[];
  TimeToLiveSpecification?: { AttributeName?: string; Enabled: boolean };
}

const queueAttributes = [
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'DelaySeconds',
  'FifoQueue',
  'FifoThroughputLimit',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'VisibilityTimeout',
];

export interface Storage {
  tables: TableSpec[];
  queues: QueueSpec[];
  buckets: BucketSpec[];
  secrets: SecretPlan[];
  parameters: ParameterSpec[];
}

/** @throws Error naming the resource that cannot be made locally. */
export function readStorage(resources: ResolvedResource[]): Storage {
  const ofType = (...types: string[]) => resources.filter(({ type }) => types.includes(type));
  return {
    tables: ofType('AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable').map(readTable),
    queues: ofType('AWS::SQS::Queue').map(readQueue),
    buckets: ofType('AWS::S3::Bucket').map(({ properties }) => ({ name: String(properties.BucketName) })),
    secrets: ofType('AWS::SecretsManager::Secret').map(readSecret),
    parameters: ofType('AWS::SSM::Parameter').map(({ properties }) => ({
      name: String(properties.Name),
      value: String(properties.Value),
    })),
  };
}

function readTable({ properties, where }: ResolvedResource): TableSpec {
  const table = properties as unknown as TableProperties;
  if (table.LocalSecondaryIndexes?.length) throw new Error(`${where}: local secondary indexes are not known`);
  const { AttributeName: ttlAttribute, Enabled: expires } = table.TimeToLiveSpecification ?? {};
  return {
    name: table.TableName,
    attributes: table.AttributeDefinitions.map(({ AttributeName, AttributeType }) => ({
      name: AttributeName,
      type: AttributeType,
    })),
    keys: table.KeySchema.map(readKey),
    indexes: (table.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => ({
      name: IndexName,
      keys: KeySchema.map(readKey),
      projection: readProjection(Projection),
    })),
    ...(expires && ttlAttribute ? { ttlAttribute } : {}),
  };
}

function readKey({ AttributeName, KeyType }: KeyProperties): KeySpec {
  return { name: AttributeName, type: KeyType };
}

function readProjection({
  ProjectionType,
  NonKeyAttributes = [],
}: {
  ProjectionType: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  NonKeyAttributes?: string[];
}): IndexSpec['projection'] {
  return ProjectionType === 'INCLUDE' ? { include: NonKeyAttributes } : ProjectionType;
}

function readQueue({ properties }: ResolvedResource): QueueSpec {
  const present = queueAttributes.filter((name) => properties[name] !== undefined);
  const toText = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  return {
    name: String(properties.QueueName),
    attributes: Object.fromEntries(present.map((name) => [name, toText(properties[name])])),
  };
}

function readSecret({ properties }: ResolvedResource): SecretPlan {
  const { Name, SecretString } = properties;
  return { name: String(Name), ...(typeof SecretString === 'string' ? { value: SecretString } : {}) };
}
