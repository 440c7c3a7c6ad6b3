import type { Breakdown } from './scenario.ts';

const storeOperation = /^(ledger|customers|fences|park|handles)\./;

/** Whether what is named is out of order `elapsedMs` after the start. */
export function isBroken(
  breakdowns: readonly Breakdown[] | undefined,
  what: Breakdown['of'],
  elapsedMs: number,
): boolean {
  return (breakdowns ?? []).some(
    ({ of, fromMs, untilMs }) => of === what && elapsedMs >= fromMs && elapsedMs < untilMs,
  );
}

export function isStoreOperation(operation: string): boolean {
  return storeOperation.test(operation);
}
