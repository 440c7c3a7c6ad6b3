// Meta signs the exact bytes of a webhook: `X-Hub-Signature-256: sha256=<64 lowercase hex>`, HMAC-SHA256 with the app
// secret. Parsing and writing the JSON again would change the bytes (escapes), so nothing here looks into the body.
import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { BridgeError } from '../../core/errors.ts';
import type { NumberSecret, NumberSecrets, SubscriptionVerifier, WebhookVerifier } from '../../core/ports.ts';

const signatureForm = /^sha256=([0-9a-f]{64})$/;

export function createMetaVerifier(secrets: NumberSecrets): WebhookVerifier & SubscriptionVerifier {
  return {
    async verify(bytes, signature) {
      const hex = signatureForm.exec(signature ?? '')?.[1];
      if (hex === undefined)
        throw new BridgeError('signature-invalid', 'signature missing or of the wrong form');
      const expected = Buffer.from(hex, 'hex');
      const isSigned = (candidates: readonly string[]): boolean =>
        candidates.some((secret) =>
          timingSafeEqual(createHmac('sha256', secret).update(bytes).digest(), expected),
        );

      const verified = await checkWithSecrets(secrets, appSecretsOf, isSigned);
      if (!verified) throw new BridgeError('signature-invalid', 'signature does not match');
      // The signature is a hash of the bytes already; half of it names the archive object and is of no use as a signature.
      return { webhookHash: hex.slice(0, 32) };
    },

    isVerifyToken(token) {
      const given = hash('sha256', token, 'buffer');
      const isKnown = (candidates: readonly string[]): boolean =>
        candidates.some((candidate) => timingSafeEqual(hash('sha256', candidate, 'buffer'), given));
      return checkWithSecrets(secrets, (secret) => [secret.metaVerifyToken], isKnown);
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
  matches: (candidates: readonly string[]) => boolean,
): Promise<boolean> {
  const check = async (): Promise<{ matched: boolean; conclusive: boolean }> => {
    const { secrets: readable, complete } = await secrets.all();
    const current = readable.map((secret) => read(secret)[0] ?? '');
    const candidates = new Set([...current, ...readable.flatMap(read)].filter((value) => value !== ''));
    return {
      matched: matches([...candidates]),
      conclusive: complete && current.every((value) => value !== ''),
    };
  };
  let result = await check();
  if (!result.matched && secrets.refreshIfStale()) result = await check();
  if (!result.matched && !result.conclusive) {
    throw new BridgeError(
      'secret-unavailable',
      'a secret is missing or cannot be read, so nothing can be verified',
    );
  }
  return result.matched;
}
