import type { CustomerProfile, PhoneAlias } from '../../../../lambdas/core/model/customer.ts';
import { decideIdentity, defaultCustomerId } from '../../../../lambdas/core/policy/identity.ts';

const user = 'GB.1';
const number = '441';

const profile = (over: Partial<CustomerProfile> = {}): CustomerProfile => ({
  customerId: user,
  fromId: number,
  fromIdType: 'Phone',
  lastInboundAt: 0,
  isNew: false,
  ...over,
});
const phone = (alias: PhoneAlias) => ({ number, alias });

describe('the key of a sender', () => {
  it.each([
    ['BSUID and phone', { userId: user, phone: number }, user],
    ['the BSUID alone', { userId: user }, user],
    ['the phone alone', { phone: number }, number],
    ['neither', {}, undefined],
  ])('with %s', (_name, sender, expected) => {
    expect(defaultCustomerId(sender)).toBe(expected);
  });
});

describe('the customer of a BSUID', () => {
  it('is the BSUID itself when no phone came with it', () => {
    expect(decideIdentity(user, profile())).toEqual({ state: 'known', customerId: user });
  });

  it('is the customer it was linked to before, with or without a phone', () => {
    const linked = profile({ aliasOf: number });

    expect(decideIdentity(user, linked)).toEqual({ state: 'known', customerId: number });
    expect(decideIdentity(user, linked, phone({ customerId: number, userId: user }))).toEqual({
      state: 'known',
      customerId: number,
    });
  });

  it('is the BSUID itself when the phone was filed under it', () => {
    expect(decideIdentity(user, profile(), phone({ customerId: user, userId: user }))).toEqual({
      state: 'known',
      customerId: user,
    });
  });

  it.each([
    ['by its phone alone', { customerId: number }],
    ['by its phone, now together with this BSUID', { customerId: number, userId: user }],
  ])('is linked to a customer known before %s', (_name, alias) => {
    expect(decideIdentity(user, profile(), phone(alias))).toEqual({ state: 'link', customerId: number });
  });

  it('takes a phone along that was just filed under its other name', () => {
    expect(
      decideIdentity(user, profile({ aliasOf: '449' }), phone({ customerId: user, userId: user })),
    ).toEqual({
      state: 'repoint',
      customerId: '449',
    });
  });

  it.each([
    ['the phone was first seen with another BSUID', profile(), { customerId: number, userId: 'GB.2' }],
    ['the phone belongs to another BSUID', profile(), { customerId: 'GB.2', userId: 'GB.2' }],
    [
      'the BSUID was known with another phone',
      profile({ fromId: '449' }),
      { customerId: number, userId: user },
    ],
    [
      'the BSUID was known without a phone',
      profile({ fromId: user, fromIdType: 'Opaque' }),
      { customerId: number },
    ],
    [
      'the BSUID is linked to somebody else',
      profile({ aliasOf: '449' }),
      { customerId: number, userId: user },
    ],
  ])('is left to a person when %s', (_name, own, alias) => {
    expect(decideIdentity(user, own, phone(alias))).toEqual({ state: 'conflict' });
  });

  it('is the same decision when a crash came before the link was written', () => {
    const alias = { customerId: number, userId: user };
    const first = decideIdentity(user, profile({ isNew: true }), phone(alias));

    const again = decideIdentity(user, profile({ isNew: false }), phone(alias));

    expect(again).toEqual(first);
    expect(again).toEqual({ state: 'link', customerId: number });
  });

  it('is the linked one when a crash came after the link was written', () => {
    const again = decideIdentity(
      user,
      profile({ aliasOf: number }),
      phone({ customerId: number, userId: user }),
    );

    expect(again).toEqual({ state: 'known', customerId: number });
  });

  it('is the same decision when a crash came before the phone was filed anew, and settled after it', () => {
    const own = profile({ aliasOf: '449' });
    const filedHere = phone({ customerId: user, userId: user });

    expect(decideIdentity(user, own, filedHere)).toEqual(decideIdentity(user, own, filedHere));
    expect(decideIdentity(user, own, phone({ customerId: '449', userId: user }))).toEqual({
      state: 'known',
      customerId: '449',
    });
  });
});
