import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createDynamoClient } from '../../../../lambdas/adapters/aws/dynamo-client.ts';
import { createDynamoReceipts } from '../../../../lambdas/adapters/aws/dynamo-receipts.ts';
import { expectCoherent } from './update-shape.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
beforeEach(() => dynamo.reset());
afterAll(() => dynamo.restore());

const table = 'acme-prod-ledger';
const receipts = createDynamoReceipts(createDynamoClient(), table);
const key = 'OUT#1#g';
const updates = () => dynamo.commandCalls(UpdateCommand).map(({ args }) => args[0].input);
const refusal = (Item?: object) =>
  new ConditionalCheckFailedException({
    message: 'no',
    $metadata: {},
    ...(Item ? { Item: marshall(Item) } : {}),
  });
const throttled = Object.assign(new Error('slow'), { name: 'ThrottlingException' });
const seen = { part: 1, entry: '1.sent', wamid: 'wamid.1' };
const order = { receipt: 'Delivered', owner: 'me', now: 1000, leaseUntil: 9000 } as const;

describe('a status', () => {
  it('joins the set in one write that keeps a known wamid', async () => {
    const Attributes = { status: 'DELIVERED', partsTotal: 2, partsDone: 2, statuses: new Set(['1.sent']) };
    dynamo.on(UpdateCommand).resolves({ Attributes });

    expect(await receipts.addStatus(key, seen)).toMatchObject({
      key,
      status: 'DELIVERED',
      sending: { partsTotal: 2, partsDone: 2, triedAt: 0, wamids: {}, statuses: ['1.sent'] },
    });

    expect(updates()).toHaveLength(1);
    expect(updates()[0]).toMatchObject({
      TableName: table,
      Key: { pk: key },
      UpdateExpression: 'SET wamids.#part = if_not_exists(wamids.#part, :wamid) ADD statuses :entries',
      ExpressionAttributeNames: { '#part': '1' },
      ExpressionAttributeValues: { ':wamid': 'wamid.1', ':entries': new Set(['1.sent']) },
    });
    expectCoherent(updates()[0]);
  });

  it('begins the parts of a record that has none', async () => {
    const Attributes = { statuses: new Set(['1.sent']), wamids: { 1: 'wamid.1' } };
    dynamo
      .on(UpdateCommand)
      .rejectsOnce(refusal({ status: 'FAILED' }))
      .resolves({ Attributes });

    expect(await receipts.addStatus(key, seen)).toMatchObject({ sending: { wamids: { 1: 'wamid.1' } } });

    expect(updates()[1]).toMatchObject({
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':wamids': { 1: 'wamid.1' } },
    });
    expectCoherent(updates()[1]);
  });

  it('of an unknown message writes nothing', async () => {
    dynamo.on(UpdateCommand).rejects(refusal()).on(GetCommand).resolves({});

    expect(await receipts.addStatus(key, seen)).toBeUndefined();
    expect(updates()).toHaveLength(1);
  });
});

describe('asking for the receipt', () => {
  it('is one write that counts what earlier attempts left open', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { receipt: 'Failed', receiptAttempts: 2 } });

    expect(await receipts.claimReceipt(key, order)).toEqual({
      state: 'mine',
      receipt: 'Failed',
      attempts: 2,
    });

    expect(updates()[0]).toMatchObject({
      ConditionExpression:
        'attribute_exists(pk) AND attribute_not_exists(receiptToldAt) AND (attribute_not_exists(receiptLeaseUntil) OR receiptLeaseUntil <= :now)',
    });
    expect(updates()[0]?.UpdateExpression).toContain(
      'receiptDoubts = if_not_exists(receiptDoubts, :zero) + if_not_exists(receiptOpen, :zero)',
    );
    expectCoherent(updates()[0]);
  });

  const telling = { receipt: 'Delivered', receiptAttempts: 1, receiptLeaseUntil: 9000 };
  it.each([
    ['own', { ...telling, receiptOwner: 'me' }, { state: 'mine', receipt: 'Delivered', attempts: 1 }],
    ['foreign', { ...telling, receiptOwner: 'other' }, { state: 'busy', until: 9000 }],
    ['told', { ...telling, receiptOwner: 'me', receiptToldAt: 5 }, { state: 'told' }],
    ['missing', undefined, { state: 'unknown' }],
  ])('reads an obstacle that is %s', async (_name, item, expected) => {
    dynamo.on(UpdateCommand).rejects(refusal(item)).on(GetCommand).resolves({});

    expect(await receipts.claimReceipt(key, order)).toEqual(expected);
  });
});

