import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
} from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createDynamoClient } from '../../../../lambdas/adapters/aws/dynamo-client.ts';
import { createDynamoFenceHandles } from '../../../../lambdas/adapters/aws/dynamo-fence-handles.ts';
import { createDynamoPark } from '../../../../lambdas/adapters/aws/dynamo-park.ts';
import type { ParkedItem } from '../../../../lambdas/core/model/parked-item.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
beforeEach(() => dynamo.reset());
afterAll(() => dynamo.restore());

const table = 'acme-prod-customers';
const park = createDynamoPark(createDynamoClient(), table);
const handles = createDynamoFenceHandles({
  client: createDynamoClient(),
  table,
  rememberDays: 400,
  clock: { now: () => 1_000_000_500 },
});
const place = { numberId: '1', customerId: 'GB.1', direction: 'out' } as const;
const item: ParkedItem = {
  ...place,
  sequence: '00000000000000000007.00000',
  replay: 'R1',
  key: 'OUT#1#g',
  acceptedAt: 1,
  parkedAt: 2,
  reason: 'throttled',
  attempts: 3,
  body: '{"v":1}',
};
const Key = { pk: 'CUST#1#GB.1', sk: 'PARK#out#00000000000000000007.00000#R1#b4b85ac190731997' };
const throttled = Object.assign(new Error('slow'), { name: 'ThrottlingException' });
const puts = () => dynamo.commandCalls(PutCommand).map(({ args }) => args[0].input);

describe('a parked item', () => {
  it('is put once, and never expires by itself', async () => {
    dynamo
      .on(PutCommand)
      .resolvesOnce({})
      .rejects(new ConditionalCheckFailedException({ message: 'no', $metadata: {} }));

    await park.put(item);
    await expect(park.put(item)).resolves.toBeUndefined();

    expect(puts()[0]).toEqual({
      TableName: table,
      Item: { ...Key, ...item },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
  });

  it('is listed consistently, page by page until there are enough', async () => {
    const LastEvaluatedKey = Key;
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [], LastEvaluatedKey })
      .resolves({ Items: [{ ...Key, ...item }], LastEvaluatedKey });

    expect(await park.list(place, 1)).toEqual([item]);

    const queries = dynamo.commandCalls(QueryCommand).map(({ args }) => args[0].input);
    expect(queries).toHaveLength(2);
    expect(queries[0]).toEqual({
      TableName: table,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      ExpressionAttributeValues: { ':pk': Key.pk, ':prefix': 'PARK#out#' },
      ConsistentRead: true,
      Limit: 1,
    });
    expect(queries[1]).toMatchObject({ ExclusiveStartKey: Key });
  });

  it('is taken out by its key', async () => {
    dynamo.on(DeleteCommand).resolves({});

    await park.remove(item);

    expect(dynamo.commandCalls(DeleteCommand)[0]?.args[0].input).toEqual({ TableName: table, Key });
  });
});

describe('a handle', () => {
  it('is remembered as long as a profile', async () => {
    dynamo.on(PutCommand).resolves({});

    await handles.remember('h1', { ...place, direction: 'in' });

    expect(puts()[0]?.Item).toEqual({
      pk: 'FENCE#h1',
      sk: 'FENCE',
      numberId: '1',
      customerId: 'GB.1',
      direction: 'in',
      ttl: 1_000_000 + 400 * 86_400,
    });
  });

  it('is found by a consistent read', async () => {
    dynamo
      .on(GetCommand)
      .resolvesOnce({ Item: { ...place, pk: 'FENCE#h1' } })
      .resolves({});

    expect(await handles.find('h1')).toEqual(place);
    expect(await handles.find('h2')).toBeUndefined();
    expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({ ConsistentRead: true });
  });
});

it.each([
  ['park put', () => park.put(item)],
  ['park list', () => park.list(place, 1)],
  ['park remove', () => park.remove(item)],
  ['handle remember', () => handles.remember('h', place)],
  ['handle look-up', () => handles.find('h')],
])('an error of the table at a %s is never taken for an answer', async (operation, call) => {
  dynamo.on(PutCommand).rejects(throttled).on(QueryCommand).rejects(throttled);
  dynamo.on(DeleteCommand).rejects(throttled).on(GetCommand).rejects(throttled);

  await expect(call()).rejects.toMatchObject({
    kind: 'store-unavailable',
    message: `${operation} failed: ThrottlingException`,
  });
});
