import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { updateIf } from '../../../../lambdas/adapters/aws/conditional-update.ts';
import { createDynamoClient } from '../../../../lambdas/adapters/aws/dynamo-client.ts';

const dynamo = mockClient(DynamoDBDocumentClient);
beforeEach(() => dynamo.reset());
afterAll(() => dynamo.restore());

const input = {
  TableName: 'customers',
  Key: { pk: 'p', sk: 's' },
  UpdateExpression: 'SET a = :a',
  ConditionExpression: 'attribute_exists(pk)',
  ExpressionAttributeValues: { ':a': 1 },
};
const update = () => updateIf(createDynamoClient(), input);
const refusal = (Item?: object) =>
  new ConditionalCheckFailedException({
    message: 'no',
    $metadata: {},
    ...(Item ? { Item: marshall(Item) } : {}),
  });

describe('a conditional update', () => {
  it('answers the item as it is then', async () => {
    dynamo.on(UpdateCommand).resolves({ Attributes: { a: 1 } });

    expect(await update()).toEqual({ done: true, item: { a: 1 } });
    expect(dynamo.commandCalls(UpdateCommand)[0]?.args[0].input).toEqual({
      ...input,
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
  });

  it('answers the item that stood in the way, sets included', async () => {
    dynamo.on(UpdateCommand).rejects(refusal({ a: 2, s: new Set(['x']) }));

    expect(await update()).toEqual({ done: false, item: { a: 2, s: new Set(['x']) } });
    expect(dynamo.commandCalls(GetCommand)).toHaveLength(0);
  });

  it.each([
    ['is there', { a: 2 }],
    ['is gone', undefined],
  ])(
    'asks for that item consistently where the endpoint does not return it and it %s',
    async (_name, Item) => {
      dynamo
        .on(UpdateCommand)
        .rejects(refusal())
        .on(GetCommand)
        .resolves(Item ? { Item } : {});

      expect(await update()).toEqual({ done: false, item: Item });
      expect(dynamo.commandCalls(GetCommand)[0]?.args[0].input).toEqual({
        TableName: 'customers',
        Key: { pk: 'p', sk: 's' },
        ConsistentRead: true,
      });
    },
  );

  it('never takes other trouble for a refusal', async () => {
    dynamo.on(UpdateCommand).rejects(Object.assign(new Error('slow'), { name: 'ThrottlingException' }));

    await expect(update()).rejects.toThrow('slow');
  });
});
