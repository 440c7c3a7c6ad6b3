// Links to stored media for people: signed, so that they can be neither guessed nor altered, and valid for seven days.
import { timingSafeEqual } from 'node:crypto';
import { BridgeError } from '../core/errors.ts';
import type { MediaLinks } from '../core/media-ports.ts';
import type { Clock, NumberSecrets } from '../core/ports.ts';
import { createHmacSha256 } from './hmac-sha256.ts';

const lifetimeMs = 7 * 24 * 3_600_000;
/** Keeps the key of links apart from every other use of the pseudonym key. */
const purpose = 'media-link';

export interface MediaLinksOptions {
  secrets: NumberSecrets;
  /** Numbers of this deployment; a link that names another one is not ours. */
  numbers: ReadonlyMap<string, unknown>;
  /** Of the public routes, without a trailing slash. */
  baseUrl: string;
  clock: Clock;
}

/** Tokens are signed with a key that is made from the number's pseudonym key. */
export function createMediaLinks({ secrets, numbers, baseUrl, clock }: MediaLinksOptions): MediaLinks {
  const hmac = createHmacSha256();

  const sign = async (numberId: string, payload: string): Promise<string> => {
    const { pseudonymKey } = await secrets.get(numberId);
    if (pseudonymKey === '')
      throw new BridgeError('secret-unavailable', `the secret of number ${numberId} holds no pseudonymKey`);
    return hmac(hmac(pseudonymKey, purpose, 'hex'), payload, 'base64url');
  };

  return {
    async mint(numberId, key) {
      const expiresAt = Math.ceil((clock.now() + lifetimeMs) / 1000);
      const payload = Buffer.from(JSON.stringify([numberId, expiresAt, key])).toString('base64url');
      return `${baseUrl}/media/${payload}.${await sign(numberId, payload)}`;
    },
    async read(token) {
      const [payload = '', signature = '', ...rest] = token.split('.');
      const claim = readPayload(payload);
      if (!claim || rest.length > 0 || !numbers.has(claim.numberId)) return undefined;
      const isOurs = equals(await sign(claim.numberId, payload), signature);
      return isOurs && clock.now() < claim.expiresAt * 1000 ? claim.key : undefined;
    },
  };
}

function readPayload(payload: string): { numberId: string; expiresAt: number; key: string } | undefined {
  try {
    const [numberId, expiresAt, key]: unknown[] = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof numberId === 'string' && typeof expiresAt === 'number' && typeof key === 'string'
      ? { numberId, expiresAt, key }
      : undefined;
  } catch {
    return undefined;
  }
}

function equals(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
