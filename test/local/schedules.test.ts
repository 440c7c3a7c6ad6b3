import { readSchedule } from '../../local/schedule-time.ts';
import { type Schedules, startSchedules } from '../../local/schedules.ts';

const noon = Date.UTC(2026, 10, 20, 12, 0, 0);
const minute = 60_000;

describe('a schedule', () => {
  it.each([
    ['rate(1 minute)', noon, minute],
    ['rate(5 minutes)', noon + 1, 5 * minute],
    ['rate(2 hours)', noon, 120 * minute],
    ['rate(1 day)', noon, 1440 * minute],
    ['cron(* * * * ? *)', noon + 1_000, 59_000],
    ['cron(0/15 * * * ? *)', noon + minute, 14 * minute],
    ['cron(*/15 * * * ? *)', noon, 15 * minute],
    ['cron(5,35 * ? * * *)', noon + 5 * minute, 30 * minute],
    ['cron(0 3 * * ? *)', noon, 15 * 60 * minute],
  ])('%s is due from %d on in %d ms', (expression, now, expected) => {
    expect(readSchedule(expression, 'bridge/Sweep')(now)).toBe(expected);
  });

  it.each([
    'rate(0 minutes)',
    'rate(5 seconds)',
    'cron(0 3 1 * ? *)',
    'cron(0 3 ? * MON *)',
    'cron(70 * * * ? *)',
    'cron(0 3 * *)',
    'at(2026-11-20T12:00:00)',
  ])('%s is refused, with the rule named', (expression) => {
    expect(() => readSchedule(expression, 'bridge/Sweep')).toThrow(
      `bridge/Sweep: the local run does not know the schedule ${expression}`,
    );
  });
});

describe('the schedules', () => {
  const calls: [string, unknown][] = [];
  const rule = (name: string, over: object = {}) => ({
    name,
    enabled: true,
    nextDue: readSchedule('rate(5 minutes)', name),
    targets: [{ functionName: `${name}-function` }],
    ...over,
  });
  let schedules: Schedules;

  beforeEach(() => {
    jest.useFakeTimers({ now: noon });
    calls.length = 0;
    schedules = startSchedules({
      rules: [
        rule('sweep'),
        rule('told', { targets: [{ functionName: 'a', input: { kind: 'b' } }, { functionName: 'c' }] }),
        rule('off', { enabled: false }),
        rule('event', { nextDue: undefined }),
      ],
      region: 'eu-west-1',
      accountId: '000000000000',
      invoke: async (name, event) => {
        calls.push([name, event]);
        return { ok: true, value: null };
      },
    });
  });

  afterEach(() => {
    schedules.stop();
    jest.useRealTimers();
  });

  it('invoke every target each time they are due, with the event or the input of the rule', () => {
    jest.advanceTimersByTime(5 * minute - 1);
    expect(calls).toEqual([]);
    jest.advanceTimersByTime(1);

    expect(calls.map(([name]) => name)).toEqual(['sweep-function', 'a', 'c']);
    expect(calls[0]?.[1]).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      time: '2026-11-20T12:05:00Z',
      resources: ['arn:aws:events:eu-west-1:000000000000:rule/sweep'],
      detail: {},
    });
    expect(calls[1]?.[1]).toEqual({ kind: 'b' });

    jest.advanceTimersByTime(10 * minute);
    expect(calls.filter(([name]) => name === 'sweep-function')).toHaveLength(3);
  });

  it('are followed at once when told to, save those that are off or wait for an event', async () => {
    expect(await schedules.fire()).toEqual(['sweep', 'told']);

    expect(calls.map(([name]) => name)).toEqual(['sweep-function', 'a', 'c']);
    jest.advanceTimersByTime(5 * minute);
    expect(calls).toHaveLength(6);
  });

  it('end with the run', () => {
    schedules.stop();
    jest.advanceTimersByTime(60 * minute);

    expect(calls).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });
});
