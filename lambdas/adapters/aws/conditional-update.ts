import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

export type StoredItem = Record<string, unknown>;

/** `item`: as it is now, or the one that stood in the way; undefined when there is none. */
export type ConditionalUpdate =
  | { done: true; item: StoredItem }
  | { done: false; item: StoredItem | undefined };

/** True when the write was done, false when its condition does not hold; every other trouble is thrown. */
export async function holds(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return false;
  }
}

/** Updates an item if the condition holds; a condition that fails is an answer, every other trouble is thrown. */
export async function updateIf(
  client: DynamoDBDocumentClient,
  input: UpdateCommandInput & { ConditionExpression: string },
): Promise<ConditionalUpdate> {
  try {
    const { Attributes = {} } = await client.send(
      new UpdateCommand({
        ...input,
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
    return { done: true, item: Attributes };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    if (error.Item) return { done: false, item: unmarshall(error.Item) };
    // Endpoints that do not return the old item are asked for it.
    const { TableName, Key } = input;
    const { Item } = await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }));
    return { done: false, item: Item };
  }
}
