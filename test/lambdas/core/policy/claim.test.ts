import type { LedgerStatus } from '../../../../lambdas/core/model/ledger-record.ts';
import { crashesUntilPoison, decideClaim, isPoison } from '../../../../lambdas/core/policy/claim.ts';
import { aLedgerRecord } from '../../../builders.ts';

describe('a claim', () => {
  it('that was written is mine', () => {
    const record = aLedgerRecord({ owner: 'me' });

    expect(decideClaim({ won: true, record }, 'me')).toEqual({ state: 'mine', record });
  });

  it('whose answer was lost is still mine: a failed condition is no proof of a duplicate', () => {
    const record = aLedgerRecord({ owner: 'me', leaseUntil: 2000 });

    expect(decideClaim({ won: false, record }, 'me')).toEqual({ state: 'mine', record });
  });

  it('held by somebody else is busy until their lease ends', () => {
    const record = aLedgerRecord({ owner: 'other', leaseUntil: 2000 });

    expect(decideClaim({ won: false, record }, 'me')).toEqual({ state: 'busy', until: 2000, record });
  });

  const ends: LedgerStatus[] = ['DELIVERED', 'PARKED', 'HELD', 'QUARANTINED', 'FAILED', 'EXPIRED', 'ERASED'];

  it.each(ends)('of a message that is %s is settled, whoever owned it', (status) => {
    for (const owner of ['me', 'other']) {
      const record = aLedgerRecord({ status, owner });

      expect(decideClaim({ won: false, record }, 'me')).toEqual({ state: 'settled', record });
    }
  });
});

it('a message is poison once its claims ended three times without an outcome', () => {
  expect(crashesUntilPoison).toBe(3);
  expect([0, 1, 2, 3, 4].map((crashes) => isPoison(aLedgerRecord({ crashes })))).toEqual([
    false,
    false,
    false,
    true,
    true,
  ]);
});
