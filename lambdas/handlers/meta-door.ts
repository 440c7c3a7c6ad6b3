// GET and POST /webhook/meta: is this URL ours, and webhooks from Meta.
import { createS3Client, createSecretsClient, createSqsClient } from '../adapters/aws/clients.ts';
import { createNumberSecrets } from '../adapters/aws/number-secrets.ts';
import { createS3Archive } from '../adapters/aws/s3-archive.ts';
import { createSqsInboundQueue } from '../adapters/aws/sqs-inbound-queue.ts';
import { createMetaVerifier } from '../adapters/meta/meta-signature.ts';
import { createPseudonyms } from '../adapters/pseudonyms.ts';
import { systemClock as clock, systemRandomness as randomness } from '../adapters/system.ts';
import { createMetaDoor } from '../flows/answer-meta.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { createHttpHandler } from '../runtime/http-handler.ts';
import { createLogger } from '../runtime/logger.ts';
import { readSettings } from '../runtime/settings.ts';
import { createTelemetry } from '../runtime/telemetry.ts';

const settings = readSettings();
const telemetry = createTelemetry({ ...settings, logger: createLogger(settings.functionName) });
const secrets = createNumberSecrets(
  createSecretsClient(),
  new Map(settings.numbers.map((n) => [n.phoneNumberId, n.secretId])),
  clock,
);
const pseudonyms = createPseudonyms(
  secrets,
  settings.numbers.map((n) => n.phoneNumberId),
);
const archive = createS3Archive(createS3Client(), requireEnv(Env.archiveBucket));
const sqs = createSqsClient();
const queue = createSqsInboundQueue(sqs, requireEnv(Env.inboundQueueUrl));
const receipts = createSqsInboundQueue(sqs, requireEnv(Env.receiptsQueueUrl));
const verifier = createMetaVerifier(secrets);

export const handler = createHttpHandler(
  createMetaDoor({
    tenant: settings.tenant,
    clock,
    randomness,
    verifier,
    pseudonyms,
    archive,
    queue,
    receipts,
    telemetry,
  }),
  telemetry,
);
