// Finds ledger records for people and tests: by scanning, which the bridge itself never does.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { AwsClientConfig } from './aws/local-aws.ts';

type Item = Record<string, unknown>;

export interface LedgerQuery {
  /** Records of a customer, given by phone, BSUID or customer id, as stored. */
  byCustomer(customer: string): Promise<Item[]>;
  /** Records of a message, given by the id of the provider or of Genesys, as stored. */
  byMessage(id: string): Promise<Item[]>;
  close(): void;
}

/** Looks into the tables named `…-ledger` and `…-customers`, each read consistently. */
export function createLedgerQuery(client: AwsClientConfig, tableNames: string[]): LedgerQuery {
  const dynamo = new DynamoDBClient(client);
  const documents = DynamoDBDocumentClient.from(dynamo);
  const endingWith = (suffix: string) => tableNames.filter((name) => name.endsWith(suffix));

  async function find(suffix: string, isWanted: (item: Item) => boolean): Promise<Item[]> {
    const found: Item[] = [];
    for (const TableName of endingWith(suffix)) {
      for await (const page of paginateScan({ client: documents }, { TableName, ConsistentRead: true })) {
        found.push(...(page.Items ?? []).filter(isWanted));
      }
    }
    return found;
  }

  return {
    byCustomer: async (customer) => {
      const key = customer.replace(/^\+/, '');
      const aliases = await find('-customers', ({ pk }) => isKeyOf(pk, 'ALIAS', key));
      const ids = new Set<unknown>([customer, ...aliases.map(({ customerId }) => customerId)]);
      return find('-ledger', (item) => ids.has(item.customer));
    },
    byMessage: (id) =>
      find('-ledger', ({ pk, genesysId, messageId }) => {
        return [genesysId, messageId].includes(id) || isKeyOf(pk, 'IN', id) || isKeyOf(pk, 'OUT', id);
      }),
    close: () => dynamo.destroy(),
  };
}

/** Whether a partition key is `<kind>#<number>#<id>`. */
function isKeyOf(pk: unknown, kind: string, id: string): boolean {
  if (typeof pk !== 'string' || !pk.startsWith(`${kind}#`)) return false;
  return pk.slice(pk.indexOf('#', kind.length + 1) + 1) === id;
}
