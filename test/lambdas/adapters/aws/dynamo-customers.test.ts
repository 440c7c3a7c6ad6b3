import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createDynamoClient } from '../../../../lambdas/adapters/aws/dynamo-client.ts';
import { createDynamoCustomers } from '../../../../lambdas/adapters/aws/dynamo-customers.ts';
import { expectCoherent, readChanges } from './update-shape.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
beforeEach(() => dynamo.reset());
afterAll(() => dynamo.restore());

const customers = createDynamoCustomers({
  client: createDynamoClient(),
  table: 'acme-prod-customers',
  rememberDays: 400,
});
const at = 1_000_000_500;
const ttl = 1_000_000 + 400 * 86_400;
const visit = { visitId: 'visit-1', at, acceptedAt: at + 7, fromId: '441', fromIdType: 'Phone' } as const;
const open = { state: 'open', run: 0, version: 0, nextAttemptAt: 0 } as const;
const stored = {
  customerId: 'GB.1',
  fromId: '441',
  fromIdType: 'Phone',
  firstVisit: 'visit-0',
  since: at,
  lastInboundAt: at + 1,
};
const updates = () => dynamo.commandCalls(UpdateCommand).map(({ args }) => args[0].input);
const refusal = (Item?: object) =>
  new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: {},
    ...(Item ? { Item: marshall(Item) } : {}),
  });
const throttled = Object.assign(new Error('slow'), { name: 'ThrottlingException' });

describe('a touch of a profile', () => {
  it('notes the phone that came with the BSUID, once', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: stored });

    await customers.touch('1', 'GB.1', { ...visit, phone: '441' });

    expect(readChanges(updates()[0])).toMatchObject({ phone: 'if_not_exists(#phone, :phone)' });
    expectCoherent(updates()[0]);
  });

  it('creates or reads it in one write that moves activity forward only', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { ...stored, lastInboundAt: at } });

    await customers.touch('1', 'GB.1', visit);

    expect(updates()).toHaveLength(1);
    expect(updates()[0]).toMatchObject({
      TableName: 'acme-prod-customers',
      Key: { pk: 'CUST#1#GB.1', sk: 'PROFILE' },
      ConditionExpression: 'attribute_not_exists(lastInboundAt) OR lastInboundAt <= :at',
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    expect(readChanges(updates()[0])).toMatchObject({
      lastInboundAt: at,
      previousInboundAt: 'if_not_exists(lastInboundAt, :at)',
      ttl,
      customerId: 'GB.1',
      numberId: '1',
      firstVisit: 'if_not_exists(firstVisit, :visitId)',
      since: 'if_not_exists(#since, :since)',
      fromId: 'if_not_exists(fromId, :fromId)',
      fromIdType: 'if_not_exists(fromIdType, :fromIdType)',
    });
    expectCoherent(updates()[0]);
  });

  it('answers the profile, and says whether this visit created it', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { ...stored, conversationId: 'c', aliasOf: '449' } });

    expect(await customers.touch('1', 'GB.1', visit)).toEqual({
      customerId: 'GB.1',
      fromId: '441',
      fromIdType: 'Phone',
      since: at,
      lastInboundAt: at + 1,
      disownedPhones: [],
      fences: { in: open, out: open },
      isNew: false,
      conversationId: 'c',
      aliasOf: '449',
    });
    expect(await customers.touch('1', 'GB.1', { ...visit, visitId: 'visit-0' })).toMatchObject({
      isNew: true,
    });
  });

  it('answers the fences, each as far as it was ever closed', async () => {
    const Attributes = {
      ...stored,
      ...{ inFence: 'parked', inRun: 3, inVersion: 9, inNextAt: at },
      ...{ outRun: 1, outVersion: 2, outNextAt: at },
    };
    dynamo.on(UpdateCommand).resolves({ Attributes });

    expect((await customers.touch('1', 'GB.1', visit)).fences).toEqual({
      in: { state: 'parked', run: 3, version: 9, nextAttemptAt: at },
      out: { state: 'open', run: 1, version: 2, nextAttemptAt: 0 },
    });
  });

  it('with an older message answers the profile as it stands', async () => {
    dynamo.on(UpdateCommand).rejects(refusal(stored));

    expect(await customers.touch('1', 'GB.1', visit)).toEqual({
      customerId: 'GB.1',
      fromId: '441',
      fromIdType: 'Phone',
      since: at,
      lastInboundAt: at + 1,
      disownedPhones: [],
      fences: { in: open, out: open },
      isNew: false,
    });
    expect(dynamo.commandCalls(GetCommand)).toHaveLength(0);
  });

  it('reads the profile consistently where the endpoint does not return it', async () => {
    dynamo.on(UpdateCommand).rejects(refusal()).on(GetCommand).resolves({ Item: stored });

    expect(await customers.touch('1', 'GB.1', visit)).toMatchObject({ customerId: 'GB.1', isNew: false });
    expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toEqual({
      TableName: 'acme-prod-customers',
      Key: { pk: 'CUST#1#GB.1', sk: 'PROFILE' },
      ConsistentRead: true,
    });
  });

  it('takes whatever is not a phone for an opaque id', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { ...stored, fromIdType: 'Opaque' } });

    expect(await customers.touch('1', 'GB.1', visit)).toMatchObject({ fromIdType: 'Opaque' });
  });
});

