// What the statuses of a message mean together. They come in any order, repeatedly, and some never: so what is kept is
// the set of those seen, and everything else is computed from the set.
import type { FinalReceipt } from '../model/ledger-record.ts';

/** Statuses that say how far a part has come, each including those before it. */
const ranks = ['sent', 'delivered', 'read', 'played'] as const;
const deliveredRank = ranks.indexOf('delivered');

export type Progress = (typeof ranks)[number];
export type StatusName = Progress | 'failed';

/** What is known of one part. Failed stands apart: with several devices a part can fail on one and arrive on another. */
export interface PartFate {
  progress?: Progress;
  failed: boolean;
  /** Codes of the failures seen, smallest first. */
  codes: readonly number[];
}

export const unheard: PartFate = { failed: false, codes: [] };

export function isStatusName(name: string): name is StatusName {
  return name === 'failed' || ranks.some((rank) => rank === name);
}

/** A status of a part as an entry of the set that is kept: `<part>.<status>`, failures with their code. */
export function toStatusEntry(part: number, status: StatusName, code?: number): string {
  return `${part}.${status}${status === 'failed' && code !== undefined ? `.${code}` : ''}`;
}

/** Reads the set. Entries of other releases are passed over. */
export function readFates(statuses: Iterable<string>): ReadonlyMap<number, PartFate> {
  const fates = new Map<number, PartFate>();
  for (const entry of statuses) {
    const [, part = '', name = '', code] = /^(\d+)\.([a-z]+)(?:\.(\d+))?$/.exec(entry) ?? [];
    if (part === '' || !isStatusName(name)) continue;
    const fate = fates.get(Number(part)) ?? unheard;
    fates.set(Number(part), joinStatus(fate, name, code === undefined ? undefined : Number(code)));
  }
  return fates;
}

/** The least fate that includes both: never goes back, and adding the same again changes nothing. */
export function joinStatus(fate: PartFate, status: StatusName, code?: number): PartFate {
  if (status === 'failed') {
    const codes = new Set(code === undefined ? fate.codes : [...fate.codes, code]);
    return { ...fate, failed: true, codes: [...codes].sort((a, b) => a - b) };
  }
  const isFurther = fate.progress === undefined || ranks.indexOf(status) > ranks.indexOf(fate.progress);
  return isFurther ? { ...fate, progress: status } : fate;
}

export interface DueReceipt {
  status: FinalReceipt;
  /** Meta's code of the failure. */
  code?: number;
}

/**
 * The final receipt that these statuses call for: Failed with the first part that did not arrive, Delivered once all
 * parts did. A part that failed and arrived all the same has arrived.
 */
export function findDueReceipt(statuses: Iterable<string>, partsTotal: number): DueReceipt | undefined {
  const fates = [...readFates(statuses)].sort(([a], [b]) => a - b);
  const lost = fates.find(([, fate]) => fate.failed && !hasArrived(fate))?.[1];
  if (lost) {
    const [code] = lost.codes;
    return { status: 'Failed', ...(code === undefined ? {} : { code }) };
  }
  const arrived = fates.filter(([part, fate]) => part < partsTotal && hasArrived(fate)).length;
  return partsTotal > 0 && arrived === partsTotal ? { status: 'Delivered' } : undefined;
}

function hasArrived({ progress }: PartFate): boolean {
  return progress !== undefined && ranks.indexOf(progress) >= deliveredRank;
}
