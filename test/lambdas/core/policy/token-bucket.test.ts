import {
  evenUseAfterMs,
  isNearlyUsedUp,
  largestSpareBlock,
  paceOf,
  placesOf,
  spareFrom,
  takeBlock,
} from '../../../../lambdas/core/policy/token-bucket.ts';

const now = 1_000_000;

describe('the pace', () => {
  it('of 300 a minute is a place every 204 ms, in blocks of 20, of which two may lie unused', () => {
    const { intervalMs, blockSize, burstMs } = paceOf(300);

    expect(Math.round(intervalMs)).toBe(204);
    expect(blockSize).toBe(20);
    expect(burstMs).toBe(40 * intervalMs);
  });

  it.each([
    [1, 1],
    [30, 2],
    [3000, 50],
    [60_000, 50],
  ])('of %i a minute comes in blocks of %i', (requestsPerMinute, blockSize) => {
    expect(paceOf(requestsPerMinute).blockSize).toBe(blockSize);
  });
});

describe('a block', () => {
  const pace = { intervalMs: 100, burstMs: 4000, blockSize: 20 };
  const request = { now, count: 10, pace, spareOnly: false };

  it('has places at even distances', () => {
    expect(placesOf(now, 3, pace)).toEqual([now, now + 100, now + 200]);
  });

  it('comes from what lies unused, and not from more than the burst', () => {
    expect(takeBlock(0, request)).toEqual({ startAt: now - 4000, nextAt: now - 3000 });
  });

  it('comes after all that is given away', () => {
    expect(takeBlock(now + 500, request)).toEqual({ startAt: now + 500, nextAt: now + 1500 });
  });

  it('is spare while half of the burst is left after it', () => {
    const spare = { ...request, spareOnly: true };

    expect(takeBlock(now - 3000, spare)).toEqual({ startAt: now - 3000, nextAt: now - 2000 });
    expect(takeBlock(now - 2999, spare)).toBeUndefined();
    expect(spareFrom(now - 2999, spare)).toBe(now + 1);
  });

  it.each([1, 2, 30, 300, 60_000])('can be spare at all at %i a minute', (requestsPerMinute) => {
    const slow = paceOf(requestsPerMinute);
    const count = largestSpareBlock(slow);

    expect(takeBlock(0, { now, count, pace: slow, spareOnly: true })).toBeDefined();
  });
});

describe('the desk’s own minute', () => {
  it.each([
    [296, false],
    [297, true],
    [301, true],
  ])('with %i of 300 used is nearly used up: %j', (used, isUsedUp) => {
    expect(isNearlyUsedUp({ allowedPerMinute: 300, used, resetMs: 1000 })).toBe(isUsedUp);
  });

  it('of few requests keeps one back', () => {
    expect(isNearlyUsedUp({ allowedPerMinute: 5, used: 4, resetMs: 1000 })).toBe(true);
  });

  it.each([
    ['behind an even use has something to spare at once', 100, 0],
    ['at an even use keeps six back', 150, 1200],
    ['ahead of it has to be caught up with', 200, 11_200],
    ['far ahead of it begins anew before', 300, 30_000],
  ])('%s', (_name, used, afterMs) => {
    expect(evenUseAfterMs({ allowedPerMinute: 300, used, resetMs: 30_000 })).toBeCloseTo(afterMs);
  });
});
