import { chooseMeasures, measureNames } from '../../bench/measure-names.ts';

test('everything is measured unless something is chosen', () => {
  expect(chooseMeasures([])).toEqual(measureNames);
});

test('only what is named is measured', () => {
  expect(chooseMeasures(['--only', 'door-cpu'])).toEqual(['door-cpu']);
  expect(chooseMeasures(['--only', 'door-cpu', '--only', 'sdk-calls'])).toEqual(['door-cpu', 'sdk-calls']);
});

test.each([[['--only']], [['--only', 'cpu']], [['door-cpu']], [['--just', 'door-cpu']]])(
  '%j is refused with what may be given',
  (args) => {
    expect(() => chooseMeasures(args)).toThrow(/--only NAME.*door-cpu, genesys-ack, bundle-size/);
  },
);
