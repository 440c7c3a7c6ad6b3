// The tenant's allowance as a bucket in the form of one number: the time up to which places are given away (GCRA).
// A place is a time from which on one request may be made, so that blocks taken ahead still leave evenly.

/** How fast places come and how many may lie unused. */
export interface Pace {
  /** Time between two places, ms. */
  intervalMs: number;
  /** Places that lie unused at most, as time, ms. */
  burstMs: number;
  /** Largest block a sandbox takes at once. */
  blockSize: number;
}

export interface BlockRequest {
  now: number;
  count: number;
  pace: Pace;
  /** Takes only what nobody needs right now: places that lie unused, and not the last of them. */
  spareOnly: boolean;
}

/** Genesys counts in minutes of its own, which begin when they like; a little room keeps a late request inside. */
const usedShareOfRate = 0.98;
/** Part of a minute's allowance that is not touched near its end, for requests under way elsewhere. */
const keptBackShare = 0.01;
/** Part of a minute's allowance that is left to others by who takes only what nobody needs. */
const keptForOthersShare = 0.02;
/** A block is worth some seconds: enough to need few calls, and short for whoever comes after it. */
const blocksPerMinute = 15;
const largestBlock = 50;
/** Blocks that lie unused at most: one for who comes next, and some to spare. */
const blocksInBucket = 2;
/** Part of the burst that is left to others by who takes only what nobody needs. */
const reservedShareOfBurst = 0.5;

/** The pace of an allowance that is taken in blocks. */
export function paceOf(requestsPerMinute: number): Pace {
  const intervalMs = 60_000 / (requestsPerMinute * usedShareOfRate);
  const blockSize = Math.min(Math.max(1, Math.round(requestsPerMinute / blocksPerMinute)), largestBlock);
  return { intervalMs, blockSize, burstMs: blocksInBucket * blockSize * intervalMs };
}

/** What the desk says about its own count with an answer. */
export interface RateNotice {
  allowedPerMinute: number;
  /** Requests counted in the minute under way. */
  used: number;
  /** Until the count begins anew. */
  resetMs: number;
}

/** True when the minute is so full that requests under way may fill it. */
export function isNearlyUsedUp({ allowedPerMinute, used }: RateNotice): boolean {
  return used >= allowedPerMinute - Math.max(1, Math.floor(allowedPerMinute * keptBackShare));
}

/**
 * From when on what is left of the desk's minute is more than an even use of it needs, ms from now; places taken ahead
 * come in crowds, and who takes only what nobody needs must not be the one who uses up the minute of the others.
 */
export function evenUseAfterMs({ allowedPerMinute, used, resetMs }: RateNotice): number {
  const evenlyUsed = allowedPerMinute * Math.max(0, 1 - resetMs / 60_000);
  const aheadBy = used + allowedPerMinute * keptForOthersShare - evenlyUsed;
  return Math.min(Math.max(0, (aheadBy * 60_000) / allowedPerMinute), resetMs);
}

/** A bucket left alone is full; its time never falls further behind than this. */
export function fullAt({ now, pace }: Pick<BlockRequest, 'now' | 'pace'>): number {
  return now - pace.burstMs;
}

/** Latest time a bucket may stand at for this block; `spareOnly` leaves the reserve. */
export function latestStart({ now, count, pace, spareOnly }: BlockRequest): number {
  if (!spareOnly) return Number.POSITIVE_INFINITY;
  return now - count * pace.intervalMs - pace.burstMs * reservedShareOfBurst;
}

/** When a block becomes spare that is not yet, if nobody takes one before. */
export function spareFrom(nextAt: number, { count, pace }: Pick<BlockRequest, 'count' | 'pace'>): number {
  return nextAt + count * pace.intervalMs + pace.burstMs * reservedShareOfBurst;
}

/** Largest block that can ever be spare. */
export function largestSpareBlock({ blockSize }: Pace): number {
  return Math.max(1, Math.floor(blockSize / 2));
}

/** Takes a block: its first place and the bucket's new time; undefined when nothing is to spare. */
export function takeBlock(
  nextAt: number,
  request: BlockRequest,
): { startAt: number; nextAt: number } | undefined {
  const startAt = Math.max(nextAt, fullAt(request));
  if (startAt > latestStart(request)) return undefined;
  return { startAt, nextAt: startAt + request.count * request.pace.intervalMs };
}

/** The places of a block. */
export function placesOf(startAt: number, count: number, { intervalMs }: Pace): number[] {
  return Array.from({ length: count }, (_, index) => startAt + index * intervalMs);
}
