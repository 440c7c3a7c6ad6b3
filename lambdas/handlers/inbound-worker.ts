// Inbound queue → Genesys: claims, converts, delivers and settles every message of the customers in the batch.
import {
  createMediaS3Client,
  createS3Client,
  createSecretsClient,
  createSqsClient,
} from '../adapters/aws/clients.ts';
import { createDynamoAllowance } from '../adapters/aws/dynamo-allowance.ts';
import { createDynamoClient } from '../adapters/aws/dynamo-client.ts';
import { createDynamoCustomers } from '../adapters/aws/dynamo-customers.ts';
import { createDynamoLedger } from '../adapters/aws/dynamo-ledger.ts';
import { createDynamoTokenStore } from '../adapters/aws/dynamo-token-store.ts';
import { createNumberSecrets } from '../adapters/aws/number-secrets.ts';
import { createS3Archive } from '../adapters/aws/s3-archive.ts';
import { createS3Media } from '../adapters/aws/s3-media.ts';
import { createDeleteRecords } from '../adapters/aws/sqs-deletion.ts';
import { createChangeVisibility } from '../adapters/aws/sqs-visibility.ts';
import { createSsmClient, createSsmSwitches } from '../adapters/aws/ssm-switches.ts';
import { createGenesysDesk } from '../adapters/genesys/genesys-desk.ts';
import { genesysHosts } from '../adapters/genesys/genesys-hosts.ts';
import { createGenesysTokens } from '../adapters/genesys/genesys-token.ts';
import { createMediaLinks } from '../adapters/media-links.ts';
import { createMetaMedia } from '../adapters/meta/meta-media.ts';
import { PacedGate } from '../adapters/pacing/paced-gate.ts';
import { openPhraseBook } from '../adapters/phrase-book.ts';
import { hashText } from '../adapters/pseudonyms.ts';
import {
  systemClock as clock,
  systemRandomness as randomness,
  systemSleeper as sleeper,
} from '../adapters/system.ts';
import { deliverInbound } from '../flows/deliver-inbound.ts';
import { createCustomerFinder } from '../flows/find-customer.ts';
import { createIsolation } from '../flows/isolation.ts';
import { createMediaRelay } from '../flows/relay-media.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { createLogger } from '../runtime/logger.ts';
import { createQueueHandler } from '../runtime/queue-handler.ts';
import {
  readLocalProviders,
  readPhraseConfig,
  readRequestsPerMinute,
  readSettings,
  readTiming,
} from '../runtime/settings.ts';
import { createTelemetry } from '../runtime/telemetry.ts';

const settings = readSettings();
const timing = readTiming();
const telemetry = createTelemetry({ ...settings, logger: createLogger(settings.functionName) });
const numbers = new Map(settings.numbers.map((number) => [number.phoneNumberId, number]));
const secrets = createNumberSecrets(
  createSecretsClient(),
  new Map(settings.numbers.map((n) => [n.phoneNumberId, n.secretId])),
  clock,
);
const local = readLocalProviders();
const hosts = genesysHosts(requireEnv(Env.genesysRegion), local?.genesysUrl);
const client = createDynamoClient();
const shared = { clock, randomness, sleeper, telemetry };
const customersTable = requireEnv(Env.customersTable);
const gate = new PacedGate({
  ...shared,
  allowance: createDynamoAllowance(client, customersTable, settings.tenant),
  requestsPerMinute: readRequestsPerMinute(),
  backoff: timing,
  probeMs: timing.leaseMs,
  nameAccount: hashText,
});
const sharing = { ...shared, store: createDynamoTokenStore(client, customersTable) };
const tokens = createGenesysTokens({ login: hosts.login, clock, sharing });
const onRateNotice = gate.follow.bind(gate);
const bucket = requireEnv(Env.archiveBucket);
const queue = [createSqsClient(), requireEnv(Env.inboundQueueUrl)] as const;
const media = {
  source: createMetaMedia({ secrets, clock, localUrl: local?.metaUrl }),
  store: createS3Media(createMediaS3Client(), bucket, clock),
  links: createMediaLinks({ secrets, numbers, baseUrl: requireEnv(Env.publicUrl), clock }),
};
const ports = {
  ...shared,
  timing,
  switches: createSsmSwitches(createSsmClient(), requireEnv(Env.switchesParameter), shared),
  isolation: createIsolation(),
  numbers,
  desk: createGenesysDesk({ hosts, tokens, clock, numbers, secrets, onRateNotice }),
  gate,
  media: createMediaRelay({ ...shared, ...media, tenant: settings.tenant, hash: hashText }),
  phrases: openPhraseBook(readPhraseConfig()),
  ledger: createDynamoLedger({ client, table: requireEnv(Env.ledgerTable), rememberDays: timing.ledgerDays }),
  customers: createCustomerFinder(
    createDynamoCustomers({ client, table: customersTable, rememberDays: timing.profileDays }),
    clock,
  ),
  archive: createS3Archive(createS3Client(), bucket),
};

export const handler = createQueueHandler({
  processRecord: (record) => deliverInbound(record, ports),
  changeVisibility: createChangeVisibility(...queue),
  deleteRecords: createDeleteRecords(...queue),
  ...shared,
  backoff: timing,
});
