// What must outlive code: tables, archive, secrets, switches. Everything else is in the bridge stack and can be replaced.
import { Stack, type StackProps } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { Construct } from 'constructs';
import { nameBucket, nameOf } from '../config/names.ts';
import { localStage, type StageConfig } from '../config/tenant-file.ts';
import { createArchiveBucket } from '../constructs/archive-bucket.ts';
import type { BridgeState } from '../constructs/bridge-state.ts';
import { BridgeTables } from '../constructs/bridge-tables.ts';
import { createRuntimeSwitches } from '../constructs/runtime-switches.ts';
import { TenantSecrets } from '../constructs/tenant-secrets.ts';

/** The retained half of a deployment; only the local stage may be deleted as it is. */
export class StateStack extends Stack implements BridgeState {
  readonly ledger: TableV2;
  readonly customers: TableV2;
  readonly archive: Bucket;
  readonly secrets: Secret[];
  readonly switches: StringParameter;

  constructor(scope: Construct, config: StageConfig, env: Required<NonNullable<StackProps['env']>>) {
    const retained = config.stage !== localStage;
    super(scope, nameOf(config, 'state'), { env, terminationProtection: retained });

    const { ledger, customers } = new BridgeTables(this, 'Tables', config, retained);
    this.ledger = ledger;
    this.customers = customers;
    this.archive = createArchiveBucket(this, 'Archive', {
      bucketName: nameBucket(config, 'archive', env.account, env.region),
      rawDays: config.retention.rawDays,
      mediaDays: config.retention.mediaDays,
      retained,
    });
    const phoneNumberIds = config.numbers.map(({ phoneNumberId }) => phoneNumberId);
    this.secrets = new TenantSecrets(this, 'Secrets', config, phoneNumberIds, retained).secrets;
    this.switches = createRuntimeSwitches(this, 'Switches', config, retained);
  }
}
