// What Genesys' event source says of customers' sessions: began, ended.
import { createSecretsClient, createSqsClient } from '../adapters/aws/clients.ts';
import { createDynamoClient } from '../adapters/aws/dynamo-client.ts';
import { createDynamoCustomers } from '../adapters/aws/dynamo-customers.ts';
import { createNumberSecrets } from '../adapters/aws/number-secrets.ts';
import { createSqsInboundQueue } from '../adapters/aws/sqs-inbound-queue.ts';
import { createPseudonyms } from '../adapters/pseudonyms.ts';
import { systemClock as clock } from '../adapters/system.ts';
import { endConversation } from '../flows/end-conversation.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { createLogger } from '../runtime/logger.ts';
import { readConversations, readSettings, readTiming } from '../runtime/settings.ts';
import { createTaskHandler } from '../runtime/task-handler.ts';
import { createTelemetry } from '../runtime/telemetry.ts';

const settings = readSettings();
const { closingText } = readConversations();
const telemetry = createTelemetry({ ...settings, logger: createLogger(settings.functionName) });
const secretIds = new Map(settings.numbers.map((number) => [number.phoneNumberId, number.secretId]));
const secrets = createNumberSecrets(createSecretsClient(), secretIds, clock);
const customersTable = {
  client: createDynamoClient(),
  table: requireEnv(Env.customersTable),
  rememberDays: readTiming().profileDays,
};
const ports = {
  clock,
  customers: createDynamoCustomers(customersTable),
  pseudonyms: createPseudonyms(secrets, [...secretIds.keys()]),
  outbound: createSqsInboundQueue(createSqsClient(), requireEnv(Env.outboundQueueUrl)),
  telemetry,
  closingText,
};

export const handler = createTaskHandler((event: unknown) => endConversation(event, ports), telemetry);
