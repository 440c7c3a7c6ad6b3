// The secrets of the tenant's numbers, one Secrets Manager secret each, kept in memory for a while.
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { BridgeError } from '../../core/errors.ts';
import type { Clock, NumberSecret, NumberSecrets } from '../../core/ports.ts';

const fields = [
  'metaAppSecret',
  'metaAppSecretPrevious',
  'metaVerifyToken',
  'metaAccessToken',
  'genesysClientId',
  'genesysClientSecret',
  'genesysWebhookSecret',
  'genesysWebhookSecretPrevious',
  'pseudonymKey',
] as const satisfies readonly (keyof NumberSecret)[];

const keptMs = 300_000;
const refreshedAtMostEveryMs = 30_000;

/** The latest read of a secret. */
interface Held {
  readAt: number;
  /** When the next one is due. */
  dueAt: number;
  value: Promise<NumberSecret>;
  /** Latest value that could be read; used on while a newer one cannot be. */
  good: NumberSecret | undefined;
  failed: boolean;
}

export function createNumberSecrets(
  client: SecretsManagerClient,
  secretIds: ReadonlyMap<string, string>,
  clock: Clock,
): NumberSecrets {
  const held = new Map<string, Held>();

  const readAnew = (numberId: string, good: NumberSecret | undefined): Held => {
    const now = clock.now();
    const value = read(client, secretIds.get(numberId));
    const entry: Held = { readAt: now, dueAt: now + keptMs, value, good, failed: false };
    entry.value = value.then(
      (fresh) => {
        entry.good = fresh;
        return fresh;
      },
      (error: unknown) => {
        entry.failed = true;
        if (!good) {
          // Nothing can be accepted or sent without it, so the next who needs it asks again.
          entry.dueAt = now;
          throw error;
        }
        entry.dueAt = now + refreshedAtMostEveryMs;
        return good;
      },
    );
    return entry;
  };

  const get = (numberId: string): Promise<NumberSecret> => {
    const current = held.get(numberId);
    if (current && clock.now() < current.dueAt) return current.value;
    const entry = readAnew(numberId, current?.good);
    held.set(numberId, entry);
    return entry.value;
  };

  return {
    get,
    async all() {
      const numberIds = [...secretIds.keys()];
      const answers = await Promise.allSettled(numberIds.map(get));
      const secrets = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
      return { secrets, complete: numberIds.every((numberId) => held.get(numberId)?.failed === false) };
    },
    refreshIfStale() {
      const now = clock.now();
      const stale = [...held.values()].filter(({ readAt }) => now - readAt >= refreshedAtMostEveryMs);
      for (const entry of stale) entry.dueAt = now;
      return stale.length > 0;
    },
  };
}

/** No error of the SDK or the parser is kept as a cause: one about a broken answer quotes the secret. */
async function read(client: SecretsManagerClient, secretId: string | undefined): Promise<NumberSecret> {
  if (secretId === undefined)
    throw new BridgeError('secret-unavailable', 'no secret is configured for this number');
  let text: string | undefined;
  try {
    text = (await client.send(new GetSecretValueCommand({ SecretId: secretId }))).SecretString;
  } catch (error) {
    const code = error instanceof Error ? error.name : 'unknown';
    throw new BridgeError('secret-unavailable', `secret ${secretId} cannot be read: ${code}`, { code });
  }
  return parse(text, secretId);
}

function parse(text: string | undefined, secretId: string): NumberSecret {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch {
    throw new BridgeError('secret-unavailable', `secret ${secretId} is not JSON`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BridgeError('secret-unavailable', `secret ${secretId} is not a JSON object`);
  const source = value as Record<string, unknown>;
  return Object.fromEntries(
    fields.map((field) => [field, typeof source[field] === 'string' ? source[field] : '']),
  ) as unknown as NumberSecret;
}
