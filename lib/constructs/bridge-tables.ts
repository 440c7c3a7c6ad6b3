import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  type GlobalSecondaryIndexPropsV2,
  ProjectionType,
  type TablePropsV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { type Deployment, nameOf } from '../config/names.ts';

/** The message ledger and the customers: on demand, expiring by `ttl`, restorable to any second of 35 days. */
export class BridgeTables extends Construct {
  readonly ledger: TableV2;
  readonly customers: TableV2;

  constructor(scope: Construct, id: string, deployment: Deployment, retained: boolean) {
    super(scope, id);
    const shared = {
      timeToLiveAttribute: 'ttl',
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: retained,
      removalPolicy: retained ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    } satisfies Partial<TablePropsV2>;

    this.ledger = new TableV2(this, 'Ledger', {
      ...shared,
      tableName: nameOf(deployment, 'ledger'),
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      globalSecondaryIndexes: [
        // Sparse: only records that need a person carry these attributes, so a delivered message costs nothing here.
        createIndex('attention', 'attention', { name: 'attentionAt', type: AttributeType.STRING }),
        // A customer's timeline in acceptance order, and the way back from the id that Genesys gave.
        createIndex('timeline', 'customer', { name: 'sequence', type: AttributeType.STRING }),
        createIndex('genesys', 'genesysId'),
      ],
    });
    this.customers = new TableV2(this, 'Customers', {
      ...shared,
      tableName: nameOf(deployment, 'customers'),
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      globalSecondaryIndexes: [
        // Sparse: only customers whose fence is closed are in them, by the time of the next attempt.
        createIndex('in-fences', 'inFence', { name: 'inNextAt', type: AttributeType.NUMBER }),
        createIndex('out-fences', 'outFence', { name: 'outNextAt', type: AttributeType.NUMBER }),
      ],
    });
  }
}

/** Keys are all that is projected: whoever finds an item reads it consistently, as an index may lag behind. */
function createIndex(indexName: string, key: string, sortKey?: Attribute): GlobalSecondaryIndexPropsV2 {
  return {
    indexName,
    partitionKey: { name: key, type: AttributeType.STRING },
    ...(sortKey && { sortKey }),
    projectionType: ProjectionType.KEYS_ONLY,
  };
}
