// What WhatsApp says of an agent's message:
// 1. find the message, by our tag or by its wamid; 2. add the status to what the ledger knows of it;
// 3. tell the desk once, when that makes an end.
// In this order a crash loses nothing: the status comes again, changes nothing in the ledger, and calls for the same end.
import { readMessageStatus } from '../core/convert/meta/status.ts';
import type { InboundEnvelope } from '../core/model/envelope.ts';
import type { LedgerRecord } from '../core/model/ledger-record.ts';
import { readSendTag } from '../core/model/send-tag.ts';
import type { SendingLedger } from '../core/outbound-ports.ts';
import { readMetaError } from '../core/policy/meta-errors.ts';
import { findDueReceipt, isStatusName, toStatusEntry } from '../core/policy/receipt-lattice.ts';
import { reasonOfMetaError } from '../core/policy/receipt-reason.ts';
import type { TellReceiptPorts } from './tell-receipt.ts';
import { tellReceipt } from './tell-receipt.ts';

export interface ApplyStatusPorts extends TellReceiptPorts {
  sending: Pick<SendingLedger, 'findSent'>;
}

/** One look at a record of the receipts queue. */
export interface ReceiptVisit {
  envelope: Omit<InboundEnvelope, 'items'>;
  receiveCount: number;
  /** End of this invocation, epoch ms. */
  deadlineAt: number;
}

export type ReceiptOutcome = { state: 'done' } | { state: 'hold'; delayMs: number };

const done: ReceiptOutcome = { state: 'done' };

/** @throws BridgeError `store-unavailable` */
export async function applyStatus(
  message: unknown,
  visit: ReceiptVisit,
  ports: ApplyStatusPorts,
): Promise<ReceiptOutcome> {
  const { telemetry } = ports;
  const { numberId, correlationId, rawKey } = visit.envelope;
  const status = readMessageStatus(message);
  const { name, wamid, code } = status;
  if (!isStatusName(name) || wamid === undefined) {
    // `deleted` and `warning` are of the days before the Cloud API; of others nothing is known that an agent could use.
    telemetry.count('StatusesPassedOver');
    telemetry.event('status.passed-over', { status: name, correlationId, rawKey });
    return done;
  }
  const place = readSendTag(numberId, status.tag) ?? (await ports.sending.findSent(numberId, wamid));
  const entry = place && toStatusEntry(place.part, name, code);
  const record = entry && (await ports.receipts.addStatus(place.key, { part: place.part, entry, wamid }));
  if (!record) {
    // The number may be used by others as well, and what we sent is on record before it is sent.
    telemetry.count('StatusesUnknown');
    telemetry.event('status.unknown', { status: name, correlationId, rawKey });
    return done;
  }
  telemetry.count(`Statuses.${name}`);
  if (name === 'failed') reportFailure(record, code, visit, ports);
  return tellEnd(record, status.at, visit, ports);
}

/** The raw code stands here and in the ledger; the desk has no field for it. */
function reportFailure(
  { messageId }: LedgerRecord,
  code: number | undefined,
  { envelope }: ReceiptVisit,
  { telemetry }: ApplyStatusPorts,
): void {
  const error = readMetaError(code);
  if (!error.known) telemetry.count('MetaErrorsUnknown');
  const { correlationId, rawKey } = envelope;
  telemetry.event('reply.failed', {
    messageId,
    code,
    class: error.class,
    reason: error.reason,
    known: error.known,
    correlationId,
    rawKey,
  });
}

async function tellEnd(
  record: LedgerRecord,
  at: number | undefined,
  { envelope, receiveCount, deadlineAt }: ReceiptVisit,
  ports: ApplyStatusPorts,
): Promise<ReceiptOutcome> {
  const { sending, receiptTo } = record;
  const due = sending && findDueReceipt(sending.statuses, sending.partsTotal);
  if (!due || receiptTo === undefined || sending.receiptToldAt !== undefined) return done;
  const outcome = await tellReceipt(
    {
      key: record.key,
      numberId: envelope.numberId,
      genesysId: record.messageId,
      to: receiptTo,
      customer: record.customer,
      receipt: due.status,
      reason: reasonOfMetaError(due.code),
      at: at ?? ports.clock.now(),
      correlationId: envelope.correlationId,
      attempt: receiveCount,
      deadlineAt,
    },
    ports,
  );
  return outcome.state === 'told' ? done : outcome;
}
