import { toRecord } from '../../../../lambdas/adapters/aws/ledger-fields.ts';
import { aLedgerRecord } from '../../../builders.ts';

const key = 'OUT#1#g';

describe('a ledger item', () => {
  it('is read as it was written', () => {
    const record = aLedgerRecord({ key, receiptTo: 'GB.1', snippet: 'Hi' });

    expect(toRecord({ pk: key, ...record }, key)).toMatchObject(record);
    expect(toRecord({ pk: key, ...record }, key)).not.toHaveProperty('sending');
    expect(toRecord({ pk: key, ...record }, key)).not.toHaveProperty('deskReceipts');
  });

  it('that is empty reads as a message nobody holds', () => {
    expect(toRecord({}, key)).toEqual({
      key,
      status: 'INFLIGHT',
      owner: '',
      leaseUntil: 0,
      open: 0,
      tried: 0,
      attempts: 0,
      crashes: 0,
      ambiguous: 0,
    });
  });

  it('of a message with parts says how far it has come', () => {
    const item = {
      partsTotal: 2,
      partsDone: 1,
      triedAt: 5,
      wamids: { 0: 'wamid.0' },
      statuses: new Set(['0.sent', '0.delivered']),
      receipt: 'Delivered',
      receiptToldAt: 9,
      receiptAttempts: 2,
    };

    expect(toRecord(item, key).sending).toEqual({ ...item, statuses: ['0.delivered', '0.sent'] });
  });

  it('of a message that has statuses only says what is known', () => {
    expect(toRecord({ statuses: new Set(['0.sent']), receipt: 'Read' }, key).sending).toEqual({
      partsTotal: 0,
      partsDone: 0,
      triedAt: 0,
      wamids: {},
      statuses: ['0.sent'],
    });
  });

  it('gives sets in an order that is always the same', () => {
    expect(toRecord({ deskReceipts: new Set(['b', 'a']) }, key).deskReceipts).toEqual(['a', 'b']);
  });
});
