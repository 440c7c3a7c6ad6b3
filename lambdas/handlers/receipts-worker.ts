// Receipts queue → Genesys and ledger: what became of agents' messages, and what Genesys says of customers' messages.
import { createS3Client, createSecretsClient, createSqsClient } from '../adapters/aws/clients.ts';
import { createDynamoAllowance } from '../adapters/aws/dynamo-allowance.ts';
import { createDynamoClient } from '../adapters/aws/dynamo-client.ts';
import { createDynamoReceipts } from '../adapters/aws/dynamo-receipts.ts';
import { createDynamoSending } from '../adapters/aws/dynamo-sending.ts';
import { createDynamoTokenStore } from '../adapters/aws/dynamo-token-store.ts';
import { createNumberSecrets } from '../adapters/aws/number-secrets.ts';
import { createS3Archive } from '../adapters/aws/s3-archive.ts';
import { createDeleteRecords } from '../adapters/aws/sqs-deletion.ts';
import { createChangeVisibility } from '../adapters/aws/sqs-visibility.ts';
import { genesysHosts } from '../adapters/genesys/genesys-hosts.ts';
import { createGenesysReceipts } from '../adapters/genesys/genesys-receipts.ts';
import { createGenesysTokens } from '../adapters/genesys/genesys-token.ts';
import { PacedGate } from '../adapters/pacing/paced-gate.ts';
import { hashText } from '../adapters/pseudonyms.ts';
import {
  systemClock as clock,
  systemRandomness as randomness,
  systemSleeper as sleeper,
} from '../adapters/system.ts';
import { deliverReceipts } from '../flows/deliver-receipts.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { createLogger } from '../runtime/logger.ts';
import { createQueueHandler } from '../runtime/queue-handler.ts';
import { readLocalProviders, readRequestsPerMinute, readSettings, readTiming } from '../runtime/settings.ts';
import { createTelemetry } from '../runtime/telemetry.ts';

const settings = readSettings();
const workerTiming = readTiming();
// Nothing is parked here: with waits twice as long the hundred receives of a record outlast a day without Genesys.
const timing = { ...workerTiming, backoffCapMs: 2 * workerTiming.backoffCapMs };
const telemetry = createTelemetry({ ...settings, logger: createLogger(settings.functionName) });
const numbers = new Map(settings.numbers.map((number) => [number.phoneNumberId, number]));
const secrets = createNumberSecrets(
  createSecretsClient(),
  new Map(settings.numbers.map((n) => [n.phoneNumberId, n.secretId])),
  clock,
);
const hosts = genesysHosts(requireEnv(Env.genesysRegion), readLocalProviders()?.genesysUrl);
const client = createDynamoClient();
const shared = { clock, randomness, sleeper, telemetry };
const customersTable = requireEnv(Env.customersTable);
const ledger = { client, table: requireEnv(Env.ledgerTable), rememberDays: timing.ledgerDays };
const gate = new PacedGate({
  ...shared,
  allowance: createDynamoAllowance(client, customersTable, settings.tenant),
  requestsPerMinute: readRequestsPerMinute(),
  backoff: workerTiming,
  probeMs: timing.leaseMs,
  nameAccount: hashText,
});
const sharing = { ...shared, store: createDynamoTokenStore(client, customersTable) };
const tokens = createGenesysTokens({ login: hosts.login, clock, sharing });
const onRateNotice = gate.follow.bind(gate);
const queue = [createSqsClient(), requireEnv(Env.receiptsQueueUrl)] as const;
const ports = {
  ...shared,
  timing,
  gate,
  deskReceipts: createGenesysReceipts({ hosts, tokens, clock, numbers, secrets, onRateNotice }),
  receipts: createDynamoReceipts(ledger.client, ledger.table),
  sending: createDynamoSending(ledger),
  archive: createS3Archive(createS3Client(), requireEnv(Env.archiveBucket)),
};

export const handler = createQueueHandler({
  processRecord: (record) => deliverReceipts(record, ports),
  changeVisibility: createChangeVisibility(...queue),
  deleteRecords: createDeleteRecords(...queue),
  ...shared,
  backoff: timing,
});
