// Names that reveal nothing about a person, for queues, logs and execution names.
import { hash } from 'node:crypto';
import { BridgeError } from '../core/errors.ts';
import type { GroupIds, NumberSecrets, Pseudonyms } from '../core/ports.ts';
import { createHmacSha256 } from './hmac-sha256.ts';

/** Plain hash, hex. */
export const hashText = (text: string): string => hash('sha256', text, 'hex');

/** Webhooks of numbers this tenant does not know are grouped under the key of its first number. */
export function createPseudonyms(secrets: NumberSecrets, numberIds: readonly string[]): Pseudonyms {
  const hmac = createHmacSha256();

  return {
    async openGroupIds(): Promise<GroupIds> {
      const held = await Promise.allSettled(numberIds.map((numberId) => secrets.get(numberId)));
      const readKey = (index: number): string => {
        const secret = held[index];
        // One number whose secret cannot be read does not stop the others.
        if (secret?.status === 'rejected') throw secret.reason;
        return secret?.value.pseudonymKey ?? '';
      };
      return (numberId, customerKey) => {
        const key = readKey(Math.max(numberIds.indexOf(numberId), 0)) || readKey(0);
        if (key === '')
          throw new BridgeError('secret-unavailable', 'the secret of the first number holds no pseudonymKey');
        return hmac(key, `${numberId}\n${customerKey}`, 'base64url');
      };
    },
    hash: hashText,
  };
}
