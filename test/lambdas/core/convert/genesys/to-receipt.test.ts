import { toGenesysReceipt } from '../../../../../lambdas/core/convert/genesys/to-receipt.ts';
import type { DeskReceipt } from '../../../../../lambdas/core/outbound-ports.ts';
import { genesysReasons } from '../../../../../lambdas/core/outbound-ports.ts';
import { findContractBreach } from '../../../../../local/stand-ins/genesys/genesys-contract.ts';
import { findReceiptFaults } from '../../../../schemas/schemas.ts';

const aReceipt = (over: Partial<DeskReceipt> = {}): DeskReceipt => ({
  genesysId: 'd7d58935',
  to: '447700900123',
  status: 'Delivered',
  at: Date.UTC(2026, 10, 20, 10, 20, 7, 1),
  ...over,
});

it('says that a message was delivered', () => {
  expect(toGenesysReceipt(aReceipt())).toEqual({
    id: 'd7d58935',
    channel: { to: { id: '447700900123', idType: 'Phone' }, time: '2026-11-20T10:20:07.001Z' },
    status: 'Delivered',
    isFinalReceipt: true,
  });
});

it('says why a message failed', () => {
  const reason = { code: 'InvalidDestination', message: 'WhatsApp error 131026' } as const;

  expect(toGenesysReceipt(aReceipt({ status: 'Failed', reason }))).toMatchObject({
    status: 'Failed',
    reasons: [reason],
  });
});

it('never tells a failure without a reason, nor a delivery with one', () => {
  expect(toGenesysReceipt(aReceipt({ status: 'Failed' })).reasons).toEqual([
    { code: 'GeneralError', message: expect.stringMatching(/./) },
  ]);
  const reason = { code: 'GeneralError', message: 'x' } as const;
  expect(toGenesysReceipt(aReceipt({ reason }))).not.toHaveProperty('reasons');
});

it('names a customer without a phone as what the id is', () => {
  const { channel } = toGenesysReceipt(aReceipt({ to: 'GB.77001122334455' }));

  expect(channel.to).toEqual({ id: 'GB.77001122334455', idType: 'Opaque' });
});

it.each([...genesysReasons])('keeps the contract of Genesys with the reason %s', (code) => {
  const failed = toGenesysReceipt(aReceipt({ status: 'Failed', reason: { code, message: 'm' } }));

  expect(findReceiptFaults(failed)).toEqual([]);
  expect(findContractBreach('receipt', failed)).toBeUndefined();
});

it.each([aReceipt(), aReceipt({ status: 'Failed' }), aReceipt({ to: 'GB.77' })])(
  'keeps the contract of Genesys: %j',
  (receipt) => {
    expect(findReceiptFaults(toGenesysReceipt(receipt))).toEqual([]);
    expect(findContractBreach('receipt', toGenesysReceipt(receipt))).toBeUndefined();
  },
);
