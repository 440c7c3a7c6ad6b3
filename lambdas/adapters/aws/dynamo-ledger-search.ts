// Finds ledger records for people: by id, customer or status. Nothing here is on the way of a message.
import type { DynamoDBDocumentClient, QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { BatchGetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { inboundKey, type LedgerRecord, outboundKey, sentKey } from '../../core/model/ledger-record.ts';
import type { LedgerSearch } from '../../core/replay-ports.ts';
import { callStore } from './aws-errors.ts';
import { toRecord } from './ledger-fields.ts';

type Item = Record<string, unknown>;

/** BatchGetItem takes no more. */
const keysPerBatch = 100;
const mostRounds = 8;

export function createDynamoLedgerSearch(client: DynamoDBDocumentClient, table: string): LedgerSearch {
  const readBatch = async (keys: readonly string[]): Promise<Item[]> => {
    const items: Item[] = [];
    let waiting = keys.map((pk) => ({ pk }));
    for (let round = 0; waiting.length > 0; round += 1) {
      if (round === mostRounds) throw new Error('DynamoDB keeps leaving keys unread');
      const { Responses = {}, UnprocessedKeys = {} } = await client.send(
        new BatchGetCommand({ RequestItems: { [table]: { Keys: waiting, ConsistentRead: true } } }),
      );
      items.push(...(Responses[table] ?? []));
      waiting = (UnprocessedKeys[table]?.Keys ?? []).map(({ pk }) => ({ pk: String(pk) }));
    }
    return items;
  };
  const readItems = async (keys: readonly string[]): Promise<Item[]> => {
    const items: Item[] = [];
    const unique = [...new Set(keys)];
    for (let start = 0; start < unique.length; start += keysPerBatch) {
      items.push(...(await readBatch(unique.slice(start, start + keysPerBatch))));
    }
    return items;
  };
  const readMany = async (keys: readonly string[]): Promise<LedgerRecord[]> =>
    (await readItems(keys)).map((item) => toRecord(item, String(item.pk)));
  /** The index holds keys only; the records are read as they stand, in the order of the index. */
  const queryIndex = async function* (
    input: Omit<QueryCommandInput, 'TableName'>,
  ): AsyncGenerator<LedgerRecord> {
    let start: QueryCommandInput['ExclusiveStartKey'];
    do {
      const { keys, next } = await callStore('ledger search', async () => {
        const { Items = [], LastEvaluatedKey } = await client.send(
          new QueryCommand({
            TableName: table,
            ...input,
            ...(start === undefined ? {} : { ExclusiveStartKey: start }),
          }),
        );
        return { keys: Items.map(({ pk }) => String(pk)), next: LastEvaluatedKey };
      });
      const records = new Map(
        (await callStore('ledger search', () => readMany(keys))).map((record) => [record.key, record]),
      );
      for (const key of keys) {
        const record = records.get(key);
        if (record) yield record;
      }
      start = next;
    } while (start !== undefined);
  };

  return {
    readMany: (keys) => callStore('ledger read', () => readMany(keys)),

    async findById(numberIds, id) {
      const items = await callStore('ledger read', () =>
        readItems(
          numberIds.flatMap((number) => [
            inboundKey(number, id),
            outboundKey(number, id),
            sentKey(number, id),
          ]),
        ),
      );
      // A wamid of ours leads to the message it is a part of.
      const keys = items.map(({ pk, key }) => (isSent(String(pk)) ? String(key) : String(pk)));
      if (keys.length > 0) return callStore('ledger read', () => readMany(keys));
      const found: LedgerRecord[] = [];
      const byDesk = queryIndex({
        IndexName: 'genesys',
        KeyConditionExpression: 'genesysId = :id',
        ExpressionAttributeValues: { ':id': id },
      });
      for await (const record of byDesk) if (!isSent(record.key)) found.push(record);
      return found;
    },

    listOfCustomer: (customer) =>
      queryIndex({
        IndexName: 'timeline',
        KeyConditionExpression: 'customer = :customer',
        ExpressionAttributeValues: { ':customer': customer },
      }),

    listNeedingAttention: (status) =>
      queryIndex({
        IndexName: 'attention',
        KeyConditionExpression: 'attention = :status',
        ExpressionAttributeValues: { ':status': status },
      }),
  };
}

/** Such an item is no message, but leads to one. */
function isSent(key: string): boolean {
  return key.startsWith('WAMID#');
}
