// What a replay does about one message: the three words redelivery, replay and force are kept apart here.
import type { LedgerRecord } from '../model/ledger-record.ts';
import type { ReplayVerdict } from '../model/replay.ts';

export interface ReplayTerms {
  /** Epoch ms. */
  now: number;
  /** How long the ledger remembers, ms: what is older may have been delivered without a trace. */
  rememberedMs: number;
  forced: boolean;
}

/** @param acceptedAt when the door took it, epoch ms */
export function judgeReplay(
  record: Pick<LedgerRecord, 'status' | 'leaseUntil'> | undefined,
  acceptedAt: number,
  { now, rememberedMs, forced }: ReplayTerms,
): ReplayVerdict {
  if (!record) {
    if (forced) return 'deliver-again';
    // A record lives from its first claim, which is never before the acceptance.
    return now - acceptedAt < rememberedMs ? 'deliver-first-time' : 'needs-force';
  }
  switch (record.status) {
    case 'ERASED':
      return 'erased';
    case 'INFLIGHT':
      // The claim protocol still keeps it from being delivered beside a claim; what is left of one counts as ambiguous.
      return forced && isForsaken(record, acceptedAt, now) ? 'redeliver' : 'on-its-way';
    case 'PARKED':
      return 'hurry';
    case 'DELIVERED':
      return forced ? 'deliver-again' : 'already-delivered';
    case 'EXPIRED':
      return forced ? 'deliver-again' : 'needs-force';
    case 'FAILED':
    case 'HELD':
    case 'QUARANTINED':
      return 'redeliver';
  }
}

const msPerDay = 86_400_000;
/** No queue keeps anything longer. */
const queuedMs = 14 * msPerDay;

/** No worker is at it and no queue will bring it again, as far as anybody can tell: lost by a bug or by hand. */
function isForsaken(
  { leaseUntil }: Pick<LedgerRecord, 'leaseUntil'>,
  acceptedAt: number,
  now: number,
): boolean {
  const wasDropped = leaseUntil > 0 && now - leaseUntil > msPerDay;
  return wasDropped || (leaseUntil <= now && now - acceptedAt > queuedMs);
}

/**
 * Order in the park for what has none of its own, by the time and place in the archive: before every real sequence, since
 * it was accepted before everything that is parked now.
 * @param rawKey keeps webhooks of the same millisecond apart: two messages of one order would have one place in the park
 */
export function archiveOrder(acceptedAt: number, rawKey: string, index: number): string {
  const [, webhook = ''] = /-(\w+)\.json$/.exec(rawKey) ?? [];
  const time = String(acceptedAt).padStart(13, '0');
  return `${''.padStart(20, '0')}.${time}.${webhook}.${String(index).padStart(5, '0')}`;
}

/** Number of a replay: sorts by time, names an execution. @param salt a few random letters or digits */
export function replayNumber(at: number, salt: string): string {
  return `replay-${new Date(at).toISOString().replace(/[-:.]/g, '')}-${salt}`;
}
