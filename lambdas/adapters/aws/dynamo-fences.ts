// Fences as attributes of the customer's profile: whoever touches the profile sees them without a call more.
import type { DynamoDBDocumentClient, UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { ClosedFence, Direction, Fence } from '../../core/model/fence.ts';
import type { FencePlace, Fences } from '../../core/redelivery-ports.ts';
import { callStore } from './aws-errors.ts';
import type { StoredItem } from './conditional-update.ts';
import { updateIf } from './conditional-update.ts';
import { profileKey } from './customer-keys.ts';
import { fenceFields, readFence } from './fence-fields.ts';

export interface DynamoFencesOptions {
  client: DynamoDBDocumentClient;
  table: string;
  /** Days a profile is remembered after its last activity; to be fenced is one. */
  rememberDays: number;
}

type Condition = Omit<UpdateCommandInput & { ConditionExpression: string }, 'TableName' | 'Key'>;

const msPerDay = 86_400_000;

export function createDynamoFences({ client, table, rememberDays }: DynamoFencesOptions): Fences {
  const readItem = async (Key: { pk: string; sk: string }): Promise<StoredItem | undefined> =>
    (await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))).Item;

  const writeIf = (place: FencePlace, input: Condition) =>
    updateIf(client, { TableName: table, Key: profileKey(place), ...input });

  return {
    read: (place) =>
      callStore('fence read', async () =>
        readFence((await readItem(profileKey(place))) ?? {}, place.direction),
      ),

    // The one who repeats this write after a lost answer is refused like anybody else who comes second: from the item
    // alone the two cannot be told apart, and for the other one the version has to move on once more.
    close: (place, seen, nextAttemptAt) =>
      callStore('fence close', async () => {
        const { numberId, customerId, direction } = place;
        const fields = fenceFields[direction];
        const isFirst = seen.version === 0;
        const closed = await writeIf(place, {
          UpdateExpression:
            'SET #state = :parked, #run = :run, #version = :next, #nextAt = :nextAt, #ttl = :ttl, customerId = if_not_exists(customerId, :customerId), numberId = if_not_exists(numberId, :numberId), #since = if_not_exists(#since, :nextAt)',
          ConditionExpression: `attribute_not_exists(#state) AND ${isFirst ? 'attribute_not_exists(#version)' : '#version = :version'}`,
          ExpressionAttributeNames: {
            '#state': fields.state,
            '#run': fields.run,
            '#version': fields.version,
            '#nextAt': fields.nextAttemptAt,
            '#ttl': 'ttl',
            // Age decides which of two customers becomes the other; who waited before ever writing is younger than both.
            '#since': 'since',
          },
          ExpressionAttributeValues: {
            ':parked': 'parked',
            ':run': seen.run + 1,
            ':next': seen.version + 1,
            ':nextAt': nextAttemptAt,
            // A profile must not expire while something waits behind its fence.
            ':ttl': Math.floor((nextAttemptAt + rememberDays * msPerDay) / 1000),
            ':customerId': customerId,
            ':numberId': numberId,
            ...(isFirst ? {} : { ':version': seen.version }),
          },
        });
        return closed.done ? readFence(closed.item, direction) : undefined;
      }),

    // Repeated after a lost answer it counts twice, which costs the drain one more look at the park.
    touch: (place) =>
      callStore('fence touch', async () => {
        const fields = fenceFields[place.direction];
        const touched = await writeIf(place, {
          UpdateExpression: 'SET #version = #version + :one',
          ConditionExpression: '#state = :parked',
          ExpressionAttributeNames: { '#state': fields.state, '#version': fields.version },
          ExpressionAttributeValues: { ':parked': 'parked', ':one': 1 },
        });
        return touched.done ? readFence(touched.item, place.direction) : undefined;
      }),

    // An open fence of the very next version can only come from this opening, whose answer was lost.
    open: (place, seen) =>
      callStore('fence open', async () => {
        const fields = fenceFields[place.direction];
        const opened = await writeIf(place, {
          UpdateExpression: 'SET #version = :next REMOVE #state, #nextAt',
          ConditionExpression: '#state = :parked AND #version = :version AND #run = :run',
          ExpressionAttributeNames: {
            '#state': fields.state,
            '#run': fields.run,
            '#version': fields.version,
            '#nextAt': fields.nextAttemptAt,
          },
          ExpressionAttributeValues: {
            ':parked': 'parked',
            ':run': seen.run,
            ':version': seen.version,
            ':next': seen.version + 1,
          },
        });
        if (opened.done) return true;
        const { state, run, version } = readFence(opened.item ?? {}, place.direction);
        return state === 'open' && run === seen.run && version === seen.version + 1;
      }),

    schedule: (place, run, nextAttemptAt) =>
      callStore('fence schedule', async () => {
        const fields = fenceFields[place.direction];
        const { done } = await writeIf(place, {
          UpdateExpression: 'SET #nextAt = :nextAt',
          ConditionExpression: '#state = :parked AND #run = :run',
          ExpressionAttributeNames: {
            '#state': fields.state,
            '#run': fields.run,
            '#nextAt': fields.nextAttemptAt,
          },
          ExpressionAttributeValues: { ':parked': 'parked', ':run': run, ':nextAt': nextAttemptAt },
        });
        return done;
      }),

    // The same run for the same time is this very write, whose answer was lost; or another's that meant the same, and the
    // name of a run is started once, whoever tries.
    restart: (place, seen, nextAttemptAt) =>
      callStore('fence restart', async () => {
        const fields = fenceFields[place.direction];
        const restarted = await writeIf(place, {
          UpdateExpression: 'SET #run = :next, #nextAt = :nextAt',
          ConditionExpression: '#state = :parked AND #run = :run',
          ExpressionAttributeNames: {
            '#state': fields.state,
            '#run': fields.run,
            '#nextAt': fields.nextAttemptAt,
          },
          ExpressionAttributeValues: {
            ':parked': 'parked',
            ':run': seen.run,
            ':next': seen.run + 1,
            ':nextAt': nextAttemptAt,
          },
        });
        const fence = readFence(restarted.item ?? {}, place.direction);
        const isMine = fence.run === seen.run + 1 && fence.nextAttemptAt === nextAttemptAt;
        return restarted.done || isMine ? fence : undefined;
      }),

    // The index lags behind and holds keys only: it says where to look, each profile says what is true.
    listOverdue: (direction, before, limit) =>
      callStore('fence search', async () => {
        const found: ClosedFence[] = [];
        let from: StoredItem | undefined;
        do {
          const page = await client.send(
            new QueryCommand({
              TableName: table,
              IndexName: fenceFields[direction].index,
              KeyConditionExpression: '#state = :parked AND #nextAt < :before',
              ExpressionAttributeNames: {
                '#state': fenceFields[direction].state,
                '#nextAt': fenceFields[direction].nextAttemptAt,
              },
              ExpressionAttributeValues: { ':parked': 'parked', ':before': before },
              Limit: limit - found.length,
              ...(from === undefined ? {} : { ExclusiveStartKey: from }),
            }),
          );
          const items = await Promise.all(
            (page.Items ?? []).map(({ pk, sk }) => readItem({ pk: String(pk), sk: String(sk) })),
          );
          found.push(...items.flatMap((item) => toOverdue(item ?? {}, direction, before)));
          from = page.LastEvaluatedKey;
        } while (from !== undefined && found.length < limit);
        return found;
      }),
  };
}

function toOverdue(item: StoredItem, direction: Direction, before: number): ClosedFence[] {
  const fence: Fence = readFence(item, direction);
  if (fence.state !== 'parked' || fence.nextAttemptAt >= before) return [];
  return [{ numberId: String(item.numberId), customerId: String(item.customerId), direction, fence }];
}
