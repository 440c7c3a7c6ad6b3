// When a failed delivery is tried again. The only place that turns a failure and an attempt into a delay.
import type { BridgeError } from '../errors.ts';

export interface BackoffSettings {
  backoffBaseMs: number;
  backoffCapMs: number;
}

/** SQS refuses a message hidden for more than 12 h since it was received; an hour is left for the time before the wait. */
const longestDelayMs = 11 * 60 * 60 * 1000;

/**
 * Delay in ms before attempt `attempt + 1`: exponential with equal jitter, never shorter than the provider asked for.
 * @param attempt attempts made so far, from 1
 * @param random uniform in [0, 1)
 */
export function retryDelayMs(
  failure: BridgeError,
  attempt: number,
  settings: BackoffSettings,
  random: number,
): number {
  const backoffMs = backoffDelayMs(attempt, settings, random);
  const askedMs = failure.details.retryAfterMs;
  // A retry right at the end of Retry-After may be refused again, so jitter comes on top; and a provider that asks for
  // a short wait again and again must not use up the receives of a healthy message, so the back-off holds as well.
  const jitterMs = (settings.backoffBaseMs / 2) * random;
  const delayMs = askedMs === undefined ? backoffMs : Math.max(backoffMs, askedMs + jitterMs);
  return Math.min(Math.round(delayMs), longestDelayMs);
}

/** Receives after which a record waits twice as long each time while nothing can be written down about it. */
const patientReceives = 9;
const longestPatienceMs = 2 * 60 * 60 * 1000;

/**
 * Delay in ms before a record of a queue comes again whose visit ended in an error. While the stores are away it can
 * not even be parked: its receives have to last for hours, or it would become a dead letter and be overtaken.
 * @param receiveCount receives so far, from 1
 */
export function recordDelayMs(
  failure: BridgeError,
  receiveCount: number,
  settings: BackoffSettings,
  random: number,
): number {
  const delayMs = retryDelayMs(failure, receiveCount, settings, random);
  if (failure.kind !== 'store-unavailable') return delayMs;
  const patience = 2 ** Math.min(Math.max(receiveCount - patientReceives, 0), 30);
  return Math.max(delayMs, Math.min(delayMs * patience, longestPatienceMs));
}

/** As `retryDelayMs` where there is no failure to look at, only something that is not possible yet. */
export function backoffDelayMs(attempt: number, settings: BackoffSettings, random: number): number {
  const ceiling = Math.min(settings.backoffCapMs, settings.backoffBaseMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
