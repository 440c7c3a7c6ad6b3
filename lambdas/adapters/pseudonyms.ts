// Names that reveal nothing about a person, for queues, logs and execution names.
import { createHmac, hash } from 'node:crypto';
import { BridgeError } from '../core/errors.ts';
import type { GroupIds, NumberSecrets, Pseudonyms } from '../core/ports.ts';

/** Webhooks of numbers this tenant does not know are grouped under the key of its first number. */
export function createPseudonyms(secrets: NumberSecrets, numberIds: readonly string[]): Pseudonyms {
  return {
    async openGroupIds(): Promise<GroupIds> {
      const keys = new Map<string, string>();
      await Promise.all(
        numberIds.map(async (numberId) => keys.set(numberId, (await secrets.get(numberId)).pseudonymKey)),
      );
      const fallback = keys.get(numberIds[0] ?? '');
      if (!fallback)
        throw new BridgeError('secret-unavailable', 'the secret of the first number holds no pseudonymKey');
      return (numberId, customerKey) =>
        createHmac('sha256', keys.get(numberId) || fallback)
          .update(`${numberId}\n${customerKey}`)
          .digest('base64url');
    },
    hash: (text) => hash('sha256', text, 'hex'),
  };
}
