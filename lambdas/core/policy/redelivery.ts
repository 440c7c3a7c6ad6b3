// When parked messages are tried again, and for how long. All of it is arithmetic; times are in ms.

/** When runs of redelivery try, as the tenant file has it. */
export interface RedeliverySchedule {
  /** Delays of the attempts in a row without progress; the last one repeats. */
  scheduleMs: readonly number[];
  /** How long after its acceptance a message is worth delivering. */
  horizonMs: number;
}

/** SQS moves a message to the dead letters after 20 receives; it would let its group overtake it. */
export const mostReceives = 20;
/** Receives kept for parking a message, since that may fail as well. */
const receivesKept = 6;

/** From then on a record is parked before anything else is tried with it. */
export function hasFewReceivesLeft(receiveCount: number): boolean {
  return mostReceives - receiveCount < receivesKept;
}

/**
 * Wait before the next attempt.
 * @param attempt attempts in a row without progress, from 0
 * @param random uniform in [0, 1): customers who were parked together do not come back together
 */
export function redeliveryDelayMs(
  attempt: number,
  { scheduleMs }: RedeliverySchedule,
  random: number,
): number {
  const delayMs = scheduleMs[Math.min(attempt, scheduleMs.length - 1)] ?? 0;
  return Math.round(delayMs * (0.75 + 0.5 * random));
}

/** Whether the reader is told that a message waited too long, instead of being shown it. */
export function isOverHorizon(acceptedAt: number, now: number, { horizonMs }: RedeliverySchedule): boolean {
  return now - acceptedAt >= horizonMs;
}

/** Step Functions ends an execution after 25,000 events; a round takes about a dozen. */
export const mostRounds = 1000;

const shortestGraceMs = 30_000;
const longestGraceMs = 600_000;

/** How late an attempt may be before its run counts as lost: longer than a drain takes, and than short schedules. */
export function overdueGraceMs({ scheduleMs }: RedeliverySchedule): number {
  return Math.min(longestGraceMs, Math.max(shortestGraceMs, 2 * Math.max(0, ...scheduleMs)));
}

/**
 * Whether trouble that began at `since` is too long to keep a customer's queue waiting once more.
 * @param delayMs how long the next try would have to wait
 */
export function isLongTrouble(since: number, now: number, delayMs: number, holdMs: number): boolean {
  return now + delayMs - since > holdMs;
}
