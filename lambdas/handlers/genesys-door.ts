// POST /webhook/genesys/{integrationId}: what agents and bots write, and what Genesys says of messages we posted.
import { createS3Client, createSecretsClient, createSqsClient } from '../adapters/aws/clients.ts';
import { createNumberSecrets } from '../adapters/aws/number-secrets.ts';
import { createS3Archive } from '../adapters/aws/s3-archive.ts';
import { createSqsInboundQueue } from '../adapters/aws/sqs-inbound-queue.ts';
import { createGenesysVerifier } from '../adapters/genesys/genesys-signature.ts';
import { createPseudonyms } from '../adapters/pseudonyms.ts';
import { systemClock as clock } from '../adapters/system.ts';
import { createGenesysDoor } from '../flows/answer-genesys.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { createHttpHandler } from '../runtime/http-handler.ts';
import { createLogger } from '../runtime/logger.ts';
import { readSettings } from '../runtime/settings.ts';
import { createTelemetry } from '../runtime/telemetry.ts';

const settings = readSettings();
const telemetry = createTelemetry({ ...settings, logger: createLogger(settings.functionName) });
const numberIds = settings.numbers.map((number) => number.phoneNumberId);
const secretIds = new Map(settings.numbers.map((number) => [number.phoneNumberId, number.secretId]));
const secrets = createNumberSecrets(createSecretsClient(), secretIds, clock);
const sqs = createSqsClient();

export const handler = createHttpHandler(
  createGenesysDoor({
    tenant: settings.tenant,
    clock,
    verifier: createGenesysVerifier(
      secrets,
      settings.numbers.map((number) => [number.phoneNumberId, number] as const),
    ),
    pseudonyms: createPseudonyms(secrets, numberIds),
    archive: createS3Archive(createS3Client(), requireEnv(Env.archiveBucket)),
    outbound: createSqsInboundQueue(sqs, requireEnv(Env.outboundQueueUrl)),
    receipts: createSqsInboundQueue(sqs, requireEnv(Env.receiptsQueueUrl)),
    telemetry,
  }),
  telemetry,
);
