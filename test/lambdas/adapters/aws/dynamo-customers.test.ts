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
const visit = { visitId: 'visit-1', at, fromId: '441', fromIdType: 'Phone' } as const;
const stored = {
  customerId: 'GB.1',
  fromId: '441',
  fromIdType: 'Phone',
  firstVisit: 'visit-0',
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
      ttl,
      customerId: 'GB.1',
      numberId: '1',
      firstVisit: 'if_not_exists(firstVisit, :visitId)',
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
      lastInboundAt: at + 1,
      isNew: false,
      conversationId: 'c',
      aliasOf: '449',
    });
    expect(await customers.touch('1', 'GB.1', { ...visit, visitId: 'visit-0' })).toMatchObject({
      isNew: true,
    });
  });

  it('with an older message answers the profile as it stands', async () => {
    dynamo.on(UpdateCommand).rejects(refusal(stored));

    expect(await customers.touch('1', 'GB.1', visit)).toEqual({
      customerId: 'GB.1',
      fromId: '441',
      fromIdType: 'Phone',
      lastInboundAt: at + 1,
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

describe('a phone', () => {
  it('is filed under a customer in one write, unless it is filed already', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { customerId: '441', userId: 'GB.1' } });

    expect(await customers.resolvePhone('1', '441', { customerId: 'GB.1', userId: 'GB.1', at })).toEqual({
      customerId: '441',
      userId: 'GB.1',
    });
    expect(updates()[0]).toMatchObject({ Key: { pk: 'ALIAS#1#441', sk: 'ALIAS' }, ReturnValues: 'ALL_NEW' });
    expect(readChanges(updates()[0])).toEqual({
      customerId: 'if_not_exists(customerId, :customerId)',
      ttl,
      userId: 'if_not_exists(userId, :userId)',
    });
    expectCoherent(updates()[0]);
  });

  it('that comes without a BSUID names none', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { customerId: '441' } });

    expect(await customers.resolvePhone('1', '441', { customerId: '441', at })).toStrictEqual({
      customerId: '441',
    });
    expect(Object.keys(readChanges(updates()[0]))).toEqual(['customerId', 'ttl']);
    expectCoherent(updates()[0]);
  });

  it('is filed anew only if it still points where it was seen to', async () => {
    dynamo.on(UpdateCommand).resolves({});

    await customers.repointPhone('1', '441', 'GB.1', '449');

    expect(updates()[0]).toMatchObject({
      Key: { pk: 'ALIAS#1#441', sk: 'ALIAS' },
      ConditionExpression: 'customerId = :from',
      ExpressionAttributeValues: { ':from': 'GB.1' },
    });
    expect(readChanges(updates()[0])).toEqual({ customerId: '449' });
    expectCoherent(updates()[0]);
  });

  it('that somebody else filed anew is left there', async () => {
    dynamo.on(UpdateCommand).rejects(refusal());

    await expect(customers.repointPhone('1', '441', 'GB.1', '449')).resolves.toBeUndefined();
  });
});

it('a link is written once and never moved', async () => {
  dynamo.on(UpdateCommand).resolves({});

  await customers.link('1', 'GB.1', '441');

  expect(updates()[0]).toMatchObject({
    Key: { pk: 'CUST#1#GB.1', sk: 'PROFILE' },
    ExpressionAttributeValues: { ':aliasOf': '441' },
  });
  expect(readChanges(updates()[0])).toEqual({ aliasOf: 'if_not_exists(aliasOf, :aliasOf)' });
  expectCoherent(updates()[0]);
});

it('a conversation is remembered on the profile', async () => {
  dynamo.on(UpdateCommand).resolves({});

  await customers.learnConversation('1', 'GB.1', 'conversation-1');

  expect(updates()[0]).toMatchObject({ Key: { pk: 'CUST#1#GB.1', sk: 'PROFILE' } });
  expect(readChanges(updates()[0])).toEqual({ conversationId: 'conversation-1' });
  expectCoherent(updates()[0]);
});

it.each([
  ['profile touch', () => customers.touch('1', 'GB.1', visit)],
  ['alias look-up', () => customers.resolvePhone('1', '441', { customerId: '441', at })],
  ['profile link', () => customers.link('1', 'GB.1', '441')],
  ['alias repoint', () => customers.repointPhone('1', '441', 'a', 'b')],
  ['conversation learn', () => customers.learnConversation('1', 'GB.1', 'c')],
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
