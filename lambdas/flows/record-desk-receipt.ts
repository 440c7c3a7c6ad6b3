// What Genesys says of a customer's message after it took it: recorded on the message, and heard by operators when the
// agent will not see it.
import { readDeskVerdict } from '../core/convert/genesys/desk-receipt.ts';
import type { ReceiptLedger } from '../core/outbound-ports.ts';
import { backoffDelayMs } from '../core/policy/retry.ts';
import type { Clock, Randomness, Telemetry } from '../core/ports.ts';
import type { ReceiptOutcome, ReceiptVisit } from './apply-status.ts';
import type { TellReceiptPorts } from './tell-receipt.ts';

export interface RecordDeskReceiptPorts {
  receipts: Pick<ReceiptLedger, 'findByGenesysId' | 'addDeskReceipt'>;
  clock: Clock;
  randomness: Pick<Randomness, 'next'>;
  telemetry: Telemetry;
  timing: TellReceiptPorts['timing'];
}

/** Genesys may speak before the answer to our own POST is written down and can be found. */
const settlingMs = 30_000;

/** @throws BridgeError `store-unavailable` */
export async function recordDeskReceipt(
  item: { id: string; message: unknown },
  { envelope, receiveCount }: ReceiptVisit,
  ports: RecordDeskReceiptPorts,
): Promise<ReceiptOutcome> {
  const { receipts, telemetry, clock, timing, randomness } = ports;
  const { correlationId, rawKey } = envelope;
  const { status, code } = readDeskVerdict(item.message);
  const key = await receipts.findByGenesysId(item.id);
  const isKnown =
    key !== undefined &&
    (await receipts.addDeskReceipt(key, code === undefined ? status : `${status}.${code}`));
  if (!isKnown) {
    if (clock.now() - envelope.receivedAt < settlingMs)
      return { state: 'hold', delayMs: backoffDelayMs(receiveCount, timing, randomness.next()) };
    telemetry.count('DeskReceiptsUnknown');
    telemetry.event('desk-receipt.unknown', { genesysId: item.id, status, correlationId, rawKey });
    return { state: 'done' };
  }
  telemetry.count(`DeskReceipts.${status === 'Failed' ? status : 'Other'}`);
  if (status === 'Failed')
    telemetry.event('message.failed-at-desk', { genesysId: item.id, code, correlationId, rawKey });
  return { state: 'done' };
}