describe('an alias', () => {
  const attributes = { customerId: '441', userId: 'GB.1', filedAt: at };

  it('is filed under a customer in one write, unless it is filed already', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: attributes });

    expect(await customers.resolveAlias('1', '441', { customerId: 'GB.1', userId: 'GB.1', at })).toEqual(
      attributes,
    );

    expect(updates()).toHaveLength(1);
    expect(updates()[0]).toMatchObject({ Key: { pk: 'ALIAS#1#441', sk: 'ALIAS' }, ReturnValues: 'ALL_NEW' });
    expect(readChanges(updates()[0])).toEqual({
      customerId: 'if_not_exists(customerId, :customerId)',
      userId: 'if_not_exists(userId, :userId)',
      filedAt: 'if_not_exists(filedAt, :at)',
      ttl,
    });
    expectCoherent(updates()[0]);
  });

  it('that came without a BSUID is held by nobody, which is not the same as not yet filed', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { ...attributes, userId: '-' } });

    expect(await customers.resolveAlias('1', '441', { customerId: '441', at })).toStrictEqual({
      customerId: '441',
      filedAt: at,
    });

    expect(updates()[0]?.ExpressionAttributeValues).toMatchObject({ ':userId': '-' });
  });

  it('answers all that is known of it', async () => {
    const whole = { ...attributes, leftAt: 1, disputedAt: 2, formerly: 'GB.0' };
    dynamo.on(UpdateCommand).resolves({ Attributes: whole });

    expect(await customers.resolveAlias('1', '441', { customerId: 'GB.2', at })).toEqual(whole);
  });

  it.each([
    ['elsewhere', 'GB.2', { formerly: 'GB.1' }],
    ['where it is', 'GB.1', {}],
  ])('is filed anew (%s) only if nothing about it has changed', async (_name, customerId, more) => {
    dynamo.on(UpdateCommand).resolves({});
    const seen = { customerId: 'GB.1', filedAt: at - 1 };

    expect(await customers.refile('1', '441', seen, { customerId, userId: 'GB.2', at })).toBe(true);

    expect(updates()[0]).toMatchObject({
      ConditionExpression: 'customerId = :seenCustomerId AND userId = :seenUserId',
      ExpressionAttributeValues: { ':seenCustomerId': 'GB.1', ':seenUserId': '-' },
    });
    expect(readChanges(updates()[0])).toEqual({
      customerId,
      userId: 'GB.2',
      filedAt: at,
      leftAt: null,
      disputedAt: null,
      ...more,
    });
    expectCoherent(updates()[0]);
  });

  it('that somebody else changed is left alone, and the answer says so', async () => {
    dynamo.on(UpdateCommand).rejects(refusal());

    expect(
      await customers.refile('1', '441', { customerId: 'a', filedAt: at }, { customerId: 'b', at }),
    ).toBe(false);
    await expect(customers.leavePhone('1', '441', 'a', at)).resolves.toBeUndefined();
  });

  it('is marked as left only if it still points at who leaves', async () => {
    dynamo.on(UpdateCommand).resolves({});

    await customers.leavePhone('1', '441', 'GB.1', at);

    expect(updates()[0]).toMatchObject({ ConditionExpression: 'customerId = :customerId' });
    expect(readChanges(updates()[0])).toEqual({ leftAt: at });
    expectCoherent(updates()[0]);
  });

  it('is disputed since the first time', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { disputedAt: at - 5 } });

    expect(await customers.dispute('1', '441', at)).toBe(at - 5);

    expect(readChanges(updates()[0])).toEqual({ disputedAt: 'if_not_exists(disputedAt, :at)' });
    expectCoherent(updates()[0]);
  });
});

