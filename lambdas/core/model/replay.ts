// An operator's order to deliver again, and what comes of it.
import type { Direction } from './fence.ts';
import type { LedgerStatus } from './ledger-record.ts';

/** Which messages are meant; all given conditions must hold. */
export interface ReplaySelection {
  /** Provider ids (wamids) or Genesys ids. */
  ids?: readonly string[];
  /** Phone digits or BSUID. */
  customer?: string;
  /** Accepted at or after, epoch ms. */
  from?: number;
  /** Accepted before, epoch ms. */
  to?: number;
  statuses?: readonly LedgerStatus[];
  /** Taken from the raw archive, so that messages the ledger never heard of, or has forgotten, are found. */
  raw?: boolean;
}

export interface ReplayOrder {
  /** Unique, sorts by time; names the execution, so it reveals nobody. */
  number: string;
  /** Epoch ms. */
  at: number;
  selection: ReplaySelection;
  /** Set when even what was delivered is to be delivered once more: the operator's reason. */
  forced?: string;
  /** True when nothing is to be done but to say which calls would be made. */
  dryRun: boolean;
  /** Who gave the order, as they call themselves. */
  operator: string;
}

/** What a replay does about one message. */
export type ReplayVerdict =
  /** It ended undelivered: it goes on its customer's park list under its old order. */
  | 'redeliver'
  /** The ledger never heard of it: it goes through the queue, after everything accepted so far. */
  | 'deliver-first-time'
  /** Forced: a copy is delivered, recorded as such. */
  | 'deliver-again'
  /** It waits in the park: its customer's next attempt is made now. */
  | 'hurry'
  | 'on-its-way'
  | 'already-delivered'
  | 'needs-force'
  | 'erased';

export interface ReplayItem {
  direction: Direction;
  numberId: string;
  id: string;
  /** Ledger key of the message itself. */
  key: string;
  /** Archive key of the webhook it came in. */
  rawKey: string;
  /** Epoch ms. */
  acceptedAt: number;
  /** Whom the webhook named. */
  customerKey: string;
  /** Where it goes in the park: its old acceptance order, or the order of the archive where nothing else is known. */
  sequence: string;
  status?: LedgerStatus;
  verdict: ReplayVerdict;
}

/** What became of one message of a replay. */
export interface ReplayResult {
  id: string;
  key: string;
  outcome: 'parked' | 'queued' | 'hurried' | 'left-alone' | 'failed';
  verdict: ReplayVerdict;
  /** A code, where it failed. */
  reason?: string;
}

/** A call a replay would make, exactly. */
export interface PlannedCall {
  id: string;
  method: string;
  url: string;
  body: unknown;
  /** What cannot be known beforehand, e.g. media that has to be fetched. */
  note?: string;
}
