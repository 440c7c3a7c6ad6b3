import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createDynamoClient } from '../../../../lambdas/adapters/aws/dynamo-client.ts';
import { createDynamoFences } from '../../../../lambdas/adapters/aws/dynamo-fences.ts';
import { openFence } from '../../../../lambdas/core/model/fence.ts';
import { expectCoherent, readChanges } from './update-shape.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
beforeEach(() => dynamo.reset());
afterAll(() => dynamo.restore());

const fences = createDynamoFences({
  client: createDynamoClient(),
  table: 'acme-prod-customers',
  rememberDays: 400,
});
const place = { numberId: '1', customerId: 'GB.1', direction: 'in' } as const;
const Key = { pk: 'CUST#1#GB.1', sk: 'PROFILE' };
const parked = { state: 'parked', run: 3, version: 9, nextAttemptAt: 5000 } as const;
const parkedItem = { inFence: 'parked', inRun: 3, inVersion: 9, inNextAt: 5000 };
const updates = () => dynamo.commandCalls(UpdateCommand).map(({ args }) => args[0].input);
const refusal = (Item?: object) =>
  new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: {},
    ...(Item ? { Item: marshall(Item) } : {}),
  });
const throttled = Object.assign(new Error('slow'), { name: 'ThrottlingException' });

it('a fence is read consistently', async () => {
  dynamo.on(GetCommand).resolves({ Item: { ...parkedItem, outVersion: 2, outRun: 1 } });

  expect(await fences.read(place)).toEqual(parked);
  expect(await fences.read({ ...place, direction: 'out' })).toEqual({ ...openFence, run: 1, version: 2 });

  expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toEqual({
    TableName: 'acme-prod-customers',
    Key,
    ConsistentRead: true,
  });
});

describe('a fence is closed', () => {
  it('on the version that was seen, and its profile lives on from then', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: parkedItem });
    const at = 1_000_000_500;

    expect(await fences.close(place, { ...openFence, run: 2, version: 8 }, at)).toEqual(parked);

    expect(updates()[0]).toMatchObject({
      TableName: 'acme-prod-customers',
      Key,
      ConditionExpression: 'attribute_not_exists(#state) AND #version = :version',
      ExpressionAttributeValues: { ':version': 8 },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    expect(readChanges(updates()[0])).toEqual({
      inFence: 'parked',
      inRun: 3,
      inVersion: 9,
      inNextAt: at,
      ttl: 1_000_000 + 400 * 86_400,
      customerId: 'if_not_exists(customerId, :customerId)',
      numberId: 'if_not_exists(numberId, :numberId)',
      since: 'if_not_exists(#since, :nextAt)',
    });
    expectCoherent(updates()[0]);
  });

  it('for the first time if there is no version yet', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: {} });

    await fences.close({ ...place, direction: 'out' }, openFence, 5);

    expect(updates()[0]).toMatchObject({
      ConditionExpression: 'attribute_not_exists(#state) AND attribute_not_exists(#version)',
    });
    expect(readChanges(updates()[0])).toMatchObject({ outFence: 'parked', outRun: 1, outVersion: 1 });
    expectCoherent(updates()[0]);
  });

  it('by one only: even the write that closed it is refused when it is repeated', async () => {
    dynamo.on(UpdateCommand).rejects(refusal(parkedItem));

    expect(await fences.close(place, { ...openFence, run: 2, version: 8 }, 5000)).toBeUndefined();
    expect(dynamo.commandCalls(GetCommand)).toHaveLength(0);
  });
});

