import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createDynamoClient } from '../../../../lambdas/adapters/aws/dynamo-client.ts';
import { createDynamoSending } from '../../../../lambdas/adapters/aws/dynamo-sending.ts';
import { expectCoherent, readChanges } from './update-shape.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
beforeEach(() => dynamo.reset());
afterAll(() => dynamo.restore());

const table = 'acme-prod-ledger';
const sending = createDynamoSending({ client: createDynamoClient(), table, rememberDays: 35 });
const key = 'OUT#1#g';
const updates = () => dynamo.commandCalls(UpdateCommand).map(({ args }) => args[0].input);
const refusal = (Item: object) =>
  new ConditionalCheckFailedException({ message: 'no', $metadata: {}, Item: marshall(Item) });
const throttled = Object.assign(new Error('slow'), { name: 'ThrottlingException' });
const stillMine = '#owner = :owner AND #status = :inflight';
const work = { partsTotal: 3, now: 1000, leaseUntil: 9000 };

describe('the begin of a part', () => {
  it('is bound to the claim, its lease and the parts done so far', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: {} });

    expect(await sending.beginPart(key, 'me', { ...work, part: 2 })).toBe(true);

    expect(updates()[0]).toMatchObject({
      TableName: table,
      Key: { pk: key },
      ConditionExpression: `${stillMine} AND leaseUntil > :now AND partsDone = :part`,
      ExpressionAttributeValues: { ':owner': 'me', ':inflight': 'INFLIGHT', ':now': 1000, ':part': 2 },
    });
    expect(readChanges(updates()[0])).toEqual({
      tried: 1,
      triedAt: 1000,
      leaseUntil: 9000,
      partsTotal: 3,
      partsDone: 2,
      wamids: 'if_not_exists(wamids, :none)',
    });
    expectCoherent(updates()[0]);
  });

  it('of the first part needs none before', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: {} });

    await sending.beginPart(key, 'me', { ...work, part: 0 });

    expect(updates()[0]?.ConditionExpression).toMatch(
      / AND \(attribute_not_exists\(partsDone\) OR partsDone = :part\)$/,
    );
    expectCoherent(updates()[0]);
  });

  it('is refused to whoever has lost the claim', async () => {
    dynamo.on(UpdateCommand).rejects(refusal({ owner: 'other', status: 'INFLIGHT' }));

    expect(await sending.beginPart(key, 'me', { ...work, part: 0 })).toBe(false);
  });
});

describe('a part that was sent', () => {
  it('is noted with its wamid, and nothing is tried any more', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: {} });

    expect(await sending.partSent(key, 'me', { part: 1, wamid: 'wamid.1' })).toBe(true);

    expect(updates()[0]).toMatchObject({
      ConditionExpression: `${stillMine} AND partsDone = :part`,
      ExpressionAttributeValues: { ':part': 1 },
    });
    expect(updates()[0]?.UpdateExpression).toContain('wamids.#part = :wamid');
    expect(readChanges(updates()[0])).toMatchObject({ tried: 0, partsDone: 2 });
    expectCoherent(updates()[0]);
  });

  it.each([
    ['noted before', { owner: 'me', status: 'INFLIGHT', partsDone: 2 }, true],
    ['before its turn', { owner: 'me', status: 'INFLIGHT', partsDone: 0 }, false],
    ['not begun', { owner: 'me', status: 'INFLIGHT' }, false],
    ['taken over', { owner: 'other', status: 'INFLIGHT', partsDone: 2 }, false],
    ['ended', { owner: 'me', status: 'FAILED', partsDone: 2 }, false],
  ])('but is %s is judged by the record that stood in the way', async (_name, item, expected) => {
    dynamo.on(UpdateCommand).rejects(refusal(item));

    expect(await sending.partSent(key, 'me', { part: 1, wamid: 'wamid.1' })).toBe(expected);
  });
});

describe('a wamid', () => {
  const options = { o: { type: 'Button', text: 'Yes', payload: 'Y' } } as const;

  it.each([
    ['with text and options', { snippet: 'Hi', options }, { snippet: 'Hi', tapOptions: options }],
    ['alone', {}, {}],
  ])('is remembered %s as long as the message', async (_name, given, stored) => {
    dynamo.on(PutCommand).resolves({});

    await sending.rememberSent('1', 'wamid.1', { genesysId: 'g', key, part: 0, at: 1_000_500, ...given });

    expect(dynamo.commandCalls(PutCommand)[0]?.args[0].input).toEqual({
      TableName: table,
      Item: {
        pk: 'WAMID#1#wamid.1',
        genesysId: 'g',
        key,
        part: 0,
        ttl: 1000 + 35 * 86_400,
        ...stored,
      },
    });
  });

  it.each([
    ['leads to its message', { key, part: 2 }, { key, part: 2 }],
    ['of another release leads nowhere', { genesysId: 'g' }, undefined],
    ['nobody remembered leads nowhere', undefined, undefined],
  ])('%s', async (_name, Item, expected) => {
    dynamo.on(GetCommand).resolves(Item ? { Item } : {});

    expect(await sending.findSent('1', 'wamid.1')).toEqual(expected);
    expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toMatchObject({
      Key: { pk: 'WAMID#1#wamid.1' },
      ConsistentRead: true,
    });
  });
});

it.each([
  ['begin', () => sending.beginPart(key, 'me', { ...work, part: 0 })],
  ['note', () => sending.partSent(key, 'me', { part: 0, wamid: 'w' })],
  ['remember', () => sending.rememberSent('1', 'w', { genesysId: 'g', key, part: 0, at: 0 })],
  ['look-up', () => sending.findSent('1', 'w')],
])('an error of the ledger at the %s of a send is never taken for an answer', async (operation, call) => {
  dynamo.on(UpdateCommand).rejects(throttled).on(GetCommand).rejects(throttled);
  dynamo.on(PutCommand).rejects(throttled);

  await expect(call()).rejects.toMatchObject({
    kind: 'store-unavailable',
    message: `sending ${operation} failed: ThrottlingException`,
  });
});
