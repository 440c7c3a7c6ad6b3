import { applySwitches, noSwitches, parseSwitches } from '../../../../lambdas/core/policy/switches.ts';

const numbers = new Map([
  ['1', { suspended: false }],
  ['2', { suspended: true }],
]);
const suspendedBy = (text: string) =>
  [...applySwitches(numbers, parseSwitches(text))].flatMap(([id, { suspended }]) => (suspended ? [id] : []));

describe('the switches', () => {
  it.each([
    ['{}', ['2']],
    ['{"suspended":true}', ['1', '2']],
    ['{"suspended":true,"numbers":{"1":{"suspended":false}}}', ['1', '2']],
    ['{"numbers":{"1":{"suspended":true}}}', ['1', '2']],
    ['{"numbers":{"2":{"suspended":false}}}', []],
    ['{"numbers":{"1":{}}}', ['2']],
    ['{"numbers":{"9":{"suspended":true},"__proto__":{"suspended":true}}}', ['2']],
  ])('%s over the tenant file suspend %j', (text, expected) => {
    expect(suspendedBy(text)).toEqual(expected);
  });

  it('leave everything as it is where nothing is switched', () => {
    expect(applySwitches(numbers, noSwitches)).toBe(numbers);
  });

  it('carry flags', () => {
    expect(parseSwitches('{"flags":{"a":true,"b":false}}').flags).toEqual({ a: true, b: false });
  });

  it.each([
    ['', 'not JSON'],
    ['{"suspended":', 'not JSON'],
    ['null', 'not an object'],
    ['[]', 'not an object'],
    ['{"suspended":"true"}', 'neither true nor false'],
    ['{"suspend":true}', 'a key besides'],
    ['{"numbers":[]}', 'numbers is not an object'],
    ['{"numbers":{"1":true}}', 'a number is not an object'],
    ['{"numbers":{"1":{"suspended":1}}}', 'neither true nor false'],
    ['{"numbers":{"1":{"off":true}}}', 'a key besides suspended'],
    ['{"flags":{"a":"yes"}}', 'a flag is neither'],
  ])('%j are refused as a whole: %s', (text, reason) => {
    expect(() => parseSwitches(text)).toThrow(SyntaxError);
    expect(() => parseSwitches(text)).toThrow(reason);
  });
});
