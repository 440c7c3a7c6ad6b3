// What the pseudonyms in execution names stand for, kept where the bridge alone can read it.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../../core/ports.ts';
import type { FenceHandles } from '../../core/redelivery-ports.ts';
import { callStore } from './aws-errors.ts';

export interface DynamoFenceHandlesOptions {
  client: DynamoDBDocumentClient;
  table: string;
  /** Days a handle is remembered after its last use, like the profile it leads to. */
  rememberDays: number;
  clock: Clock;
}

const secondsPerDay = 86_400;

export function createDynamoFenceHandles(options: DynamoFenceHandlesOptions): FenceHandles {
  const { client, table, rememberDays, clock } = options;
  const keyOf = (handle: string) => ({ pk: `FENCE#${handle}`, sk: 'FENCE' });

  return {
    remember: (handle, { numberId, customerId, direction }) =>
      callStore('handle remember', async () => {
        const ttl = Math.floor(clock.now() / 1000) + rememberDays * secondsPerDay;
        const Item = { ...keyOf(handle), numberId, customerId, direction, ttl };
        await client.send(new PutCommand({ TableName: table, Item }));
      }),

    find: (handle) =>
      callStore('handle look-up', async () => {
        const { Item } = await client.send(
          new GetCommand({ TableName: table, Key: keyOf(handle), ConsistentRead: true }),
        );
        if (!Item) return undefined;
        const direction = Item.direction === 'out' ? 'out' : 'in';
        return { numberId: String(Item.numberId), customerId: String(Item.customerId), direction };
      }),
  };
}
