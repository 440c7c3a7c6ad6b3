// Seals a token for the table all sandboxes read. The key comes from the secret the token was got with, so whoever can
// open it could have asked for it, and no further key has to be kept.
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from 'node:crypto';

export interface SealingSecret {
  clientId: string;
  clientSecret: string;
}

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

export function sealToken(token: string, secret: SealingSecret): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, deriveKey(secret), nonce);
  cipher.setAAD(Buffer.from(secret.clientId));
  const sealed = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** Undefined when it was sealed with another secret, or changed since. */
export function openToken(sealed: string, secret: SealingSecret): string | undefined {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const decipher = createDecipheriv(algorithm, deriveKey(secret), bytes.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    });
    decipher.setAAD(Buffer.from(secret.clientId));
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes));
    const token = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
    return token.toString('utf8');
  } catch {
    return undefined;
  }
}

/** Says whether two tokens are the same; leads nowhere, since a token is long and random. */
export function fingerprintToken(token: string): string {
  return hash('sha256', token, 'hex').slice(0, 32);
}

function deriveKey({ clientId, clientSecret }: SealingSecret): Buffer {
  return Buffer.from(hkdfSync('sha256', clientSecret, clientId, 'desk token at rest', keyBytes));
}
