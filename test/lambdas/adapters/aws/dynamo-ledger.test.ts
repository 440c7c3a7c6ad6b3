import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createDynamoClient } from '../../../../lambdas/adapters/aws/dynamo-client.ts';
import { createDynamoLedger } from '../../../../lambdas/adapters/aws/dynamo-ledger.ts';
import { aClaimRequest, aLedgerRecord } from '../../../builders.ts';
import { expectCoherent, readChanges } from './update-shape.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
beforeEach(() => dynamo.reset());
afterAll(() => dynamo.restore());

const ledger = createDynamoLedger({
  client: createDynamoClient(),
  table: 'acme-prod-ledger',
  rememberDays: 35,
});
const key = 'IN#1#wamid.1';
const updates = () => dynamo.commandCalls(UpdateCommand).map(({ args }) => args[0].input);
const refusal = (Item?: object) =>
  new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: {},
    ...(Item ? { Item: marshall(Item) } : {}),
  });
const throttled = Object.assign(new Error('slow'), { name: 'ThrottlingException' });
const stillMine = '#owner = :owner AND #status = :inflight';

describe('a claim', () => {
  it('is one conditional write that takes only what is absent, expired, or over and in flight', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { pk: key, ...aLedgerRecord() } });

    const write = await ledger.claim(aClaimRequest({ now: 1_000_500, leaseUntil: 1_030_000 }));

    expect(write).toMatchObject({ won: true, record: aLedgerRecord() });
    expect(updates()).toHaveLength(1);
    expect(updates()[0]).toMatchObject({
      TableName: 'acme-prod-ledger',
      Key: { pk: key },
      ConditionExpression:
        'attribute_not_exists(pk) OR #ttl <= :nowSeconds OR (#status = :inflight AND leaseUntil <= :now)',
      ExpressionAttributeValues: { ':now': 1_000_500, ':nowSeconds': 1000, ':inflight': 'INFLIGHT' },
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    expectCoherent(updates()[0]);
  });

  it('lets the database count what the past says, in the same write', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: {} });

    await ledger.claim(aClaimRequest({ now: 1_000_500 }));

    expect(readChanges(updates()[0])).toMatchObject({
      status: 'INFLIGHT',
      owner: 'me',
      leaseUntil: 1_030_000,
      open: 1,
      tried: 1,
      ttl: 1000 + 35 * 86_400,
      attempts: 'if_not_exists(attempts, :zero) + :one',
      crashes: 'if_not_exists(crashes, :zero) + if_not_exists(#open, :zero)',
      ambiguous: 'if_not_exists(#ambiguous, :zero) + if_not_exists(tried, :zero)',
    });
  });

  it('keeps the facts of the first claim', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: {} });
    const { numberId, messageId, customer, messageType, sequence, acceptedAt, rawKey, correlationId } =
      aClaimRequest();
    const facts = { numberId, messageId, customer, messageType, sequence, acceptedAt, rawKey, correlationId };

    await ledger.claim(aClaimRequest());

    const [input] = updates();
    for (const [name, value] of Object.entries(facts)) {
      expect(readChanges(input)[name]).toMatch(new RegExp(`^if_not_exists\\(#?${name}, :${name}\\)$`));
      expect(input?.ExpressionAttributeValues?.[`:${name}`]).toBe(value);
    }
  });

  it('keeps where the receipt goes, if there is to be one', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: {} });

    await ledger.claim(aClaimRequest({ receiptTo: 'GB.1' }));
    await ledger.claim(aClaimRequest());

    expect(readChanges(updates()[0])).toMatchObject({ receiptTo: 'if_not_exists(receiptTo, :receiptTo)' });
    expect(Object.keys(readChanges(updates()[1]))).not.toContain('receiptTo');
    updates().forEach(expectCoherent);
  });

  it('is not marked as tried when the POST comes later', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: {} });

    await ledger.claim(aClaimRequest({ willTry: false }));

    expect(readChanges(updates()[0])).toMatchObject({ tried: 0 });
  });

  it('that fails its condition answers the record that stood in the way', async () => {
    const other = aLedgerRecord({ owner: 'other', status: 'DELIVERED' });
    dynamo.on(UpdateCommand).rejects(refusal({ pk: key, ...other }));

    expect(await ledger.claim(aClaimRequest())).toMatchObject({ won: false, record: other });
    expect(dynamo.commandCalls(GetCommand)).toHaveLength(0);
  });

  it('reads that record consistently where the endpoint does not return it', async () => {
    const other = aLedgerRecord({ owner: 'other' });
    dynamo
      .on(UpdateCommand)
      .rejects(refusal())
      .on(GetCommand)
      .resolves({ Item: { pk: key, ...other } });

    expect(await ledger.claim(aClaimRequest())).toMatchObject({ won: false, record: other });
    expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toEqual({
      TableName: 'acme-prod-ledger',
      Key: { pk: key },
      ConsistentRead: true,
    });
  });

  it('whose obstacle is gone by then can be claimed again at once', async () => {
    dynamo.on(UpdateCommand).rejects(refusal()).on(GetCommand).resolves({});

    expect(await ledger.claim(aClaimRequest())).toMatchObject({
      won: false,
      record: { key, status: 'INFLIGHT', owner: '', leaseUntil: 0 },
    });
  });
});

