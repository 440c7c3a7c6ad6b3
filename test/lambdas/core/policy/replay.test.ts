import type { LedgerStatus } from '../../../../lambdas/core/model/ledger-record.ts';
import { archiveOrder, judgeReplay, replayNumber } from '../../../../lambdas/core/policy/replay.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 20);
const terms = { now, rememberedMs: 35 * day, forced: false };
const forcedTerms = { ...terms, forced: true };

describe('what a replay does', () => {
  it.each<[LedgerStatus, string, string]>([
    ['INFLIGHT', 'on-its-way', 'on-its-way'],
    ['PARKED', 'hurry', 'hurry'],
    ['HELD', 'redeliver', 'redeliver'],
    ['QUARANTINED', 'redeliver', 'redeliver'],
    ['FAILED', 'redeliver', 'redeliver'],
    ['DELIVERED', 'already-delivered', 'deliver-again'],
    ['EXPIRED', 'needs-force', 'deliver-again'],
    ['ERASED', 'erased', 'erased'],
  ])('about a message that is %s is %s, and by force %s', (status, plain, forced) => {
    expect(judgeReplay({ status, leaseUntil: 0 }, now, terms)).toBe(plain);
    expect(judgeReplay({ status, leaseUntil: 0 }, now, forcedTerms)).toBe(forced);
  });

  it.each<[string, { leaseUntil: number; acceptedAt: number }, string]>([
    ['is being tried', { leaseUntil: now + 1, acceptedAt: now - 15 * day }, 'on-its-way'],
    ['was left by its worker a day ago', { leaseUntil: now - day, acceptedAt: now - 2 * day }, 'on-its-way'],
    [
      'was left by its worker before that',
      { leaseUntil: now - day - 1, acceptedAt: now - 2 * day },
      'redeliver',
    ],
    ['waits in a queue', { leaseUntil: 0, acceptedAt: now - 14 * day }, 'on-its-way'],
    ['is older than any queue', { leaseUntil: 0, acceptedAt: now - 14 * day - 1 }, 'redeliver'],
  ])(
    'about a message INFLIGHT that %s is, by force only, as fits',
    (_state, { acceptedAt, ...lease }, forced) => {
      const record = { status: 'INFLIGHT', ...lease } as const;
      expect(judgeReplay(record, acceptedAt, terms)).toBe('on-its-way');
      expect(judgeReplay(record, acceptedAt, forcedTerms)).toBe(forced);
    },
  );

  it('about a message the ledger never heard of is to deliver it, while the ledger would remember it', () => {
    expect(judgeReplay(undefined, now - 35 * day + 1, terms)).toBe('deliver-first-time');
    expect(judgeReplay(undefined, now - 35 * day, terms)).toBe('needs-force');
    expect(judgeReplay(undefined, now - 60 * day, forcedTerms)).toBe('deliver-again');
  });
});

describe('the order of the archive', () => {
  const key = (at: number, webhook: string) => `raw/acme/2026-11-20/${at}-${webhook}.json`;

  it('comes before every order of a queue and follows the time, then the place in the webhook', () => {
    const orders = [
      archiveOrder(now, key(now, 'b'), 0),
      archiveOrder(now, key(now, 'b'), 11),
      archiveOrder(now + 1, key(now + 1, 'a'), 0),
    ];
    expect([...orders].sort()).toEqual(orders);
    expect(orders.every((order) => order < '00000000000000000001.00000')).toBe(true);
  });

  it('keeps webhooks of the same millisecond apart and each of them together', () => {
    const orders = ['a', 'b'].flatMap((webhook) =>
      [0, 1].map((index) => archiveOrder(now, key(now, webhook), index)),
    );
    expect([...orders].sort()).toEqual(orders);
    expect(new Set(orders).size).toBe(4);
  });
});

describe('the number of a replay', () => {
  it('sorts by time and can name an execution', () => {
    const numbers = [replayNumber(now, 'zz'), replayNumber(now + 1, 'aa')];
    expect([...numbers].sort()).toEqual(numbers);
    expect(numbers[0]).toMatch(/^[A-Za-z0-9_-]{1,80}$/);
  });
});
