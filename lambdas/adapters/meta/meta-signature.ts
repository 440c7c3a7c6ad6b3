// Meta signs the exact bytes of a webhook: `X-Hub-Signature-256: sha256=<64 lowercase hex>`, HMAC-SHA256 with the app
// secret. Parsing and writing the JSON again would change the bytes (escapes), so nothing here looks into the body.
import { hash, timingSafeEqual } from 'node:crypto';
import { BridgeError } from '../../core/errors.ts';
import type { NumberSecret, NumberSecrets, SubscriptionVerifier, WebhookVerifier } from '../../core/ports.ts';
import { createHmacSha256 } from '../hmac-sha256.ts';
import { checkWithSecrets } from '../secret-check.ts';

const signatureForm = /^sha256=([0-9a-f]{64})$/;

export function createMetaVerifier(held: NumberSecrets): WebhookVerifier & SubscriptionVerifier {
  const hmac = createHmacSha256();
  const secrets = () => held.all();
  return {
    async verify(bytes, signature) {
      const hex = signatureForm.exec(signature ?? '')?.[1];
      if (hex === undefined)
        throw new BridgeError('signature-invalid', 'signature missing or of the wrong form');
      const given = Buffer.from(hex);
      const matches = (secret: string): boolean =>
        timingSafeEqual(Buffer.from(hmac(secret, bytes, 'hex')), given);

      const verified = await checkWithSecrets(held, { secrets, read: appSecretsOf, matches });
      if (!verified) throw new BridgeError('signature-invalid', 'signature does not match');
      // The signature is a hash of the bytes already; half of it names the archive object and is of no use as a signature.
      return { webhookHash: hex.slice(0, 32) };
    },

    isVerifyToken(token) {
      const given = hash('sha256', token, 'buffer');
      const matches = (candidate: string): boolean =>
        timingSafeEqual(hash('sha256', candidate, 'buffer'), given);
      return checkWithSecrets(held, { secrets, read: (secret) => [secret.metaVerifyToken], matches });
    },
  };
}

function appSecretsOf(secret: NumberSecret): string[] {
  return [secret.metaAppSecret, secret.metaAppSecretPrevious];
}
