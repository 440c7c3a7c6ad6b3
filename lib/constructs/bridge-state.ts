import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { StringParameter } from 'aws-cdk-lib/aws-ssm';

/** What outlives code and is handed to the constructs that read and write it. */
export interface BridgeState {
  ledger: TableV2;
  customers: TableV2;
  archive: Bucket;
  /** In the order of the tenant file's numbers. */
  secrets: Secret[];
  /** What operators switch while the bridge runs. */
  switches: StringParameter;
}