describe('a closed fence', () => {
  it('counts what is put behind it in one write', async () => {
    dynamo.on(UpdateCommand).resolvesOnce({ Attributes: parkedItem }).rejects(refusal());
    dynamo.on(GetCommand).resolves({});

    expect(await fences.touch(place)).toEqual(parked);
    expect(await fences.touch(place)).toBeUndefined();

    expect(updates()[0]).toMatchObject({ Key, ConditionExpression: '#state = :parked' });
    expect(readChanges(updates()[0])).toEqual({ inVersion: '#version + :one' });
    expectCoherent(updates()[0]);
  });

  it('opens on version, run and state, and leaves the index', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: {} });

    expect(await fences.open(place, parked)).toBe(true);

    expect(updates()[0]).toMatchObject({
      ConditionExpression: '#state = :parked AND #version = :version AND #run = :run',
      ExpressionAttributeValues: { ':version': 9, ':run': 3, ':parked': 'parked' },
    });
    expect(readChanges(updates()[0])).toEqual({ inVersion: 10, inFence: null, inNextAt: null });
    expectCoherent(updates()[0]);
  });

  it.each([
    ['is this opening', { inRun: 3, inVersion: 10 }, true],
    ['is a later one', { inRun: 3, inVersion: 11 }, false],
    ['is another run’s', { inRun: 4, inVersion: 10 }, false],
    ['is closed again', { inFence: 'parked', inRun: 3, inVersion: 10, inNextAt: 1 }, false],
    ['is gone', undefined, false],
  ])('that is found %s after a refused opening', async (_name, item, expected) => {
    dynamo.on(UpdateCommand).rejects(refusal(item)).on(GetCommand).resolves({});

    expect(await fences.open(place, parked)).toBe(expected);
  });

  it('gets another time for its run', async () => {
    dynamo.on(UpdateCommand).resolvesOnce({ Attributes: parkedItem }).rejects(refusal(parkedItem));

    expect(await fences.schedule(place, 3, 9000)).toBe(true);
    expect(await fences.schedule(place, 2, 9000)).toBe(false);

    expect(updates()[0]).toMatchObject({ ConditionExpression: '#state = :parked AND #run = :run' });
    expect(readChanges(updates()[0])).toEqual({ inNextAt: 9000 });
    expectCoherent(updates()[0]);
  });

  it('gets another run', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { ...parkedItem, inRun: 4, inNextAt: 9000 } });

    expect(await fences.restart(place, parked, 9000)).toEqual({ ...parked, run: 4, nextAttemptAt: 9000 });

    expect(updates()[0]).toMatchObject({
      ConditionExpression: '#state = :parked AND #run = :run',
      ExpressionAttributeValues: { ':run': 3 },
    });
    expect(readChanges(updates()[0])).toEqual({ inRun: 4, inNextAt: 9000 });
    expectCoherent(updates()[0]);
  });

  it.each([
    ['is this one', { ...parkedItem, inRun: 4, inNextAt: 9000 }, { ...parked, run: 4, nextAttemptAt: 9000 }],
    ['has another time', { ...parkedItem, inRun: 4, inNextAt: 9001 }, undefined],
    ['is another one', { ...parkedItem, inRun: 5, inNextAt: 9000 }, undefined],
    ['is over', { inRun: 4, inVersion: 10 }, undefined],
  ])('whose next run %s after a refused restart', async (_name, item, expected) => {
    dynamo.on(UpdateCommand).rejects(refusal(item));

    expect(await fences.restart(place, parked, 9000)).toEqual(expected);
  });
});

describe('overdue fences', () => {
  const anEntry = (id: string) => ({ pk: `CUST#1#${id}`, sk: 'PROFILE', inFence: 'parked', inNextAt: 1 });

  it('are looked up in the sparse index, and each is read as it stands', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [anEntry('a'), anEntry('b'), anEntry('c'), anEntry('d')] });
    dynamo
      .on(GetCommand)
      .resolvesOnce({ Item: { ...parkedItem, numberId: '1', customerId: 'a' } })
      .resolvesOnce({ Item: { inRun: 1, inVersion: 2 } })
      .resolvesOnce({ Item: { ...parkedItem, inNextAt: 6000 } })
      .resolvesOnce({});

    expect(await fences.listOverdue('in', 6000, 10)).toEqual([
      { numberId: '1', customerId: 'a', direction: 'in', fence: parked },
    ]);

    expect(dynamo.commandCalls(QueryCommand)[0]?.args[0].input).toMatchObject({
      IndexName: 'in-fences',
      KeyConditionExpression: '#state = :parked AND #nextAt < :before',
      ExpressionAttributeNames: { '#state': 'inFence', '#nextAt': 'inNextAt' },
      ExpressionAttributeValues: { ':parked': 'parked', ':before': 6000 },
      Limit: 10,
    });
    const reads = dynamo.commandCalls(GetCommand).map(({ args }) => args[0].input);
    expect(reads.map(({ ConsistentRead }) => ConsistentRead)).toEqual([true, true, true, true]);
    expect(reads[1]).toMatchObject({ Key: { pk: 'CUST#1#b', sk: 'PROFILE' } });
  });

  it('are searched page by page until there are enough', async () => {
    const LastEvaluatedKey = { pk: 'p' };
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [anEntry('a')], LastEvaluatedKey })
      .resolves({ Items: [anEntry('b')], LastEvaluatedKey });
    dynamo.on(GetCommand).resolves({ Item: { ...parkedItem, numberId: '1', customerId: 'x' } });

    expect(await fences.listOverdue('in', 6000, 2)).toHaveLength(2);

    expect(dynamo.commandCalls(QueryCommand).map(({ args }) => args[0].input)).toMatchObject([
      { Limit: 2 },
      { Limit: 1, ExclusiveStartKey: LastEvaluatedKey },
    ]);
  });
});

it.each([
  ['read', () => fences.read(place)],
  ['close', () => fences.close(place, openFence, 1)],
  ['touch', () => fences.touch(place)],
  ['open', () => fences.open(place, parked)],
  ['schedule', () => fences.schedule(place, 1, 1)],
  ['restart', () => fences.restart(place, parked, 1)],
  ['search', () => fences.listOverdue('in', 1, 1)],
])('an error of the table at a fence’s %s is never taken for an answer', async (operation, call) => {
  dynamo.on(UpdateCommand).rejects(throttled).on(GetCommand).rejects(throttled);
  dynamo.on(QueryCommand).rejects(throttled);

  await expect(call()).rejects.toMatchObject({
    kind: 'store-unavailable',
    message: `fence ${operation} failed: ThrottlingException`,
  });
});
