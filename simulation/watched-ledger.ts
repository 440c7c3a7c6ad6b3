// Looks over the ledger's shoulder: a status may only move forward.
import type { LedgerStatus } from '../lambdas/core/model/ledger-record.ts';
import type { MessageLedger } from '../lambdas/core/ports.ts';
import { wrapAll } from './port-proxy.ts';
import type { MemoryLedger } from './stores/memory-ledger.ts';

const final: ReadonlySet<LedgerStatus> = new Set([
  'DELIVERED',
  'FAILED',
  'QUARANTINED',
  'HELD',
  'EXPIRED',
  'ERASED',
]);

export function watchStatuses(ledger: MemoryLedger, wrongMoves: string[]): MessageLedger {
  return wrapAll<MessageLedger>(ledger, async (_method, [first], call) => {
    const key = typeof first === 'string' ? first : (first as { key: string }).key;
    const before = ledger.records.get(key)?.status;
    const result = await call();
    const after = ledger.records.get(key)?.status;
    // DELIVERED wins over everything; nothing else follows an end.
    if (
      before &&
      before !== after &&
      final.has(before) &&
      (before === 'DELIVERED' || after !== 'DELIVERED')
    ) {
      wrongMoves.push(`${key} went from ${before} to ${after}`);
    }
    return result;
  });
}
