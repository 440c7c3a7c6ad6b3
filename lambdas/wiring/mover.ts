// What every function that moves messages is made from: settings, secrets, and the stores of what is known of messages
// and customers. Read once, at cold start: a bad deployment dies there.
import { createS3Client, createSecretsClient, createSfnClient } from '../adapters/aws/clients.ts';
import { createDynamoClient } from '../adapters/aws/dynamo-client.ts';
import { createDynamoCustomers } from '../adapters/aws/dynamo-customers.ts';
import { createDynamoFenceHandles } from '../adapters/aws/dynamo-fence-handles.ts';
import { createDynamoFences } from '../adapters/aws/dynamo-fences.ts';
import { createDynamoLedger } from '../adapters/aws/dynamo-ledger.ts';
import { createDynamoPark } from '../adapters/aws/dynamo-park.ts';
import { createNumberSecrets } from '../adapters/aws/number-secrets.ts';
import { createS3Archive } from '../adapters/aws/s3-archive.ts';
import { createSfnRedeliveryRuns } from '../adapters/aws/sfn-redelivery-runs.ts';
import { createPseudonyms } from '../adapters/pseudonyms.ts';
import {
  systemClock as clock,
  systemRandomness as randomness,
  systemSleeper as sleeper,
} from '../adapters/system.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { createLogger } from '../runtime/logger.ts';
import { readRedelivery, readSettings, readTiming } from '../runtime/settings.ts';
import { createTelemetry } from '../runtime/telemetry.ts';

export type Mover = ReturnType<typeof openMover>;

/** @throws Error naming the variable that is missing or not usable. */
export function openMover() {
  const settings = readSettings();
  const timing = readTiming();
  const telemetry = createTelemetry({ ...settings, logger: createLogger(settings.functionName) });
  const numbers = new Map(settings.numbers.map((number) => [number.phoneNumberId, number]));
  const secretIds = new Map(settings.numbers.map((number) => [number.phoneNumberId, number.secretId]));
  const secrets = createNumberSecrets(createSecretsClient(), secretIds, clock);
  const pseudonyms = createPseudonyms(secrets, [...numbers.keys()]);
  const client = createDynamoClient();
  const bucket = requireEnv(Env.archiveBucket);
  const ledgerTable = {
    client,
    table: requireEnv(Env.ledgerTable),
    rememberDays: timing.ledgerDays,
  };
  const customersTable = {
    client,
    table: requireEnv(Env.customersTable),
    rememberDays: timing.profileDays,
    clock,
  };
  const handles = createDynamoFenceHandles(customersTable);
  const machine = { client: createSfnClient(), machineArn: requireEnv(Env.redeliveryMachineArn) };
  return {
    settings,
    secrets,
    pseudonyms,
    bucket,
    ledgerTable,
    customersTable,
    directory: createDynamoCustomers(customersTable),
    handles,
    /** Ports that flows of either direction share. */
    ports: {
      clock,
      randomness,
      sleeper,
      telemetry,
      timing,
      numbers,
      ledger: createDynamoLedger(ledgerTable),
      archive: createS3Archive(createS3Client(), bucket),
      fences: createDynamoFences(customersTable),
      park: createDynamoPark(client, customersTable.table),
      runs: createSfnRedeliveryRuns({ ...machine, pseudonyms, handles }),
      redelivery: readRedelivery(),
    },
  };
}
