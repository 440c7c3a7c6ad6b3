// How a ledger record is laid out in its item: flat, but for what the sending of an agent's message is made of.
import type { FinalReceipt, LedgerRecord, Sending } from '../../core/model/ledger-record.ts';

type Item = Record<string, unknown>;

/** Reads an item; what an item of an earlier release lacks is as in a message nobody claimed yet. */
export function toRecord(item: Item, key: string): LedgerRecord {
  const { partsTotal, partsDone, triedAt, wamids, statuses, receipt, deskReceipts, ...fields } = item;
  const isSending = partsTotal !== undefined || statuses !== undefined;
  return {
    attempts: 0,
    crashes: 0,
    ambiguous: 0,
    tried: 0,
    open: 0,
    leaseUntil: 0,
    owner: '',
    status: 'INFLIGHT',
    ...fields,
    ...(isSending ? { sending: toSending(item) } : {}),
    ...(deskReceipts === undefined ? {} : { deskReceipts: readSet(deskReceipts) }),
    key,
  } as LedgerRecord;
}

function toSending(item: Item): Sending {
  const { partsTotal, partsDone, triedAt, wamids, statuses, receiptToldAt, receiptAttempts } = item;
  const receipt = readReceipt(item.receipt);
  return {
    partsTotal: Number(partsTotal ?? 0),
    partsDone: Number(partsDone ?? 0),
    triedAt: Number(triedAt ?? 0),
    wamids: Object.fromEntries(Object.entries(wamids ?? {}).map(([part, wamid]) => [part, String(wamid)])),
    statuses: readSet(statuses),
    ...(receipt === undefined ? {} : { receipt }),
    ...(receiptToldAt === undefined ? {} : { receiptToldAt: Number(receiptToldAt) }),
    ...(receiptAttempts === undefined ? {} : { receiptAttempts: Number(receiptAttempts) }),
  };
}

export function readReceipt(value: unknown): FinalReceipt | undefined {
  return value === 'Delivered' || value === 'Failed' ? value : undefined;
}

/** A set in an order that is always the same. */
function readSet(value: unknown): string[] {
  return value instanceof Set ? [...value].map(String).sort() : [];
}