describe('giving the receipt back', () => {
  it('keeps the choice while it may have been told', async () => {
    dynamo.on(UpdateCommand).resolves({});

    await receipts.releaseReceipt(key, 'me', { keep: true });

    expect(updates()[0]).toMatchObject({
      UpdateExpression: 'SET receiptLeaseUntil = :zero REMOVE receiptOwner',
      ConditionExpression: 'receiptOwner = :owner',
    });
    expectCoherent(updates()[0]);
  });

  it('forgets the choice only if no attempt is in doubt', async () => {
    dynamo
      .on(UpdateCommand)
      .rejectsOnce(refusal({ receiptDoubts: 1 }))
      .resolves({});

    await receipts.releaseReceipt(key, 'me', { keep: false });

    expect(updates()).toMatchObject([
      {
        UpdateExpression: 'SET receiptLeaseUntil = :zero, receiptOpen = :zero REMOVE receiptOwner, receipt',
        ConditionExpression: 'receiptOwner = :owner AND receiptDoubts = :zero',
      },
      {
        UpdateExpression: 'SET receiptLeaseUntil = :zero, receiptOpen = :zero REMOVE receiptOwner',
        ConditionExpression: 'receiptOwner = :owner',
      },
    ]);
    updates().forEach(expectCoherent);
  });
});

it('a receipt that was told is final', async () => {
  dynamo.on(UpdateCommand).resolves({});

  await receipts.receiptTold(key, 5);

  expect(updates()[0]).toMatchObject({
    UpdateExpression: 'SET receiptToldAt = if_not_exists(receiptToldAt, :at) REMOVE receiptOwner',
    ConditionExpression: 'attribute_exists(pk)',
  });
});

describe('an id of the desk', () => {
  it.each([
    ['a message', [{ pk: 'WAMID#1#w' }, { pk: 'IN#1#m' }], {}, 'IN#1#m'],
    ['a part alone', [{ pk: 'WAMID#1#w' }], { Item: { key } }, key],
    ['a part of an earlier release', [{ pk: 'WAMID#1#w' }], { Item: {} }, undefined],
    ['nothing', [], {}, undefined],
  ])('leads where its keys in the index say: %s', async (_name, Items, found, expected) => {
    dynamo.on(QueryCommand).resolves({ Items }).on(GetCommand).resolves(found);

    expect(await receipts.findByGenesysId('g')).toBe(expected);
    expect(dynamo.commandCalls(QueryCommand)[0]?.args[0].input).toMatchObject({ IndexName: 'genesys' });
  });
});

it.each([
  ['status add', () => receipts.addStatus(key, seen)],
  ['receipt claim', () => receipts.claimReceipt(key, order)],
  ['receipt told', () => receipts.receiptTold(key, 5)],
  ['receipt release', () => receipts.releaseReceipt(key, 'me', { keep: true })],
  ['message look-up', () => receipts.findByGenesysId('g')],
  ['desk receipt add', () => receipts.addDeskReceipt(key, 'Published')],
])('an error of the ledger at a %s is never taken for an answer', async (operation, call) => {
  dynamo.on(UpdateCommand).rejects(throttled).on(QueryCommand).rejects(throttled);

  await expect(call()).rejects.toMatchObject({
    kind: 'store-unavailable',
    message: `${operation} failed: ThrottlingException`,
  });
});
