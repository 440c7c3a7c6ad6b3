import { systemClock, systemRandomness } from '../../../lambdas/adapters/system.ts';

it('the clock of the system tells epoch milliseconds', () => {
  const before = Date.now();

  const now = systemClock.now();

  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

it('randomness gives ids that differ and numbers from 0 to below 1', () => {
  const ids = Array.from({ length: 100 }, () => systemRandomness.nextId());
  const shares = Array.from({ length: 100 }, () => systemRandomness.next());

  expect(new Set(ids).size).toBe(100);
  expect(shares.every((share) => share >= 0 && share < 1)).toBe(true);
});
