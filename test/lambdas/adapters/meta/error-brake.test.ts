import { ErrorBrake } from '../../../../lambdas/adapters/meta/error-brake.ts';

const minuteMs = 60_000;

function addErrors(brake: ErrorBrake, count: number, at: number): void {
  for (let error = 0; error < count; error += 1) brake.addError('1', at);
}

it('stops a number for half an hour after 20 errors within an hour, and no other number', () => {
  const brake = new ErrorBrake();

  addErrors(brake, 19, 0);
  expect(brake.isOn('1', 59 * minuteMs)).toBe(false);
  addErrors(brake, 1, 59 * minuteMs);

  expect(brake.isOn('1', 59 * minuteMs)).toBe(true);
  expect(brake.isOn('1', 89 * minuteMs - 1)).toBe(true);
  expect(brake.isOn('1', 89 * minuteMs)).toBe(false);
  expect(brake.isOn('2', 59 * minuteMs)).toBe(false);
});

it('forgets errors that are older than an hour', () => {
  const brake = new ErrorBrake();

  addErrors(brake, 19, 0);
  addErrors(brake, 19, 60 * minuteMs);

  expect(brake.isOn('1', 60 * minuteMs)).toBe(false);
});

it('counts anew after a stop', () => {
  const brake = new ErrorBrake();

  addErrors(brake, 20, 0);
  addErrors(brake, 19, 31 * minuteMs);

  expect(brake.isOn('1', 31 * minuteMs)).toBe(false);
});
