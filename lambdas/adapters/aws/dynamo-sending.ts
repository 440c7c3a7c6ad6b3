// How far an agent's message has come. A part that WhatsApp may have is never begun again: every write is bound to the
// claim and to the parts done so far, so that a late copy of an earlier write changes nothing.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { sentKey } from '../../core/model/ledger-record.ts';
import type { SendingLedger } from '../../core/outbound-ports.ts';
import { callStore } from './aws-errors.ts';
import { updateIf } from './conditional-update.ts';

export interface DynamoSendingOptions {
  client: DynamoDBDocumentClient;
  table: string;
  /** Days it is remembered where a wamid leads. */
  rememberDays: number;
}

const msPerDay = 86_400_000;
const stillMine = '#owner = :owner AND #status = :inflight';

export function createDynamoSending({ client, table, rememberDays }: DynamoSendingOptions): SendingLedger {
  return {
    beginPart: (key, owner, { part, partsTotal, now, leaseUntil }) =>
      callStore('sending begin', async () => {
        const isNext =
          part === 0 ? '(attribute_not_exists(partsDone) OR partsDone = :part)' : 'partsDone = :part';
        const { done } = await updateIf(client, {
          TableName: table,
          Key: { pk: key },
          UpdateExpression:
            'SET tried = :one, triedAt = :now, leaseUntil = :leaseUntil, partsTotal = :partsTotal, partsDone = :part, wamids = if_not_exists(wamids, :none)',
          // A lease that ran out may be another's by the time this write arrives.
          ConditionExpression: `${stillMine} AND leaseUntil > :now AND ${isNext}`,
          ExpressionAttributeNames: { '#status': 'status', '#owner': 'owner' },
          ExpressionAttributeValues: {
            ':inflight': 'INFLIGHT',
            ':owner': owner,
            ':one': 1,
            ':now': now,
            ':leaseUntil': leaseUntil,
            ':part': part,
            ':partsTotal': partsTotal,
            ':none': {},
          },
        });
        return done;
      }),

    partSent: (key, owner, { part, wamid }) =>
      callStore('sending note', async () => {
        const { done, item } = await updateIf(client, {
          TableName: table,
          Key: { pk: key },
          UpdateExpression: 'SET tried = :zero, partsDone = :next, wamids.#part = :wamid',
          ConditionExpression: `${stillMine} AND partsDone = :part`,
          ExpressionAttributeNames: { '#status': 'status', '#owner': 'owner', '#part': String(part) },
          ExpressionAttributeValues: {
            ':inflight': 'INFLIGHT',
            ':owner': owner,
            ':zero': 0,
            ':part': part,
            ':next': part + 1,
            ':wamid': wamid,
          },
        });
        if (done) return true;
        // Noted before, and the answer was lost.
        return item?.owner === owner && item.status === 'INFLIGHT' && Number(item.partsDone) > part;
      }),

    rememberSent: (numberId, wamid, { genesysId, key, part, snippet, options, at }) =>
      callStore('sending remember', async () => {
        const Item = {
          pk: sentKey(numberId, wamid),
          genesysId,
          key,
          part,
          ttl: Math.floor((at + rememberDays * msPerDay) / 1000),
          ...(snippet === undefined ? {} : { snippet }),
          ...(options === undefined ? {} : { tapOptions: options }),
        };
        await client.send(new PutCommand({ TableName: table, Item }));
      }),

    findSent: (numberId, wamid) =>
      callStore('sending look-up', async () => {
        const { Item } = await client.send(
          new GetCommand({
            TableName: table,
            Key: { pk: sentKey(numberId, wamid) },
            ProjectionExpression: '#key, part',
            ExpressionAttributeNames: { '#key': 'key' },
            ConsistentRead: true,
          }),
        );
        return typeof Item?.key === 'string' ? { key: Item.key, part: Number(Item.part) } : undefined;
      }),
  };
}
