// Meta signs the exact bytes of a webhook: `X-Hub-Signature-256: sha256=<64 lowercase hex>`, HMAC-SHA256 with the app
// secret. Parsing and writing the JSON again would change the bytes (escapes), so nothing here looks into the body.
import { hash, timingSafeEqual } from 'node:crypto';
import { BridgeError } from '../../core/errors.ts';
import type { NumberSecret, NumberSecrets, SubscriptionVerifier, WebhookVerifier } from '../../core/ports.ts';
import { createHmacSha256 } from '../hmac-sha256.ts';

const signatureForm = /^sha256=([0-9a-f]{64})$/;

export function createMetaVerifier(secrets: NumberSecrets): WebhookVerifier & SubscriptionVerifier {
  const hmac = createHmacSha256();
  return {
    async verify(bytes, signature) {
      const hex = signatureForm.exec(signature ?? '')?.[1];
      if (hex === undefined)
        throw new BridgeError('signature-invalid', 'signature missing or of the wrong form');
      const given = Buffer.from(hex);
      const isSignedWith = (secret: string): boolean =>
        timingSafeEqual(Buffer.from(hmac(secret, bytes, 'hex')), given);

      const verified = await checkWithSecrets(secrets, appSecretsOf, isSignedWith);
      if (!verified) throw new BridgeError('signature-invalid', 'signature does not match');
      // The signature is a hash of the bytes already; half of it names the archive object and is of no use as a signature.
      return { webhookHash: hex.slice(0, 32) };
    },

    isVerifyToken(token) {
      const given = hash('sha256', token, 'buffer');
      const isSame = (candidate: string): boolean =>
        timingSafeEqual(hash('sha256', candidate, 'buffer'), given);
      return checkWithSecrets(secrets, (secret) => [secret.metaVerifyToken], isSame);
    },
  };
}

/** Current secrets first: the previous one is only tried while a rotation is under way. */
function appSecretsOf(secret: NumberSecret): string[] {
  return [secret.metaAppSecret, secret.metaAppSecretPrevious];
}

/** Fails closed: with a secret missing or unreadable a mismatch proves nothing, so the sender is asked to come again. */
async function checkWithSecrets(
  secrets: NumberSecrets,
  read: (secret: NumberSecret) => string[],
  matches: (candidate: string) => boolean,
): Promise<boolean> {
  let result = check(await secrets.all(), read, matches);
  if (!result.matched && secrets.refreshIfStale()) result = check(await secrets.all(), read, matches);
  if (!result.matched && !result.conclusive) {
    throw new BridgeError(
      'secret-unavailable',
      'a secret is missing or cannot be read, so nothing can be verified',
    );
  }
  return result.matched;
}

function check(
  { secrets, complete }: Awaited<ReturnType<NumberSecrets['all']>>,
  read: (secret: NumberSecret) => string[],
  matches: (candidate: string) => boolean,
): { matched: boolean; conclusive: boolean } {
  const values = secrets.map(read);
  const current = values.map(([first = '']) => first);
  return {
    matched: isAny(current, matches) || isAny(values.flat(), matches),
    conclusive: complete && !current.includes(''),
  };
}

/** Numbers of one Meta app share its secret, so each value is tried once. */
function isAny(candidates: readonly string[], matches: (candidate: string) => boolean): boolean {
  return candidates.some(
    (value, index) => value !== '' && candidates.indexOf(value) === index && matches(value),
  );
}
