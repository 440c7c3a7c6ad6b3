// Looks over the ledger's shoulder: a status may only move forward. Only an operator's replay leads back from an end.
import type { LedgerStatus } from '../lambdas/core/model/ledger-record.ts';
import type { MessageLedger } from '../lambdas/core/ports.ts';
import { wrapAll } from './port-proxy.ts';
import { redelivery } from './settings.ts';
import type { MemoryLedger } from './stores/memory-ledger.ts';

const final: ReadonlySet<LedgerStatus> = new Set([
  'DELIVERED',
  'FAILED',
  'QUARANTINED',
  'HELD',
  'EXPIRED',
  'ERASED',
]);

const reopenable: ReadonlySet<LedgerStatus> = new Set(['FAILED', 'HELD', 'QUARANTINED']);

/**
 * @param held takes the keys of what was ever HELD
 * @param last the status of every key as it was seen last, whoever changed it
 */
export function watchStatuses(
  ledger: MemoryLedger,
  wrongMoves: string[],
  held: Set<string>,
  last: Map<string, LedgerStatus>,
  { horizonMs }: { horizonMs: number } = redelivery,
): MessageLedger {
  return wrapAll<MessageLedger>(ledger, async (method, [first, , third], call) => {
    const key = typeof first === 'string' ? first : (first as { key: string }).key;
    const before = last.get(key);
    const result = await call();
    const after = ledger.records.get(key)?.status;
    if (after) last.set(key, after);
    if (after === 'EXPIRED' && before !== after) {
      const waitedMs = (third as { at: number }).at - (ledger.records.get(key)?.acceptedAt ?? 0);
      if (waitedMs < horizonMs) wrongMoves.push(`${key} expired before its time`);
    }
    if (after === 'HELD') held.add(key);
    const isReopened =
      method === 'reopen' && after === 'PARKED' && before !== undefined && reopenable.has(before);
    // DELIVERED wins over everything; nothing else follows an end.
    if (
      before &&
      before !== after &&
      !isReopened &&
      final.has(before) &&
      (before === 'DELIVERED' || after !== 'DELIVERED')
    ) {
      wrongMoves.push(`${key} went from ${before} to ${after}`);
    }
    return result;
  });
}
