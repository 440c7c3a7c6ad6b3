import type { LedgerRecord } from '../../lambdas/core/model/ledger-record.ts';
import { type Observed, reckon } from '../../soak/account.ts';
import { type Accepted, nothingAccepted } from '../../soak/traffic.ts';

const aRecord = (over: Partial<LedgerRecord> = {}) =>
  ({ status: 'DELIVERED', ambiguous: 0, crashes: 0, ...over }) as LedgerRecord;
const ana = (id: string) => ({ id, customer: 'ana' });

/** Three messages and a reply of one customer, all well. */
function aGoodEnd(): { accepted: Accepted; observed: Observed } {
  return {
    accepted: {
      ...nothingAccepted(),
      written: new Map([['ana', ['a', 'b', 'c']]]),
      replied: new Map([['ana', ['r']]]),
      forged: ['f'],
    },
    observed: {
      shown: ['a', 'b', 'c'].map(ana),
      sent: [ana('r')],
      receipts: [{ id: 'r', status: 'Delivered' }],
      records: new Map(['a', 'b', 'c', 'r'].map((id) => [id, aRecord()])),
      restless: [],
      audit: { received: 4, balanced: true, missing: [] },
      archiveFailures: 0,
    },
  };
}

const differencesOf = (over: Partial<Observed>, accepted: Partial<Accepted> = {}): string[] => {
  const good = aGoodEnd();
  return reckon({ ...good.accepted, ...accepted }, { ...good.observed, ...over }).differences;
};
const recordsWith = (id: string, record: LedgerRecord | undefined) => {
  const records = new Map(aGoodEnd().observed.records);
  if (record) records.set(id, record);
  else records.delete(id);
  return records;
};

describe('the reckoning', () => {
  it('finds nothing where everything is well, and counts it', () => {
    const { accepted, observed } = aGoodEnd();

    const { differences, figures } = reckon(accepted, observed);

    expect(differences).toEqual([]);
    expect(Object.fromEntries(figures)).toMatchObject({
      'messages of customers': 3,
      'shown to agents': 3,
      'replies of agents': 1,
      'sent to customers': 1,
    });
  });

  it.each<[string, Partial<Observed>, RegExp]>([
    ['a message without a record', { records: recordsWith('b', undefined) }, /^b of ana has no record/],
    ['a message that did not arrive', { shown: ['a', 'c'].map(ana) }, /^b of ana is recorded as delivered/],
    ['a message that was overtaken', { shown: ['a', 'c', 'b'].map(ana) }, /^c of ana overtook b$/],
    ['a double nobody recorded', { shown: ['a', 'b', 'b', 'c'].map(ana) }, /^b of ana arrived 2 times/],
    [
      'a message that still waits',
      { records: recordsWith('b', aRecord({ status: 'PARKED' })) },
      /^b of ana ended PARKED/,
    ],
    [
      'a message given up for no reason of its own',
      { records: recordsWith('b', aRecord({ status: 'FAILED', reason: 'poison', crashes: 2 })) },
      /^b of ana ended FAILED \(poison\)/,
    ],
    [
      'a message of nobody',
      { shown: ['a', 'b', 'c', 'x'].map(ana) },
      /^x was shown although nobody wrote it/,
    ],
    ['a forged message', { shown: ['a', 'b', 'c', 'f'].map(ana) }, /^f was shown although it was forged/],
    [
      'a message shown as somebody else’s',
      { shown: [ana('a'), { id: 'b', customer: 'ben' }, ana('c')] },
      /overtook|somebody else/,
    ],
    [
      'a reply that failed in silence',
      { sent: [], receipts: [], records: recordsWith('r', aRecord({ status: 'FAILED' })) },
      /^r of ana ended FAILED .* was not told/,
    ],
    ['a reply without a receipt', { receipts: [] }, /^r: the agent never learned/],
    [
      'two different receipts',
      { receipts: ['Delivered', 'Failed'].map((status) => ({ id: 'r', status })) },
      /^r: the agent was told Delivered and Failed/,
    ],
    [
      'the same receipt twice',
      { receipts: [1, 2].map(() => ({ id: 'r', status: 'Delivered' })) },
      /^r: the agent was told 2 times without need/,
    ],
    ['what is not at rest', { restless: ['a fence is closed'] }, /^a fence is closed$/],
    [
      'an audit that misses one',
      { audit: { received: 3, balanced: true, missing: [] } },
      /counts 3 .* and 4 were taken/,
    ],
    [
      'an audit that names one',
      { audit: { received: 4, balanced: false, missing: ['b'] } },
      /^b is in the archive/,
    ],
  ])('finds %s', (_name, over, expected) => {
    expect(differencesOf(over)[0]).toMatch(expected);
  });

  it('takes a recorded double, a notice after three crashes and a failure the agent knows of', () => {
    expect(
      differencesOf({
        shown: ['a', 'b', 'b', 'c'].map(ana),
        records: recordsWith('b', aRecord({ ambiguous: 1 })),
      }),
    ).toEqual([]);
    expect(
      differencesOf({
        records: recordsWith('b', aRecord({ status: 'FAILED', reason: 'poison', crashes: 3 })),
      }),
    ).toEqual([]);
    expect(
      differencesOf({
        sent: [],
        receipts: [{ id: 'r', status: 'Failed' }],
        records: recordsWith('r', aRecord({ status: 'FAILED' })),
      }),
    ).toEqual([]);
  });

  it('takes it that what could not be archived is not audited', () => {
    const audit = { received: 3, balanced: true, missing: [] };

    expect(differencesOf({ audit, archiveFailures: 1 })).toEqual([]);
  });

  it('finds a forged webhook that was not refused', () => {
    expect(differencesOf({}, { forgedAnswers: [200] })).toEqual(['a forged webhook was answered 200']);
  });
});
