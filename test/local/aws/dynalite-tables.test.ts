import { request } from 'node:http';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { startTestAws, type TestAws } from './aws-harness.ts';

const TableName = 'ledger';
const old = { pk: { S: 'a' }, status: { S: 'OPEN' } };
let aws: TestAws;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  aws = await startTestAws();
  const keys = [{ name: 'pk', type: 'HASH' as const }];
  const table = {
    name: TableName,
    attributes: [
      { name: 'pk', type: 'S' as const },
      { name: 'status', type: 'S' as const },
    ],
    keys,
    indexes: [
      {
        name: 'by-status',
        keys: [{ name: 'status', type: 'HASH' as const }],
        projection: 'KEYS_ONLY' as const,
      },
    ],
    ttlAttribute: 'ttl',
  };
  await aws.ask('provision', { tables: [table], queues: [], buckets: [], secrets: [] });
  dynamo = new DynamoDBClient({ ...aws.asFunction('worker'), maxAttempts: 1 });
});

afterAll(async () => {
  dynamo.destroy();
  await aws.stop();
});

beforeEach(() => dynamo.send(new PutItemCommand({ TableName, Item: old })));

const failing = { ConditionExpression: 'attribute_not_exists(pk)' };
const withOld = { ...failing, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };

async function failureOf(run: () => Promise<unknown>): Promise<ConditionalCheckFailedException> {
  try {
    await run();
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return error;
    throw error;
  }
  throw new Error('the condition held');
}

test.each([
  ['PutItem', () => dynamo.send(new PutItemCommand({ TableName, Item: old, ...withOld }))],
  ['DeleteItem', () => dynamo.send(new DeleteItemCommand({ TableName, Key: { pk: old.pk }, ...withOld }))],
  [
    'UpdateItem',
    () =>
      dynamo.send(
        new UpdateItemCommand({
          TableName,
          Key: { pk: old.pk },
          UpdateExpression: 'REMOVE lease',
          ...withOld,
        }),
      ),
  ],
])(
  'returns the old item when the condition of %s fails and ALL_OLD is asked for',
  async (_operation, run) => {
    expect((await failureOf(run)).Item).toEqual(old);
  },
);

test('returns no item when it is not asked for, or when there is none', async () => {
  const unasked = await failureOf(() =>
    dynamo.send(new PutItemCommand({ TableName, Item: old, ...failing })),
  );
  const absent = await failureOf(() =>
    dynamo.send(
      new UpdateItemCommand({
        TableName,
        Key: { pk: { S: 'absent' } },
        UpdateExpression: 'SET x = y',
        ConditionExpression: 'attribute_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    ),
  );

  expect(unasked.Item).toBeUndefined();
  expect(absent.Item).toBeUndefined();
});

test('lets one of many concurrent claims win', async () => {
  const claims = Array.from({ length: 50 }, (_, owner) =>
    dynamo.send(
      new UpdateItemCommand({
        TableName,
        Key: { pk: { S: 'claim' } },
        UpdateExpression: 'SET #owner = :owner',
        ConditionExpression: 'attribute_not_exists(#owner)',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': { N: String(owner) } },
      }),
    ),
  );

  const results = await Promise.allSettled(claims);

  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('has the indexes it was provisioned with', async () => {
  const { Items } = await dynamo.send(
    new QueryCommand({
      TableName,
      IndexName: 'by-status',
      KeyConditionExpression: '#status = :open',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':open': { S: 'OPEN' } },
    }),
  );

  expect(Items).toEqual([old]);
});

test('survives a client that goes away in the middle of its request', async () => {
  const headers = {
    authorization: 'AWS4-HMAC-SHA256 Credential=worker/20261120/eu-west-1/dynamodb/aws4_request',
    'x-amz-target': 'DynamoDB_20120810.GetItem',
    'content-type': 'application/x-amz-json-1.0',
    'content-length': 1000,
  };
  const sent = request(aws.url, { method: 'POST', headers });
  sent.on('error', () => undefined);
  sent.write('{"TableName":', () => sent.destroy());
  await new Promise((resolve) => sent.once('close', resolve));

  const { Item } = await dynamo.send(
    new GetItemCommand({ TableName, Key: { pk: old.pk }, ConsistentRead: true }),
  );
  expect(Item).toEqual(old);
});