describe('a profile', () => {
  it('is read consistently', async () => {
    dynamo
      .on(GetCommand)
      .resolves({ Item: { ...stored, phone: '441', parkedAt: 3, disownedPhones: new Set(['442']) } });

    expect(await customers.peek('1', 'GB.1')).toMatchObject({
      phone: '441',
      parkedAt: 3,
      disownedPhones: ['442'],
    });

    expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({ ConsistentRead: true });
  });

  it.each([
    ['absent', 'attribute_not_exists(pk)'],
    [
      'root',
      'attribute_exists(pk) AND attribute_not_exists(aliasOf) AND attribute_not_exists(parkedAt) AND attribute_not_exists(inFence) AND attribute_not_exists(outFence)',
    ],
  ] as const)('is linked once and never moved (expected %s)', async (expected, condition) => {
    dynamo.on(UpdateCommand).resolvesOnce({}).rejects(refusal());

    expect(await customers.link('1', 'GB.1', '441', expected, { ...visit, phone: '441' })).toBe(true);
    expect(await customers.link('1', 'GB.1', '449', expected, visit)).toBe(false);

    expect(updates()[0]).toMatchObject({
      Key: { pk: 'CUST#1#GB.1', sk: 'PROFILE' },
      ConditionExpression: condition,
    });
    expect(readChanges(updates()[0])).toMatchObject({
      aliasOf: '441',
      phone: 'if_not_exists(#phone, :phone)',
    });
    expectCoherent(updates()[0]);
    expectCoherent(updates()[1]);
  });

  it('that has become another’s name is not parked', async () => {
    dynamo.on(UpdateCommand).resolvesOnce({}).rejects(refusal());

    expect(await customers.park('1', 'GB.1', at)).toBe(true);
    expect(await customers.park('1', 'GB.1', at)).toBe(false);

    expect(updates()[0]).toMatchObject({ ConditionExpression: 'attribute_not_exists(aliasOf)' });
    expectCoherent(updates()[0]);
  });

  it('is invited on the silence that was seen', async () => {
    dynamo.on(UpdateCommand).resolvesOnce({}).rejects(refusal());

    expect(await customers.inviteOnce('1', 'GB.1', { since: 5, at })).toBe(true);
    expect(await customers.inviteOnce('1', 'GB.1', { since: 5, at })).toBe(false);

    expect(updates()[0]).toMatchObject({
      ConditionExpression: 'attribute_not_exists(invitedAfter) OR invitedAfter < :silentSince',
    });
    expect(readChanges(updates()[0])).toMatchObject({ invitedAfter: 5 });
    expectCoherent(updates()[0]);
  });

  it('gathers the phones it gave up, unless it is gone', async () => {
    dynamo.on(UpdateCommand).resolvesOnce({}).rejects(refusal());

    await customers.disown('1', 'GB.1', '441');
    await customers.disown('1', 'GB.1', '441');

    expect(updates()[0]).toMatchObject({
      UpdateExpression: 'ADD disownedPhones :phones',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: { ':phones': new Set(['441']) },
    });
  });
});

