// Genesys signs the exact bytes of a webhook with the integration's own secret: `X-Hub-Signature-256: sha256=<base64>`,
// unlike Meta, whose header of the same name holds hex.
import { timingSafeEqual } from 'node:crypto';
import type { IntegrationVerifier } from '../../core/desk-ports.ts';
import { BridgeError } from '../../core/errors.ts';
import type { NumberSecret, NumberSecrets } from '../../core/ports.ts';
import { createHmacSha256 } from '../hmac-sha256.ts';
import { checkWithSecrets } from '../secret-check.ts';

/** 32 bytes in base64 with its padding. */
const signatureForm = /^sha256=([A-Za-z0-9+/]{43}=)$/;

/** `numbers`: integration of each number, by its id. */
export function createGenesysVerifier(
  held: NumberSecrets,
  numbers: Iterable<readonly [string, { integrationId: string }]>,
): IntegrationVerifier {
  const hmac = createHmacSha256();
  const numberIds = new Map(
    [...numbers].map(([numberId, { integrationId }]) => [integrationId.toLowerCase(), numberId]),
  );
  return {
    async verify(integrationId, bytes, signature) {
      const base64 = signatureForm.exec(signature ?? '')?.[1];
      if (base64 === undefined)
        throw new BridgeError('signature-invalid', 'signature missing or of the wrong form');
      const numberId = numberIds.get(integrationId.toLowerCase());
      if (numberId === undefined)
        throw new BridgeError('signature-invalid', 'the tenant file names no such integration');
      const given = Buffer.from(base64);
      const matches = (secret: string): boolean =>
        timingSafeEqual(Buffer.from(hmac(secret, bytes, 'base64')), given);
      const secrets = async () => {
        const [secret, { complete }] = await Promise.all([held.get(numberId), held.all()]);
        return { secrets: [secret], complete };
      };

      const verified = await checkWithSecrets(held, { secrets, read: webhookSecretsOf, matches });
      if (!verified) throw new BridgeError('signature-invalid', 'signature does not match');
      return { numberId, webhookHash: toHalfHex(base64) };
    },
  };
}

function webhookSecretsOf(secret: NumberSecret): string[] {
  return [secret.genesysWebhookSecret, secret.genesysWebhookSecretPrevious];
}

/** Half of the signature, which is a hash of the bytes already, names the archive object and is of no use as a signature. */
function toHalfHex(base64: string): string {
  return Buffer.from(base64, 'base64').toString('hex', 0, 16);
}
