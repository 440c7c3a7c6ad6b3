import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { createDynamoClient } from '../../../../lambdas/adapters/aws/dynamo-client.ts';
import { createDynamoTokenStore } from '../../../../lambdas/adapters/aws/dynamo-token-store.ts';
import { expectCoherent } from './update-shape.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
beforeEach(() => dynamo.reset());
afterAll(() => dynamo.restore());

const store = createDynamoTokenStore(createDynamoClient(), 'acme-prod-customers');
const updates = () => dynamo.commandCalls(UpdateCommand).map(({ args }) => args[0].input);
const now = 1_800_000_000_000;
const request = { now, holdMs: 5000 };

describe('a stored token', () => {
  it('is read and asked for in one write', async () => {
    dynamo.on(UpdateCommand).resolves({});

    expect(await store.fetch('client-1', request)).toEqual({ mayAsk: true });

    expect(updates()).toHaveLength(1);
    expect(updates()[0]).toMatchObject({
      Key: { pk: 'TOKEN#client-1', sk: 'TOKEN' },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    expectCoherent(updates()[0]);
  });

  it.each([
    [
      'whole',
      { sealed: 's', fingerprint: 'f', refreshAt: now + 1 },
      { token: { sealed: 's', fingerprint: 'f', refreshAt: now + 1 } },
    ],
    ['not whole', { sealed: 's', refreshAt: now + 1 }, { mayAsk: false }],
    ['not there', undefined, { mayAsk: false }],
  ])('that is %s is read again where the endpoint does not show it', async (_name, Item, answer) => {
    dynamo
      .on(UpdateCommand)
      .rejects(new ConditionalCheckFailedException({ message: 'failed', $metadata: {} }));
    dynamo.on(GetCommand).resolves(Item ? { Item } : {});

    expect(await store.fetch('client-1', request)).toEqual(answer);
  });

  it('is forgotten by the table a day after it is of no use', async () => {
    dynamo.on(UpdateCommand).resolves({});

    await store.save('client-1', { sealed: 's', fingerprint: 'f', refreshAt: now });

    expect(updates()[0]?.ExpressionAttributeValues).toMatchObject({ ':ttl': now / 1000 + 86_400 });
    expectCoherent(updates()[0]);
  });

  it('cannot be had or saved while the table does not answer', async () => {
    dynamo.on(UpdateCommand).rejects(Object.assign(new Error('slow'), { name: 'ThrottlingException' }));

    await expect(store.fetch('client-1', request)).rejects.toMatchObject({ kind: 'store-unavailable' });
    await expect(
      store.save('client-1', { sealed: 's', fingerprint: 'f', refreshAt: now }),
    ).rejects.toMatchObject({ kind: 'store-unavailable' });
  });
});
