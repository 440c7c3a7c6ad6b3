import fc from 'fast-check';
import type { StatusName } from '../../../../lambdas/core/policy/receipt-lattice.ts';
import {
  findDueReceipt,
  isStatusName,
  joinStatus,
  readFates,
  toStatusEntry,
  unheard,
} from '../../../../lambdas/core/policy/receipt-lattice.ts';

const aStatus = fc.record({
  part: fc.nat({ max: 3 }),
  status: fc.constantFrom<StatusName>('sent', 'delivered', 'read', 'played', 'failed'),
  code: fc.option(fc.constantFrom(0, 131026, 131047), { nil: undefined }),
});
const entriesOf = (statuses: readonly { part: number; status: StatusName; code: number | undefined }[]) =>
  statuses.map(({ part, status, code }) => toStatusEntry(part, status, code));

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]),
  );
}

describe('statuses in any order', () => {
  it('give one final state in all 5,040 orders of one part, duplicates included', () => {
    const seen: StatusName[] = ['sent', 'delivered', 'delivered', 'read', 'read', 'played', 'failed'];

    const orders = permutations(seen);
    const finals = new Set(
      orders.map((order) =>
        JSON.stringify(
          order.reduce(
            (fate, status) => joinStatus(fate, status, status === 'failed' ? 5 : undefined),
            unheard,
          ),
        ),
      ),
    );

    expect(orders).toHaveLength(5040);
    expect([...finals]).toEqual([JSON.stringify({ failed: true, codes: [5], progress: 'played' })]);
  });

  it('give one final state and one due receipt for messages of several parts', () => {
    fc.assert(
      fc.property(
        fc
          .array(aStatus, { maxLength: 12 })
          .chain((statuses) =>
            fc.tuple(
              fc.constant(statuses),
              fc.shuffledSubarray([...statuses, ...statuses], { minLength: 2 * statuses.length }),
            ),
          ),
        fc.integer({ min: 1, max: 4 }),
        ([statuses, shuffled], partsTotal) => {
          const once = entriesOf(statuses);
          const often = entriesOf(shuffled);

          const sorted = (entries: string[]) => [...readFates(entries)].sort(([a], [b]) => a - b);
          expect(sorted(often)).toEqual(sorted(once));
          expect(findDueReceipt(often, partsTotal)).toEqual(findDueReceipt(once, partsTotal));
        },
      ),
    );
  });

  it('never take a part back', () => {
    expect(joinStatus({ ...unheard, progress: 'read' }, 'sent').progress).toBe('read');
    expect(joinStatus({ ...unheard, progress: 'read' }, 'delivered').progress).toBe('read');
    expect(joinStatus({ ...unheard, progress: 'read' }, 'played').progress).toBe('played');
    expect(joinStatus({ ...unheard, progress: 'read' }, 'failed', 1)).toEqual({
      progress: 'read',
      failed: true,
      codes: [1],
    });
  });
});

describe('the receipt that is due', () => {
  it.each<[string, string[], number, object | undefined]>([
    ['nothing heard', [], 1, undefined],
    ['sent', ['0.sent'], 1, undefined],
    ['delivered', ['0.delivered'], 1, { status: 'Delivered' }],
    ['read without delivered', ['0.read'], 1, { status: 'Delivered' }],
    ['played without the others', ['0.played'], 1, { status: 'Delivered' }],
    ['failed', ['0.failed.131047'], 1, { status: 'Failed', code: 131047 }],
    ['failed with a code of nought', ['0.failed.0'], 1, { status: 'Failed', code: 0 }],
    ['failed without a code', ['0.failed'], 1, { status: 'Failed' }],
    ['failed on one device, delivered on another', ['0.failed.5', '0.delivered'], 1, { status: 'Delivered' }],
    ['one part of two', ['0.delivered'], 2, undefined],
    ['both parts', ['1.read', '0.delivered'], 2, { status: 'Delivered' }],
    ['one delivered, one only sent', ['0.read', '1.sent'], 2, undefined],
    ['one of two failed', ['0.delivered', '1.failed.100'], 2, { status: 'Failed', code: 100 }],
    ['two failed', ['1.failed.100', '0.failed.131026'], 2, { status: 'Failed', code: 131026 }],
    ['parts beyond the last', ['0.sent', '7.delivered'], 1, undefined],
    ['no parts known yet', ['0.delivered'], 0, undefined],
  ])('%s', (_name, statuses, partsTotal, expected) => {
    expect(findDueReceipt(statuses, partsTotal)).toEqual(expected);
  });

  it('passes over what an other release may have written', () => {
    expect(readFates(['', 'x', '0.', '0.deleted', 'a.read', '0.read.x']).size).toBe(0);
    expect(isStatusName('deleted')).toBe(false);
    expect(isStatusName('constructor')).toBe(false);
  });
});
