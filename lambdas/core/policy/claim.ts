import type { LedgerRecord } from '../model/ledger-record.ts';

/** How the conditional claim write ended: `record` is the new record when won, else the one that stood in the way. */
export interface ClaimWrite {
  won: boolean;
  record: LedgerRecord;
}

export type ClaimDecision =
  | { state: 'mine'; record: LedgerRecord }
  /** Somebody else's claim is alive until `until` (epoch ms). */
  | { state: 'busy'; until: number; record: LedgerRecord }
  /** The message has reached an end, or waits where an operator sees it. */
  | { state: 'settled'; record: LedgerRecord };

/**
 * Reads a claim write. A failed condition alone proves nothing: it may be our own write whose answer was lost,
 * and taking it for a duplicate would lose the message.
 */
export function decideClaim(write: ClaimWrite, owner: string): ClaimDecision {
  const { record } = write;
  if (write.won) return { state: 'mine', record };
  if (record.status !== 'INFLIGHT') return { state: 'settled', record };
  if (record.owner === owner) return { state: 'mine', record };
  return { state: 'busy', until: record.leaseUntil, record };
}

/** A message whose claims ended this often without any outcome crashes its worker and is given up visibly. */
export const crashesUntilPoison = 3;

export function isPoison(record: LedgerRecord): boolean {
  return record.crashes >= crashesUntilPoison;
}
