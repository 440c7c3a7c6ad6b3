import fc from 'fast-check';
import type { CustomerAlias, CustomerProfile } from '../../../../lambdas/core/model/customer.ts';
import { openFence } from '../../../../lambdas/core/model/fence.ts';
import {
  defaultCustomerId,
  findEldest,
  judgeNewPhone,
  judgePhone,
} from '../../../../lambdas/core/policy/identity.ts';

const userId = 'GB.1';
const phone = '441';

const profile = (over: Partial<CustomerProfile> = {}): CustomerProfile => ({
  customerId: userId,
  fromId: phone,
  fromIdType: 'Phone',
  since: 0,
  disownedPhones: [],
  fences: { in: openFence, out: openFence },
  lastInboundAt: 0,
  isNew: false,
  ...over,
});
const alias = (over: Partial<CustomerAlias> = {}): CustomerAlias => ({
  customerId: phone,
  filedAt: 1000,
  ...over,
});

describe('the key of a sender', () => {
  it.each([
    ['all three', { userId, phone, parentUserId: 'GB.ENT.1' }, userId],
    ['the BSUID alone', { userId }, userId],
    ['phone and parent BSUID', { phone, parentUserId: 'GB.ENT.1' }, phone],
    ['the parent BSUID alone', { parentUserId: 'GB.ENT.1' }, 'GB.ENT.1'],
    ['nothing', {}, undefined],
  ])('with %s', (_name, sender, expected) => {
    expect(defaultCustomerId(sender)).toBe(expected);
  });
});

describe('a phone that is filed under somebody else', () => {
  const judge = (over: Partial<CustomerAlias>, own?: CustomerProfile, same = false) =>
    judgePhone({ userId, phone, sentAt: 500 }, alias(over), own, { same, former: false });

  it('is the sender’s when both are known to be one, whatever else is written', () => {
    expect(judge({ userId: 'GB.2', leftAt: 1, disputedAt: 1 }, profile({ phone: '449' }), true)).toBe('same');
  });

  it.each<[string, Partial<CustomerAlias>, CustomerProfile | undefined]>([
    ['its customer never had a BSUID, and the sender is new', {}, undefined],
    ['its customer never had a BSUID, and the sender never had a phone', {}, profile()],
    ['its customer never had a BSUID, and the sender was seen with it', {}, profile({ phone })],
    ['it was given to the sender before a crash', { userId }, profile({ phone: '449' })],
  ])('makes one customer of both when %s', (_name, over, own) => {
    expect(judge(over, own)).toBe('join');
  });

  it.each<[string, Partial<CustomerAlias>]>([
    ['it had a BSUID', { userId: 'GB.2', leftAt: 5 }],
    ['it had none', { leftAt: 5 }],
    ['it is disputed', { userId: 'GB.2', leftAt: 5, disputedAt: 6 }],
  ])('is taken over when its customer moved away (%s)', (_name, over) => {
    expect(judge(over)).toBe('take-over');
  });

  it('says nothing about a message from the time when it was the sender’s', () => {
    const judgeAt = (sentAt: number) =>
      judgePhone({ userId, phone, sentAt }, alias({ userId: 'GB.2' }), profile({ phone }), {
        same: false,
        former: true,
      });

    expect(judgeAt(999)).toBe('past');
    expect(judgeAt(1000)).toBe('conflict');
  });

  it.each<[string, Partial<CustomerAlias>, CustomerProfile | undefined]>([
    ['another BSUID holds it', { userId: 'GB.2' }, undefined],
    ['another BSUID holds it, and the sender is known', { userId: 'GB.2' }, profile({ phone })],
    ['the sender was seen with another phone', {}, profile({ phone: '449' })],
  ])('is left to a person when %s', (_name, over, own) => {
    expect(judge(over, own)).toBe('conflict');
  });
});

describe('the phone a customer moves to', () => {
  const judge = (over: Partial<CustomerAlias>, same = false, mover: string | undefined = userId) =>
    judgeNewPhone(alias(over), { userId: mover, movedAt: 2000, same });

  it.each<[string, Partial<CustomerAlias>]>([
    ['filed with its BSUID', { userId }],
    ['left later, by an event that came earlier', { userId, leftAt: 3000 }],
  ])('is settled when it is the customer’s already (%s)', (_name, over) => {
    expect(judge(over, true)).toBe('settled');
  });

  it('is settled without a BSUID when the event names none', () => {
    expect(judgeNewPhone(alias(), { userId: undefined, movedAt: 2000, same: true })).toBe('settled');
  });

  it.each<[string, Partial<CustomerAlias>]>([
    ['held by the former BSUID', { userId: 'GB.0' }],
    ['disputed', { userId, disputedAt: 1 }],
    ['left before, and now come back to', { userId, leftAt: 1500 }],
  ])('is written anew when it is the customer’s already, but %s', (_name, over) => {
    expect(judge(over, true)).toBe('refile');
  });

  it.each<[string, Partial<CustomerAlias>]>([
    ['with a BSUID', { userId: 'GB.2' }],
    ['without one', {}],
  ])('is taken from whoever had it before the move (%s)', (_name, over) => {
    expect(judge({ ...over, filedAt: 1999 })).toBe('refile');
  });

  it.each<[string, Partial<CustomerAlias>]>([
    ['with the new BSUID', { userId }],
    ['without a BSUID', {}],
  ])('was the customer’s own when it was first seen after the move (%s)', (_name, over) => {
    expect(judge({ ...over, filedAt: 2000 })).toBe('join');
  });

  it('stays with somebody who has got it since', () => {
    expect(judge({ userId: 'GB.9', filedAt: 2001 })).toBe('leave');
  });
});

describe('the eldest of several customers', () => {
  it('is the same in whatever order they are named', () => {
    const customer = fc.record({ customerId: fc.string(), since: fc.integer({ min: 0, max: 3 }) });
    const customers = fc.uniqueArray(customer, { selector: ({ customerId }) => customerId });
    fc.assert(
      fc.property(customers, (list) => {
        const eldest = findEldest(list);

        expect(findEldest([...list].reverse())).toBe(eldest);
        for (const { since } of list) expect(eldest?.since).toBeLessThanOrEqual(since);
      }),
    );
  });

  it('is nobody when there is nobody', () => {
    expect(findEldest([])).toBeUndefined();
  });
});
