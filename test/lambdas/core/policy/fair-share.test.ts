import { FairShare } from '../../../../lambdas/core/policy/fair-share.ts';
import { paceOf } from '../../../../lambdas/core/policy/token-bucket.ts';

const pace = { ...paceOf(300), intervalMs: 200 };
const now = 1_000_000;
const isWithin = (fair: FairShare, customer: string, at = now) => fair.withinShareAt(customer, pace) <= at;

function charged(customer: string, requests: number, at = now): FairShare {
  const fair = new FairShare();
  for (let count = 0; count < requests; count += 1) fair.charge(customer, at, pace);
  return fair;
}

describe('a customer', () => {
  it('nobody knows is within its share', () => {
    expect(isWithin(new FairShare(), 'ada')).toBe(true);
  });

  it('may make five requests at once before its share is looked at', () => {
    expect(isWithin(charged('ada', 5), 'ada')).toBe(true);
    expect(isWithin(charged('ada', 6), 'ada')).toBe(false);
  });

  it('is within its share again at a quarter of the pace', () => {
    const fair = charged('ada', 7);

    expect(isWithin(fair, 'ada', now + 1599)).toBe(false);
    expect(isWithin(fair, 'ada', now + 1600)).toBe(true);
  });

  it('who made no request after all is not charged', () => {
    const fair = charged('ada', 6);
    fair.refund('ada', now, pace);

    expect(isWithin(fair, 'ada')).toBe(true);
  });

  it('who had a lot while alone is not held back for more than a minute', () => {
    const fair = charged('ada', 500);

    expect(fair.withinShareAt('ada', pace)).toBe(now + 60_000 - 4000);
  });

  it('is charged apart from the others', () => {
    expect(isWithin(charged('ada', 50), 'bob')).toBe(true);
  });
});

describe('what sandboxes tell each other', () => {
  it('is what a busy customer was charged since the last time', () => {
    const fair = charged('ada', 4);

    expect(fair.tell(now, pace)).toEqual(new Map([['ada', 3200]]));
    fair.charge('ada', now, pace);
    expect(fair.tell(now, pace)).toEqual(new Map([['ada', 800]]));
    expect(fair.tell(now, pace)).toEqual(new Map());
  });

  it('leaves out who is not busy, or was', () => {
    expect(charged('ada', 2).tell(now, pace)).toEqual(new Map());
    expect(charged('ada', 4).tell(now + 60_000, pace)).toEqual(new Map());
  });

  it('makes a customer who was busy elsewhere come after the others here', () => {
    const fair = new FairShare();

    fair.learn(new Map([['ada', now + 30_000]]));

    expect(isWithin(fair, 'ada')).toBe(false);
    expect(fair.withinShareAt('ada', pace)).toBe(now + 26_000);
  });

  it('adds up with what was not told yet', () => {
    const fair = charged('ada', 4);

    fair.learn(new Map([['ada', now + 10_000]]));

    expect(fair.withinShareAt('ada', pace)).toBe(now + 10_000 + 3200 - 4000);
  });

  it('is due after three requests in a row, and after ten of who is known to be ahead', () => {
    const fair = charged('ada', 2);
    expect(fair.isBusyUntold('ada', now, pace)).toBe(false);
    fair.charge('ada', now, pace);
    expect(fair.isBusyUntold('ada', now, pace)).toBe(true);

    fair.tell(now, pace);
    fair.learn(new Map([['ada', now + 30_000]]));
    for (let count = 0; count < 9; count += 1) fair.charge('ada', now, pace);
    expect(fair.isBusyUntold('ada', now, pace)).toBe(false);
    fair.charge('ada', now, pace);
    expect(fair.isBusyUntold('ada', now, pace)).toBe(true);
  });

  it('is not due for a customer who writes now and then', () => {
    const fair = new FairShare();
    for (let count = 0; count < 20; count += 1) fair.charge('ada', now + count * 10_000, pace);

    expect(fair.isBusyUntold('ada', now + 190_000, pace)).toBe(false);
    expect(fair.isBusyUntold('nobody', now, pace)).toBe(false);
  });
});
