import { findPercentile } from '../../bench/percentile.ts';

const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);

test.each([
  [hundred, 0.99, 99],
  [hundred, 0.5, 50],
  [hundred, 1, 100],
  [hundred, 0, 1],
  [[7], 0.99, 7],
  [[10, 9], 0.5, 9],
])('of %j the percentile %p is %p', (values, share, expected) => {
  expect(findPercentile(values, share)).toBe(expected);
});

test('of nothing it is no number', () => {
  expect(findPercentile([], 0.99)).toBeNaN();
});