describe('an end of a claim', () => {
  it('by delivery is final and written without a condition', async () => {
    dynamo.on(UpdateCommand).resolves({});

    await ledger.settle(key, 'me', {
      customer: 'GB.1',
      at: 5,
      placeholder: true,
      genesysId: 'g',
      conversationId: 'c',
    });

    expect(updates()[0]).not.toHaveProperty('ConditionExpression');
    expect(readChanges(updates()[0])).toEqual({
      status: 'DELIVERED',
      owner: 'me',
      open: 0,
      leaseUntil: 0,
      customer: 'GB.1',
      deliveredAt: 5,
      placeholder: true,
      genesysId: 'g',
      conversationId: 'c',
      attention: null,
      attentionAt: null,
    });
    expectCoherent(updates()[0]);
  });

  it('by delivery writes no ids that Genesys did not give', async () => {
    dynamo.on(UpdateCommand).resolves({});

    await ledger.settle(key, 'me', { customer: 'GB.1', at: 5, placeholder: false });

    expect(Object.keys(readChanges(updates()[0]))).not.toContain('genesysId');
    expect(Object.keys(readChanges(updates()[0]))).not.toContain('conversationId');
    expectCoherent(updates()[0]);
  });

  it.each([
    ['clears the try', { keepTried: false }, { leaseUntil: 0, open: 0, tried: 0 }],
    ['keeps the try', { keepTried: true }, { leaseUntil: 0, open: 0 }],
    [
      'remembers a refusal',
      { keepTried: false, refusal: 'bad.request' },
      { leaseUntil: 0, open: 0, tried: 0, refusal: 'bad.request' },
    ],
  ])('by release %s, if it is still ours', async (_name, outcome, changes) => {
    dynamo.on(UpdateCommand).resolves({});

    await ledger.release(key, 'me', outcome);

    expect(updates()[0]).toMatchObject({
      Key: { pk: key },
      ConditionExpression: stillMine,
      ExpressionAttributeValues: { ':owner': 'me', ':inflight': 'INFLIGHT' },
    });
    expect(readChanges(updates()[0])).toEqual(changes);
    expectCoherent(updates()[0]);
  });

  it('by failure asks for attention, if it is still ours', async () => {
    dynamo.on(UpdateCommand).resolves({});

    await ledger.finish(key, 'me', { status: 'FAILED', reason: 'poison', customer: 'GB.1', at: 1_000 });

    expect(updates()[0]).toMatchObject({
      ConditionExpression: stillMine,
      ExpressionAttributeValues: { ':owner': 'me', ':inflight': 'INFLIGHT' },
    });
    expect(readChanges(updates()[0])).toEqual({
      status: 'FAILED',
      reason: 'poison',
      customer: 'GB.1',
      endedAt: 1000,
      leaseUntil: 0,
      open: 0,
      tried: 0,
      attention: 'FAILED',
      attentionAt: '1970-01-01T00:00:01.000Z',
    });
    expectCoherent(updates()[0]);
  });

  it('by failure whose answer was lost is still ours when the write is repeated', async () => {
    dynamo.on(UpdateCommand).rejects(refusal(aLedgerRecord({ owner: 'me', status: 'FAILED' })));
    const end = { reason: 'r', customer: 'c', at: 0 };

    expect(await ledger.finish(key, 'me', { ...end, status: 'FAILED' })).toBe(true);
    expect(await ledger.finish(key, 'me', { ...end, status: 'EXPIRED' })).toBe(false);
    expect(await ledger.finish(key, 'other', { ...end, status: 'FAILED' })).toBe(false);
  });

  it('that somebody else took over is left to them', async () => {
    dynamo.on(UpdateCommand).rejects(refusal(aLedgerRecord({ owner: 'other' })));

    await expect(ledger.release(key, 'me', { keepTried: true })).resolves.toBeUndefined();
    await expect(
      ledger.finish(key, 'me', { status: 'HELD', reason: 'r', customer: 'c', at: 0 }),
    ).resolves.toBe(false);
  });
});

describe('the begin of a POST', () => {
  const media = {
    state: 'downloaded',
    key: 'media/a',
    mime: 'image/png',
    bytes: 1,
    sha256: 'x',
    filename: 'a.png',
  } as const;

  it.each([
    ['with its media', media, { tried: 1, leaseUntil: 9000, media }],
    ['without media', undefined, { tried: 1, leaseUntil: 9000 }],
  ])('is written while the lease lasts, %s', async (_name, stored, changes) => {
    dynamo.on(UpdateCommand).resolves({});

    const work = { now: 1000, leaseUntil: 9000, ...(stored ? { media: stored } : {}) };

    expect(await ledger.begin(key, 'me', work)).toBe(true);
    expect(updates()[0]).toMatchObject({
      ConditionExpression: `${stillMine} AND leaseUntil > :now`,
      ExpressionAttributeValues: { ':now': 1000, ':owner': 'me' },
    });
    expect(readChanges(updates()[0])).toEqual(changes);
    expectCoherent(updates()[0]);
  });

  it('says when the claim is no longer ours', async () => {
    dynamo.on(UpdateCommand).rejects(refusal());

    expect(await ledger.begin(key, 'me', { now: 1000, leaseUntil: 9000 })).toBe(false);
  });
});

