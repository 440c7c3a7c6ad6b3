import {
  hasFewReceivesLeft,
  isLongTrouble,
  isOverHorizon,
  mostReceives,
  overdueGraceMs,
  redeliveryDelayMs,
} from '../../../../lambdas/core/policy/redelivery.ts';
import { hourMs, minuteMs } from '../../../fakes/parking.ts';
import { synthesize } from '../../../lib/synthesized.ts';

const schedule = { scheduleMs: [minuteMs, 5 * minuteMs, hourMs], horizonMs: 24 * hourMs };

describe('the schedule of redelivery', () => {
  it('waits as the tenant file says, the last delay for ever', () => {
    const delays = [0, 1, 2, 3, 500].map((attempt) => redeliveryDelayMs(attempt, schedule, 0.5));

    expect(delays).toEqual([minuteMs, 5 * minuteMs, hourMs, hourMs, hourMs]);
  });

  it('spreads those who wait together over half of the delay', () => {
    expect(redeliveryDelayMs(0, schedule, 0)).toBe(45_000);
    expect(redeliveryDelayMs(0, schedule, 0.999_999)).toBe(75_000);
  });

  it('takes a message for worth delivering until its horizon, to the millisecond', () => {
    const { horizonMs } = schedule;

    expect([horizonMs - 1, horizonMs].map((age) => isOverHorizon(1000, 1000 + age, schedule))).toEqual([
      false,
      true,
    ]);
  });

  it.each([
    ['short schedules', [1000, 5000], 30_000],
    ['twice the longest wait', [minuteMs, 2 * minuteMs], 4 * minuteMs],
    ['ten minutes at most', [minuteMs, hourMs], 10 * minuteMs],
  ])('calls a run overdue after a grace of its own: %s', (_name, scheduleMs, graceMs) => {
    expect(overdueGraceMs({ scheduleMs, horizonMs: hourMs })).toBe(graceMs);
  });
});

describe('a record of the queue', () => {
  it('is parked before fewer than six of its receives are left', () => {
    expect([1, 14, 15, 20].map(hasFewReceivesLeft)).toEqual([false, false, true, true]);
  });

  it('has as many receives as the queues of the stack give', () => {
    const { bridge } = synthesize('prod');

    for (const queue of ['inbound', 'outbound']) {
      bridge.hasResourceProperties('AWS::SQS::Queue', {
        QueueName: `acme-prod-${queue}.fifo`,
        RedrivePolicy: { maxReceiveCount: mostReceives },
      });
    }
  });

  it('is held while its next try comes within the time that short trouble may take', () => {
    expect(isLongTrouble(1000, 31_000, 30_000, minuteMs)).toBe(false);
    expect(isLongTrouble(1000, 31_000, 30_001, minuteMs)).toBe(true);
  });
});
