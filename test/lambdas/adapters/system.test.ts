import { systemClock, systemRandomness, systemSleeper } from '../../../lambdas/adapters/system.ts';

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

describe('the sleeper', () => {
  it('sleeps as long as it is told', async () => {
    const before = Date.now();

    await systemSleeper.sleep(30);

    expect(Date.now() - before).toBeGreaterThanOrEqual(28);
  });

  it.each([
    ['ends when it is woken', () => Promise.resolve()],
    ['ends when what it waits for fails', () => Promise.reject(new Error('over'))],
  ])('%s', async (_name, wake) => {
    const before = Date.now();

    await systemSleeper.sleep(60_000, wake());

    expect(Date.now() - before).toBeLessThan(5000);
  });
});
