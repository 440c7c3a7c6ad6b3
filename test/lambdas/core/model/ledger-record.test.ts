import fc from 'fast-check';
import { acceptanceOrder, inboundKey } from '../../../../lambdas/core/model/ledger-record.ts';

it('the ledger key names direction, number and message', () => {
  expect(inboundKey('106540352242922', 'wamid.A=')).toBe('IN#106540352242922#wamid.A=');
});

describe('the acceptance order', () => {
  it('is the sequence number, then the place in the envelope', () => {
    expect(acceptanceOrder('18870293921', 3)).toBe('00000000018870293921.00003');
    expect(acceptanceOrder('18870293921000000000', 0)).toBe('18870293921000000000.00000');
  });

  it('sorts as text as it does as numbers', () => {
    const place = fc.record({ sequence: fc.bigInt(0n, 10n ** 20n - 1n), index: fc.nat(99_999) });
    fc.assert(
      fc.property(place, place, (a, b) => {
        const [first, second] = [a, b].map((each) => acceptanceOrder(String(each.sequence), each.index));
        const isBefore = a.sequence < b.sequence || (a.sequence === b.sequence && a.index < b.index);

        expect(String(first) < String(second)).toBe(isBefore);
      }),
    );
  });
});
