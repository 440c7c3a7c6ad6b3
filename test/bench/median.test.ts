import { findMedian } from '../../bench/median.ts';

test.each([
  [[3, 1, 2], 2],
  [[10, 9, 2], 9],
  [[4, 1, 3, 2], 2],
  [[5], 5],
])('the median of %j is %d', (values, expected) => {
  expect(findMedian(values)).toBe(expected);
});

test('the median of nothing is no number', () => {
  expect(findMedian([])).toBeNaN();
});
