// Checks something against the secrets of numbers: what a rotation asks for, and what may be concluded from a mismatch.
import { BridgeError } from '../core/errors.ts';
import type { NumberSecret, NumberSecrets } from '../core/ports.ts';

export interface SecretCheck {
  /** Secrets that may match, and whether any could not be read. */
  secrets(): Promise<{ secrets: readonly NumberSecret[]; complete: boolean }>;
  /** Values of one secret: the current one first, the previous one is only tried while a rotation is under way. */
  read(secret: NumberSecret): string[];
  matches(candidate: string): boolean;
}

/**
 * Fails closed: with a secret missing or unreadable a mismatch proves nothing, so the sender is asked to come again.
 * @throws BridgeError `secret-unavailable`
 */
export async function checkWithSecrets(
  held: Pick<NumberSecrets, 'refreshIfStale'>,
  subject: SecretCheck,
): Promise<boolean> {
  let result = check(await subject.secrets(), subject);
  if (!result.matched && held.refreshIfStale()) result = check(await subject.secrets(), subject);
  if (!result.matched && !result.conclusive) {
    throw new BridgeError(
      'secret-unavailable',
      'a secret is missing or cannot be read, so nothing can be verified',
    );
  }
  return result.matched;
}

function check(
  { secrets, complete }: Awaited<ReturnType<SecretCheck['secrets']>>,
  { read, matches }: SecretCheck,
): { matched: boolean; conclusive: boolean } {
  const values = secrets.map(read);
  const current = values.map(([first = '']) => first);
  return {
    matched: isAny(current, matches) || isAny(values.flat(), matches),
    conclusive: complete && !current.includes(''),
  };
}

/** Numbers may share a secret, so each value is tried once. */
function isAny(candidates: readonly string[], matches: (candidate: string) => boolean): boolean {
  return candidates.some(
    (value, index) => value !== '' && candidates.indexOf(value) === index && matches(value),
  );
}
