import { findPercentile } from '../../bench/percentile.ts';
import { createDelays } from '../../bench/service-latency.ts';

const declared = { p50Ms: 25, p99Ms: 120 };
const draw = (seed: number, count: number) => {
  const next = createDelays(declared, seed);
  return Array.from({ length: count }, () => next());
};

test('delays have the percentiles that were declared', () => {
  const delays = draw(1, 100_000);

  expect(findPercentile(delays, 0.5) / declared.p50Ms).toBeCloseTo(1, 1);
  expect(findPercentile(delays, 0.99) / declared.p99Ms).toBeCloseTo(1, 1);
});

test('delays are those of their seed, and are times', () => {
  expect(draw(1, 5)).toEqual(draw(1, 5));
  expect(draw(1, 5)).not.toEqual(draw(2, 5));
  expect(draw(3, 10_000).every((delay) => delay > 0 && Number.isFinite(delay))).toBe(true);
});
