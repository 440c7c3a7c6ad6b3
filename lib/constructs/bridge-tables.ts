import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, ProjectionType, type TablePropsV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
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
        {
          // Sparse: only records that need a person carry these attributes, so a delivered message costs nothing here.
          indexName: 'attention',
          partitionKey: { name: 'attention', type: AttributeType.STRING },
          sortKey: { name: 'attentionAt', type: AttributeType.STRING },
          projectionType: ProjectionType.KEYS_ONLY,
        },
      ],
    });
    this.customers = new TableV2(this, 'Customers', {
      ...shared,
      tableName: nameOf(deployment, 'customers'),
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
    });
  }
}
