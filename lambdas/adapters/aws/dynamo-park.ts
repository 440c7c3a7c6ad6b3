// The park: items in the customer's own partition, so that one consistent query reads them in their order. They carry
// no `ttl`: what waits is ended by the bridge, visibly, and never by the table.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { DeleteCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { ParkedHead, ParkedItemKey } from '../../core/model/parked-item.ts';
import type { FencePlace, Park } from '../../core/redelivery-ports.ts';
import { hashText } from '../pseudonyms.ts';
import { callStore } from './aws-errors.ts';
import type { StoredItem } from './conditional-update.ts';
import { holds } from './conditional-update.ts';
import { customerPartition } from './customer-keys.ts';

const headFields = ['sequence', 'replay', 'key', 'acceptedAt', 'parkedAt', 'reason', 'attempts'];
/** Some of the names are words of the query language. */
const headsOnly = {
  ProjectionExpression: headFields.map((field) => `#${field}`).join(', '),
  ExpressionAttributeNames: Object.fromEntries(headFields.map((field) => [`#${field}`, field])),
};

export function createDynamoPark(client: DynamoDBDocumentClient, table: string): Park {
  const query = async (
    place: FencePlace,
    limit: number,
    fields: Partial<typeof headsOnly> = {},
  ): Promise<StoredItem[]> => {
    const items: StoredItem[] = [];
    let from: StoredItem | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
          ExpressionAttributeValues: { ':pk': customerPartition(place), ':prefix': prefixOf(place) },
          ConsistentRead: true,
          Limit: limit - items.length,
          ...fields,
          ...(from === undefined ? {} : { ExclusiveStartKey: from }),
        }),
      );
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from !== undefined && items.length < limit);
    return items;
  };

  return {
    put: (item) =>
      callStore('park put', async () => {
        const put = new PutCommand({
          TableName: table,
          Item: { ...keyOf(item), ...item },
          // The first one stands: it says since when the message waits.
          ConditionExpression: 'attribute_not_exists(pk)',
        });
        await holds(() => client.send(put));
      }),

    list: (place, limit) =>
      callStore('park list', async () =>
        (await query(place, limit)).map((item) => ({ ...toHead(item, place), body: String(item.body) })),
      ),

    listHeads: (place, limit) =>
      callStore('park list', async () =>
        (await query(place, limit, headsOnly)).map((item) => toHead(item, place)),
      ),

    remove: (item) =>
      callStore('park remove', async () => {
        await client.send(new DeleteCommand({ TableName: table, Key: keyOf(item) }));
      }),
  };
}

const prefixOf = ({ direction }: FencePlace): string => `PARK#${direction}#`;

/** SQS numbers each message group by itself, and one customer's messages can come in two: the message itself ends the key. */
function keyOf(item: ParkedItemKey) {
  const message = hashText(item.key).slice(0, 16);
  return { pk: customerPartition(item), sk: `${prefixOf(item)}${item.sequence}#${item.replay}#${message}` };
}

function toHead(item: StoredItem, { numberId, customerId, direction }: FencePlace): ParkedHead {
  return {
    direction,
    numberId,
    customerId,
    sequence: String(item.sequence),
    replay: String(item.replay),
    key: String(item.key),
    acceptedAt: Number(item.acceptedAt),
    parkedAt: Number(item.parkedAt),
    reason: String(item.reason),
    attempts: Number(item.attempts),
  };
}
