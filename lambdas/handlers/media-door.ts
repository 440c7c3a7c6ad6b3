// GET /media/{token}: links to media that was too large for an attachment.
import { createMediaS3Client, createSecretsClient } from '../adapters/aws/clients.ts';
import { createNumberSecrets } from '../adapters/aws/number-secrets.ts';
import { createS3Media } from '../adapters/aws/s3-media.ts';
import { createMediaLinks } from '../adapters/media-links.ts';
import { systemClock as clock } from '../adapters/system.ts';
import { answerMediaLink } from '../flows/answer-media-link.ts';
import { Env, requireEnv } from '../runtime/env.ts';
import { createHttpHandler } from '../runtime/http-handler.ts';
import { createLogger } from '../runtime/logger.ts';
import { readSettings } from '../runtime/settings.ts';
import { createTelemetry } from '../runtime/telemetry.ts';

const settings = readSettings();
const telemetry = createTelemetry({ ...settings, logger: createLogger(settings.functionName) });
const numbers = new Map(settings.numbers.map((n) => [n.phoneNumberId, n.secretId]));
const secrets = createNumberSecrets(createSecretsClient(), numbers, clock);
const links = createMediaLinks({ secrets, numbers, baseUrl: '', clock });
const store = createS3Media(createMediaS3Client(), requireEnv(Env.archiveBucket), clock);

export const handler = createHttpHandler(
  ({ pathParameters }) => answerMediaLink(pathParameters.token ?? '', { links, store }),
  telemetry,
);
