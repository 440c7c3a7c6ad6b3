// The tasks of the replay state machine: plan, chunk, summary.
import {
  createMediaS3Client,
  createS3Client,
  createSecretsClient,
  createSfnClient,
  createSqsClient,
} from '../adapters/aws/clients.ts';
import { createDynamoClient } from '../adapters/aws/dynamo-client.ts';
import { createDynamoCustomers } from '../adapters/aws/dynamo-customers.ts';
import { createDynamoFenceHandles } from '../adapters/aws/dynamo-fence-handles.ts';
import { createDynamoFences } from '../adapters/aws/dynamo-fences.ts';
import { createDynamoLedger } from '../adapters/aws/dynamo-ledger.ts';
import { createDynamoLedgerSearch } from '../adapters/aws/dynamo-ledger-search.ts';
import { createDynamoPark } from '../adapters/aws/dynamo-park.ts';
import { createNumberSecrets } from '../adapters/aws/number-secrets.ts';
import { createS3Archive } from '../adapters/aws/s3-archive.ts';
import { createS3ArchiveIndex } from '../adapters/aws/s3-archive-index.ts';
import { createS3Media } from '../adapters/aws/s3-media.ts';
import { createSfnRedeliveryRuns } from '../adapters/aws/sfn-redelivery-runs.ts';
import { createSqsInboundQueue } from '../adapters/aws/sqs-inbound-queue.ts';
import { describeDeskCalls } from '../adapters/genesys/genesys-desk.ts';
import { genesysHosts } from '../adapters/genesys/genesys-hosts.ts';
import { createMediaLinks } from '../adapters/media-links.ts';
import { graphMessagesUrl } from '../adapters/meta/meta-messenger.ts';
import { openPhraseBook } from '../adapters/phrase-book.ts';
import { createPseudonyms, hashText } from '../adapters/pseudonyms.ts';
import { systemClock as clock } from '../adapters/system.ts';
import { createReplayTasks } from '../flows/replay/replay-tasks.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { createLogger } from '../runtime/logger.ts';
import {
  readArchiveDays,
  readLocalProviders,
  readOutbound,
  readPhraseConfig,
  readSettings,
  readTiming,
} from '../runtime/settings.ts';
import { createTaskHandler } from '../runtime/task-handler.ts';
import { createTelemetry } from '../runtime/telemetry.ts';

const settings = readSettings();
const timing = readTiming();
const outbound = readOutbound();
const local = readLocalProviders();
const telemetry = createTelemetry({ ...settings, logger: createLogger(settings.functionName) });
const numbers = new Map(settings.numbers.map((number) => [number.phoneNumberId, number]));
const numberIds = [...numbers.keys()];
const secretIds = new Map(settings.numbers.map((n) => [n.phoneNumberId, n.secretId]));
const secrets = createNumberSecrets(createSecretsClient(), secretIds, clock);
const pseudonyms = createPseudonyms(secrets, numberIds);
const [client, s3, sqs] = [createDynamoClient(), createS3Client(), createSqsClient()];
const bucket = requireEnv(Env.archiveBucket);
const ledgerTable = requireEnv(Env.ledgerTable);
const customersTable = {
  client,
  table: requireEnv(Env.customersTable),
  rememberDays: timing.profileDays,
  clock,
};

const tasks = createReplayTasks({
  tenant: settings.tenant,
  clock,
  telemetry,
  numbers,
  pseudonyms,
  hash: hashText,
  archive: createS3Archive(s3, bucket),
  archiveIndex: createS3ArchiveIndex(s3, bucket, settings.tenant),
  archiveDays: readArchiveDays(),
  rememberDays: timing.ledgerDays,
  search: createDynamoLedgerSearch(client, ledgerTable),
  ledger: createDynamoLedger({ client, table: ledgerTable, rememberDays: timing.ledgerDays }),
  directory: createDynamoCustomers(customersTable),
  fences: createDynamoFences(customersTable),
  park: createDynamoPark(client, customersTable.table),
  runs: createSfnRedeliveryRuns({
    client: createSfnClient(),
    machineArn: requireEnv(Env.redeliveryMachineArn),
    pseudonyms,
    handles: createDynamoFenceHandles(customersTable),
  }),
  queues: {
    in: createSqsInboundQueue(sqs, requireEnv(Env.inboundQueueUrl)),
    out: createSqsInboundQueue(sqs, requireEnv(Env.outboundQueueUrl)),
  },
  media: createS3Media(createMediaS3Client(), bucket, clock),
  links: createMediaLinks({ secrets, numbers, baseUrl: requireEnv(Env.publicUrl), clock }),
  phrases: openPhraseBook(readPhraseConfig()),
  templates: outbound.templates,
  toDeskCalls: describeDeskCalls(genesysHosts(requireEnv(Env.genesysRegion), local?.genesysUrl)),
  sendUrl: (numberId) => graphMessagesUrl(numberId, { ...outbound, localUrl: local?.metaUrl }),
});

export const handler = createTaskHandler(tasks, telemetry);