it('a conversation is remembered with its customer, and then on the profile', async () => {
  dynamo.on(UpdateCommand).resolves({});

  await customers.learnConversation('1', 'GB.1', { conversationId: 'conversation-1', at: 86_400_000 });

  expect(updates()[0]).toMatchObject({ Key: { pk: 'CONV#conversation-1', sk: 'CONV' } });
  expect(readChanges(updates()[0])).toMatchObject({ numberId: '1', customerId: 'GB.1' });
  expect(updates()[1]).toMatchObject({ Key: { pk: 'CUST#1#GB.1', sk: 'PROFILE' } });
  expect(readChanges(updates()[1])).toEqual({ conversationId: 'conversation-1' });
  updates().forEach(expectCoherent);
});

it('a conversation is forgotten on the profile only, and only if it is still the one', async () => {
  dynamo.on(UpdateCommand).resolvesOnce({}).rejects(refusal());

  expect(await customers.forgetConversation('1', 'GB.1', 'conversation-1')).toBe(true);
  expect(await customers.forgetConversation('1', 'GB.1', 'conversation-1')).toBe(false);

  expect(updates()[0]).toMatchObject({
    Key: { pk: 'CUST#1#GB.1', sk: 'PROFILE' },
    UpdateExpression: 'REMOVE conversationId',
    ConditionExpression: 'conversationId = :conversationId',
  });
  expectCoherent(updates()[0]);
});

it('a session is noted with its conversation, unless a later one is known', async () => {
  dynamo.on(UpdateCommand).rejects(refusal());

  await customers.noteSession('conversation-1', { sessionId: 'session-1', at: 86_400_000 });

  expect(updates()[0]).toMatchObject({ Key: { pk: 'CONV#conversation-1', sk: 'CONV' } });
  expect(readChanges(updates()[0])).toMatchObject({ sessionId: 'session-1', sessionAt: 86_400_000 });
  expectCoherent(updates()[0]);
});

it.each([
  ['profile touch', () => customers.touch('1', 'GB.1', visit)],
  ['alias look-up', () => customers.resolveAlias('1', '441', { customerId: '441', at })],
  [
    'alias refile',
    () => customers.refile('1', '441', { customerId: 'a', filedAt: 1 }, { customerId: 'b', at }),
  ],
  ['phone leave', () => customers.leavePhone('1', '441', 'a', at)],
  ['phone disown', () => customers.disown('1', 'GB.1', '441')],
  ['phone dispute', () => customers.dispute('1', '441', at)],
  ['invitation note', () => customers.inviteOnce('1', 'GB.1', { since: 5, at })],
  ['profile link', () => customers.link('1', 'GB.1', '441', 'root', visit)],
  ['profile park', () => customers.park('1', 'GB.1', at)],
  ['conversation learn', () => customers.learnConversation('1', 'GB.1', { conversationId: 'c', at })],
  ['conversation forget', () => customers.forgetConversation('1', 'GB.1', 'c')],
  ['session note', () => customers.noteSession('c', { sessionId: 's', at })],
])('an error of the directory at %s is never taken for an answer', async (operation, call) => {
  dynamo.on(UpdateCommand).rejects(throttled);

  await expect(call()).rejects.toMatchObject({
    kind: 'store-unavailable',
    message: `${operation} failed: ThrottlingException`,
  });
});

it('an error of the read after a refused touch is one of the touch', async () => {
  dynamo.on(UpdateCommand).rejects(refusal()).on(GetCommand).rejects(throttled);

  await expect(customers.touch('1', 'GB.1', visit)).rejects.toMatchObject({ kind: 'store-unavailable' });
});

it('an error of a peek is one of the store', async () => {
  dynamo.on(GetCommand).rejects(throttled);

  await expect(customers.peek('1', 'GB.1')).rejects.toMatchObject({ kind: 'store-unavailable' });
});
