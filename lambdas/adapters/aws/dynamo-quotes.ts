// Reads what is remembered of earlier messages for quoting and answering them; a message long gone is simply unknown.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { DeskOption } from '../../core/model/desk-message.ts';
import { sentKey } from '../../core/model/ledger-record.ts';
import type { MessageLedger } from '../../core/ports.ts';
import { callStore } from './aws-errors.ts';

type Quotes = Pick<MessageLedger, 'readSnippet' | 'readOriginating'>;

export function createDynamoQuotes(client: DynamoDBDocumentClient, table: string): Quotes {
  const read = async (key: string, fields: string) => {
    const { Item } = await client.send(
      new GetCommand({ TableName: table, Key: { pk: key }, ProjectionExpression: fields }),
    );
    return Item;
  };

  return {
    readSnippet: (key) =>
      callStore('ledger snippet', async () => {
        const item = await read(key, 'snippet');
        return typeof item?.snippet === 'string' ? item.snippet : undefined;
      }),

    readOriginating: (numberId, quotedId) =>
      callStore('ledger originating', async () => {
        const item = await read(sentKey(numberId, quotedId), 'genesysId, tapOptions');
        if (typeof item?.genesysId !== 'string') return undefined;
        return { genesysId: item.genesysId, options: (item.tapOptions ?? {}) as Record<string, DeskOption> };
      }),
  };
}
