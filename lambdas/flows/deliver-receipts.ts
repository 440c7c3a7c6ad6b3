// How one record of the receipts queue is dealt with: what WhatsApp says of agents' messages goes to the desk, what the
// desk says of customers' messages goes to the ledger. Order does not matter here; a lattice stands in for it.
import type { Archive } from '../core/ports.ts';
import type { ApplyStatusPorts, ReceiptOutcome } from './apply-status.ts';
import { applyStatus } from './apply-status.ts';
import { openEnvelope } from './open-envelope.ts';
import { recordDeskReceipt } from './record-desk-receipt.ts';

export interface DeliverReceiptsPorts extends ApplyStatusPorts {
  archive: Pick<Archive, 'get'>;
}

/**
 * `hold`: the record comes again after the delay; what was done of it is done and stays as it is.
 * @throws BridgeError `store-unavailable`; SyntaxError for a body that no release has written.
 */
export async function deliverReceipts(
  record: { body: string; receiveCount: number; deadlineAt: number },
  ports: DeliverReceiptsPorts,
): Promise<ReceiptOutcome> {
  const { items, ...envelope } = await openEnvelope(record.body, ports);
  const visit = { envelope, receiveCount: record.receiveCount, deadlineAt: record.deadlineAt };
  for (const item of items) {
    // The queue carries items of two doors.
    const kind: string | undefined = item.kind;
    const outcome =
      kind === 'desk-receipt'
        ? await recordDeskReceipt(item, visit, ports)
        : await applyStatus(item.message, visit, ports);
    if (outcome.state === 'hold') return outcome;
  }
  return { state: 'done' };
}
