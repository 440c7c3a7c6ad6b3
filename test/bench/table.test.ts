import { isOver, renderTable } from '../../bench/table.ts';

test.each([
  [2.5, 2.5, false],
  [2.49, 2.5, false],
  [2.51, 2.5, true],
  [Number.NaN, 2.5, true],
  [99, undefined, false],
])('of %d with the budget %s says over: %s', (value, budget, expected) => {
  expect(isOver({ measure: 'calls', value, ...(budget !== undefined && { budget }) })).toBe(expected);
});

test('shows every figure with its unit, its budget and the verdict', () => {
  const table = renderTable([
    { measure: 'calls', value: 3, budget: 2 },
    { measure: 'ratio', value: 2.345, digits: 2, budget: 2.5 },
    { measure: 'load time', value: 61.27, digits: 1, unit: 'ms' },
  ]);

  expect(table.split('\n')).toEqual([
    'measure     figure  budget',
    '--------------------------------',
    'calls            3     ≤ 2  OVER',
    'ratio         2.35   ≤ 2.5  ok',
    'load time  61.3 ms',
  ]);
});
