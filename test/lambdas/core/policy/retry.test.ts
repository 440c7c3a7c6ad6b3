import fc from 'fast-check';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import { recordDelayMs, retryDelayMs } from '../../../../lambdas/core/policy/retry.ts';

const settings = { backoffBaseMs: 2000, backoffCapMs: 60_000 };
const almostOne = 1 - Number.EPSILON;
const unavailable = new BridgeError('provider-unavailable', 'down');
const asking = (retryAfterMs: number) => new BridgeError('throttled', 'slow down', { retryAfterMs });

describe('the back-off', () => {
  it.each([
    [1, 1000, 2000],
    [2, 2000, 4000],
    [3, 4000, 8000],
    [5, 16_000, 32_000],
    [6, 30_000, 60_000],
    [20, 30_000, 60_000],
    [5000, 30_000, 60_000],
  ])('before the next attempt after attempt %i lies between %i and %i ms', (attempt, least, most) => {
    expect(retryDelayMs(unavailable, attempt, settings, 0)).toBe(least);
    expect(retryDelayMs(unavailable, attempt, settings, 0.5)).toBe((least + most) / 2);
    expect(retryDelayMs(unavailable, attempt, settings, almostOne)).toBe(most);
  });

  it('may be nothing at all, however many attempts there were', () => {
    expect(retryDelayMs(unavailable, 5000, { ...settings, backoffBaseMs: 0 }, 0.5)).toBe(0);
  });

  it('is bounded by its cap and never negative or broken', () => {
    const random = fc.double({ min: 0, max: almostOne, noNaN: true });
    const ms = fc.integer({ min: 0, max: 3_600_000 });
    fc.assert(
      fc.property(fc.integer({ min: 1 }), ms, ms, random, (attempt, backoffBaseMs, backoffCapMs, share) => {
        const delayMs = retryDelayMs(unavailable, attempt, { backoffBaseMs, backoffCapMs }, share);

        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(backoffCapMs);
      }),
    );
  });
});

describe('a wait the provider asked for', () => {
  it('is kept, with jitter on top', () => {
    expect(retryDelayMs(asking(12_000), 1, settings, 0)).toBe(12_000);
    expect(retryDelayMs(asking(12_000), 2, settings, 0.5)).toBe(12_500);
    expect(retryDelayMs(asking(12_000), 1, settings, almostOne)).toBe(13_000);
  });

  it('may be longer than the cap of the back-off', () => {
    expect(retryDelayMs(asking(90_000), 1, settings, 0)).toBe(90_000);
  });

  it.each([0, 10, 999])('of almost nothing (%i ms) does not make a hot loop', (retryAfterMs) => {
    expect(retryDelayMs(asking(retryAfterMs), 1, settings, 0)).toBe(1000);
  });

  it('grows although the provider asks for the same short wait again and again', () => {
    expect(retryDelayMs(asking(5000), 1, settings, 0)).toBe(5000);
    expect(retryDelayMs(asking(5000), 6, settings, 0)).toBe(30_000);
  });

  it('stays under the longest time SQS hides a message', () => {
    expect(retryDelayMs(asking(1e15), 1, settings, almostOne)).toBe(11 * 3_600_000);
  });

  it('is never shortened, except by that', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 39_000_000 }),
        fc.integer({ min: 1, max: 30 }),
        (askedMs, attempt) => {
          expect(retryDelayMs(asking(askedMs), attempt, settings, 0)).toBeGreaterThanOrEqual(askedMs);
        },
      ),
    );
  });
});

describe('the delay of a record that could not be written down', () => {
  const storesAway = new BridgeError('store-unavailable', 'away');
  const sumOfDelays = (failure: BridgeError, random: number) => {
    let sum = 0;
    for (let receive = 1; receive < 20; receive += 1)
      sum += recordDelayMs(failure, receive, settings, random);
    return sum;
  };

  it('is the usual one at first', () => {
    for (let receive = 1; receive <= 9; receive += 1)
      expect(recordDelayMs(storesAway, receive, settings, 0)).toBe(
        retryDelayMs(storesAway, receive, settings, 0),
      );
  });

  it('lets its receives last for more than seven hours, so that it is no dead letter before', () => {
    expect(sumOfDelays(storesAway, 0)).toBeGreaterThan(7 * 3_600_000);
    expect(sumOfDelays(storesAway, almostOne)).toBeLessThan(12 * 3_600_000);
  });

  it('is never longer than two hours', () => {
    expect(recordDelayMs(storesAway, 5000, settings, almostOne)).toBe(7_200_000);
  });

  it('stays the usual one for other errors, whose record would only be in the way', () => {
    expect(sumOfDelays(unavailable, almostOne)).toBeLessThan(20 * 60_000);
  });
});
