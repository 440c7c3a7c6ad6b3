// What waits behind a closed fence.
import type { Direction } from './fence.ts';

/** One message in the park of its customer. */
export interface ParkedItem {
  direction: Direction;
  numberId: string;
  customerId: string;
  /** Acceptance order of the message; the park is drained in this order, never by a clock. */
  sequence: string;
  /** Number of the operator's replay that put it here; empty when the bridge did so itself. Part of its key. */
  replay: string;
  /** Ledger key of the message. */
  key: string;
  /** When the door accepted it, epoch ms; its horizon counts from here. */
  acceptedAt: number;
  /** Epoch ms. */
  parkedAt: number;
  /** Why it waits: a code, never text of people. */
  reason: string;
  attempts: number;
  /** A queue body (envelope or claim check) that holds exactly this message. */
  body: string;
}

/** All that is known of an item without its message. */
export type ParkedHead = Omit<ParkedItem, 'body'>;

/** What names an item of the park. */
export type ParkedItemKey = Pick<
  ParkedItem,
  'direction' | 'numberId' | 'customerId' | 'sequence' | 'replay' | 'key'
>;

/**
 * Reason of what had ended undelivered and was put here by a replay: its record is opened again first. Copies by force, and
 * what a replay sent through the queue, have records that never ended before.
 */
export const reopenReason = 'replay';
