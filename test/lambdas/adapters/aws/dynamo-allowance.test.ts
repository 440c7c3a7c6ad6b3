import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createDynamoAllowance } from '../../../../lambdas/adapters/aws/dynamo-allowance.ts';
import { createDynamoClient } from '../../../../lambdas/adapters/aws/dynamo-client.ts';
import { expectCoherent } from './update-shape.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
beforeEach(() => dynamo.reset());
afterAll(() => dynamo.restore());

const open = () => createDynamoAllowance(createDynamoClient(), 'acme-prod-customers', 'acme');
const updates = () => dynamo.commandCalls(UpdateCommand).map(({ args }) => args[0].input);
const refusal = (Item?: object) =>
  new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: {},
    ...(Item ? { Item: marshall(Item) } : {}),
  });
const now = 1_800_000_000_000;
const pace = { intervalMs: 200, burstMs: 4000, blockSize: 10 };
const take = (allowance: ReturnType<typeof open>, over: { spareOnly?: boolean } = {}) =>
  allowance.take({ now, count: 10, pace, spareOnly: false, told: new Map([['ada', 800]]), ...over });

describe('a block', () => {
  it('is one conditional write of one item', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { nextAt: now + 2000 } });

    expect((await take(open())).startAt).toBe(now);

    expect(updates()).toHaveLength(1);
    expect(updates()[0]).toMatchObject({
      TableName: 'acme-prod-customers',
      Key: { pk: 'PACE#acme', sk: 'PACE' },
      ReturnValues: 'ALL_NEW',
    });
    expectCoherent(updates()[0]);
  });

  it('is added to a bucket in use, as is known from the last one', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { nextAt: now + 2000, 'account:bob': now - 1 } });
    const allowance = open();
    await take(allowance);
    await take(allowance);

    expect(updates()[1]?.UpdateExpression).toMatch(/^SET nextAt = nextAt \+ :cost, .* REMOVE #paid0$/);
    expect(updates()[1]?.ExpressionAttributeNames).toEqual({
      '#told0': 'account:ada',
      '#paid0': 'account:bob',
    });
    expectCoherent(updates()[1]);
  });

  it('is asked for once more when the bucket was not as it was known, on endpoints that do not show the item, too', async () => {
    dynamo
      .on(UpdateCommand)
      .rejectsOnce(refusal())
      .resolvesOnce({ Attributes: { nextAt: now + 3000 } });
    dynamo.on(GetCommand).resolves({ Item: { nextAt: now + 1000 } });

    expect((await take(open())).startAt).toBe(now + 1000);
    expect(updates()[1]?.ConditionExpression).toBe('nextAt >= :floor');
  });

  it('is given up when the bucket changes all the time', async () => {
    dynamo.on(UpdateCommand).rejects(refusal({ nextAt: now }));

    await expect(take(open())).rejects.toMatchObject({ kind: 'store-unavailable' });
    expect(updates()).toHaveLength(6);
  });

  it('that is not to spare is not asked for twice', async () => {
    dynamo.on(UpdateCommand).rejects(refusal({ nextAt: now }));

    expect((await take(open(), { spareOnly: true })).startAt).toBeUndefined();
    expect(updates()).toHaveLength(1);
  });

  it('cannot be had while the table does not answer', async () => {
    dynamo.on(UpdateCommand).rejects(Object.assign(new Error('slow'), { name: 'ThrottlingException' }));

    await expect(take(open())).rejects.toMatchObject({
      kind: 'store-unavailable',
      message: 'allowance take failed: ThrottlingException',
    });
  });
});