describe('the snippet of an earlier message', () => {
  it.each([
    ['is read alone', { snippet: 'hello' }, 'hello'],
    ['is missing where there is none', {}, undefined],
    ['is missing where it is no text', { snippet: 7 }, undefined],
    ['is missing where there is no record', undefined, undefined],
  ])('%s', async (_name, Item, expected) => {
    dynamo.on(GetCommand).resolves(Item ? { Item } : {});

    expect(await ledger.readSnippet(key)).toBe(expected);
    expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({
      ProjectionExpression: 'snippet',
    });
  });

  it('is written with the claim', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: {} });

    await ledger.claim(aClaimRequest({ snippet: 'hello' }));

    expect(readChanges(updates()[0])).toMatchObject({ snippet: 'hello' });
    expectCoherent(updates()[0]);
  });
});

describe('a message and the park', () => {
  it('meet by a write that asks for attention, if the claim is still ours', async () => {
    dynamo.on(UpdateCommand).resolves({});
    const parking = { customer: 'GB.1', reason: 'throttled', at: 1000 };

    await ledger.park(key, 'me', { ...parking, keepTried: false });
    await ledger.park(key, 'me', { ...parking, keepTried: true });

    const changes = {
      status: 'PARKED',
      reason: 'throttled',
      customer: 'GB.1',
      leaseUntil: 0,
      open: 0,
      attention: 'PARKED',
      attentionAt: '1970-01-01T00:00:01.000Z',
    };
    expect(updates()[0]).toMatchObject({ ConditionExpression: stillMine });
    expect(readChanges(updates()[0])).toMatchObject({ ...changes, tried: 0 });
    expect(readChanges(updates()[1])).toEqual(changes);
    updates().forEach(expectCoherent);
  });

  it('part by a claim that takes what is PARKED too', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: {} });

    await ledger.claim(aClaimRequest({ fromPark: true, forced: 'lost' }));

    expect(updates()[0]?.ConditionExpression).toMatch(/ OR #status = :parked$/);
    expect(readChanges(updates()[0])).toMatchObject({ status: 'INFLIGHT', forced: 'lost' });
    expectCoherent(updates()[0]);
  });

  it('meet again when a replay opens what ended, once for each number', async () => {
    dynamo.on(UpdateCommand).resolvesOnce({}).rejects(refusal());

    await ledger.reopen(key, 'R1', 1000);
    await expect(ledger.reopen(key, 'R1', 1000)).resolves.toBeUndefined();

    expect(updates()[0]).toMatchObject({
      ConditionExpression:
        '#status IN (:failed, :held, :quarantined) AND (attribute_not_exists(#replay) OR #replay < :replay)',
    });
    expect(readChanges(updates()[0])).toMatchObject({
      status: 'PARKED',
      replay: 'R1',
      crashes: 0,
      refusal: null,
    });
    expectCoherent(updates()[0]);
  });
});

it('a record is read consistently, and may be absent', async () => {
  dynamo
    .on(GetCommand)
    .resolvesOnce({ Item: { pk: key, ...aLedgerRecord() } })
    .resolves({});

  expect(await ledger.read(key)).toMatchObject(aLedgerRecord());
  expect(await ledger.read(key)).toBeUndefined();

  expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({ ConsistentRead: true });
});

it.each([
  ['claim', () => ledger.claim(aClaimRequest())],
  ['begin', () => ledger.begin(key, 'me', { now: 0, leaseUntil: 1 })],
  ['settle', () => ledger.settle(key, 'me', { customer: 'c', at: 0, placeholder: false })],
  ['release', () => ledger.release(key, 'me', { keepTried: false })],
  ['finish', () => ledger.finish(key, 'me', { status: 'FAILED', reason: 'r', customer: 'c', at: 0 })],
  ['park', () => ledger.park(key, 'me', { customer: 'c', reason: 'r', at: 0, keepTried: true })],
  ['reopen', () => ledger.reopen(key, 'R1', 0)],
  ['read', () => ledger.read(key)],
  ['snippet', () => ledger.readSnippet(key)],
])('an error of the ledger at %s is never taken for an answer', async (operation, call) => {
  dynamo.on(UpdateCommand).rejects(throttled).on(GetCommand).rejects(throttled);

  await expect(call()).rejects.toMatchObject({
    kind: 'store-unavailable',
    message: `ledger ${operation} failed: ThrottlingException`,
  });
});

it('an error of the read after a refused claim is one of the claim', async () => {
  dynamo.on(UpdateCommand).rejects(refusal()).on(GetCommand).rejects(throttled);

  await expect(ledger.claim(aClaimRequest())).rejects.toMatchObject({ kind: 'store-unavailable' });
});
