// Which deployment a command talks to: a local run by its folder, or a deployed tenant × stage with the operator's own
// AWS credentials. Everything else about it follows from names.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nameBucket, nameOf, nameSecret } from '../lib/config/names.ts';
import { loadTenant } from '../lib/config/tenant-file.ts';
import { CommandError, exitCodes } from './command-error.ts';

export interface Connection {
  tenant: string;
  stage: string;
  region: string;
  account: string;
  archiveBucket: string;
  ledgerTable: string;
  customersTable: string;
  replayMachineArn: string;
  outboundQueueUrl: string;
  /** Genesys integration by number. */
  integrations: ReadonlyMap<string, string>;
  /** Name of the secret by number. */
  secretIds: ReadonlyMap<string, string>;
}

export interface Place {
  dir?: string;
  tenant?: string;
  stage?: string;
}

interface Endpoints {
  aws: string;
  tenant: string;
  stage: string;
  archiveBucket: string;
  integrations: Record<string, string>;
}

const localRegion = 'eu-west-1';
const localAccount = '000000000000';

/** Points the AWS clients of this process at the deployment. @throws CommandError saying what is missing */
export async function connect({ dir, tenant, stage }: Place): Promise<Connection> {
  if (dir !== undefined && tenant !== undefined) {
    throw new CommandError(
      'give either --dir (a local run) or --tenant and --stage (a deployment), not both',
    );
  }
  if (tenant !== undefined) return connectDeployed(tenant, stage);
  if (stage !== undefined) throw new CommandError('--stage needs --tenant');
  return connectLocal(resolve(dir ?? '.local'));
}

function connectLocal(dir: string): Connection {
  const file = join(dir, 'endpoints.json');
  if (!existsSync(file)) {
    throw new CommandError(
      `no local run is ready in ${dir} (there is no endpoints.json); start one with npm start, or give --tenant and --stage of a deployment`,
      exitCodes.unreachable,
    );
  }
  const { aws, tenant, stage, archiveBucket, integrations } = JSON.parse(
    readFileSync(file, 'utf8'),
  ) as Endpoints;
  // The local run believes any signature; nothing of the operator's own settings is used for it.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws,
    AWS_ENDPOINT_URL_SQS: aws,
    AWS_REGION: localRegion,
    AWS_ACCESS_KEY_ID: 'runner.cli',
    AWS_SECRET_ACCESS_KEY: 'local-run-dummy-secret',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  delete process.env.AWS_SESSION_TOKEN;
  delete process.env.AWS_PROFILE;
  return {
    ...describe({ tenant, stage }, { region: localRegion, account: localAccount }, integrations),
    archiveBucket,
    outboundQueueUrl: `${aws}/${localAccount}/${nameOf({ tenant, stage }, 'outbound.fifo')}`,
  };
}

async function connectDeployed(tenant: string, stage: string | undefined): Promise<Connection> {
  if (stage === undefined) throw new CommandError('--tenant needs --stage');
  const config = loadTenant({ tenant, stage });
  if (config.aws.region !== undefined) process.env.AWS_REGION = config.aws.region;
  const integrations = Object.fromEntries(
    config.numbers.map(({ phoneNumberId, integrationId }) => [phoneNumberId, integrationId]),
  );
  const [first] = config.numbers;
  if (!first) throw new CommandError(`tenant ${tenant} has no number on stage ${stage}`);
  const secretId = nameSecret(config, first.phoneNumberId);
  // The AWS clients take a second to load, which a mistake in the options need not wait for.
  const { findPlace } = await import('./find-place.ts');
  const place = await findPlace(secretId);
  return describe(config, place, integrations);
}

function describe(
  deployment: { tenant: string; stage: string },
  { region, account }: { region: string; account: string },
  integrations: Readonly<Record<string, string>>,
): Connection {
  const { tenant, stage } = deployment;
  return {
    tenant,
    stage,
    region,
    account,
    archiveBucket: nameBucket(deployment, 'archive', account, region),
    ledgerTable: nameOf(deployment, 'ledger'),
    customersTable: nameOf(deployment, 'customers'),
    replayMachineArn: `arn:aws:states:${region}:${account}:stateMachine:${nameOf(deployment, 'replay')}`,
    outboundQueueUrl: `https://sqs.${region}.amazonaws.com/${account}/${nameOf(deployment, 'outbound.fifo')}`,
    integrations: new Map(Object.entries(integrations)),
    secretIds: new Map(Object.keys(integrations).map((id) => [id, nameSecret(deployment, id)])),
  };
}
