// Time to live: deletes what is past its time when it is asked to. AWS does so by and by, within days.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { AwsClientConfig } from './aws/local-aws.ts';
import type { TableSpec } from './aws/provision.ts';

export interface Expiry {
  /** Deletes what the template lets expire and is past its time; answers how many items. */
  expire(): Promise<number>;
  close(): void;
}

export function createExpiry(
  client: AwsClientConfig,
  tables: readonly Pick<TableSpec, 'name' | 'keys' | 'ttlAttribute'>[],
): Expiry {
  const dynamo = new DynamoDBClient(client);
  const documents = DynamoDBDocumentClient.from(dynamo);

  async function expireIn(table: (typeof tables)[number], attribute: string): Promise<number> {
    const condition = {
      TableName: table.name,
      ExpressionAttributeNames: { '#ttl': attribute },
      // Only numbers count: an item whose attribute is text never expires, as on AWS.
      ExpressionAttributeValues: { ':now': Math.floor(Date.now() / 1000), ':number': 'N' },
    };
    const isPast = 'attribute_type(#ttl, :number) AND #ttl < :now';
    let expired = 0;
    for await (const page of paginateScan(
      { client: documents },
      { ...condition, FilterExpression: isPast },
    )) {
      for (const item of page.Items ?? []) {
        const Key = Object.fromEntries(table.keys.map(({ name }) => [name, item[name]]));
        await documents.send(new DeleteCommand({ TableName: table.name, Key }));
        expired += 1;
      }
    }
    return expired;
  }

  return {
    expire: async () => {
      let expired = 0;
      for (const table of tables) {
        if (table.ttlAttribute !== undefined) expired += await expireIn(table, table.ttlAttribute);
      }
      return expired;
    },
    close: () => dynamo.destroy(),
  };
}
