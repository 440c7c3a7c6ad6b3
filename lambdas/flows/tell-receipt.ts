// How the desk learns what became of an agent's message, once:
// 1. enter the desk's gate, since receipts use up the same allowance as messages;
// 2. claim the telling; whatever was begun to be told before stands;
// 3. POST once; 4. write down that it was told, or give the telling back.
// A crash between 3 and 4 has it told once more, which the number of attempts records.
import type { FinalReceipt } from '../core/model/ledger-record.ts';
import type { DeskReceipts, ReceiptLedger } from '../core/outbound-ports.ts';
import type { ReceiptReason } from '../core/policy/receipt-reason.ts';
import type { BackoffSettings } from '../core/policy/retry.ts';
import { backoffDelayMs, retryDelayMs } from '../core/policy/retry.ts';
import type { Clock, DeskGate, GateReport, Randomness, Telemetry } from '../core/ports.ts';

export interface TellReceiptPorts {
  receipts: ReceiptLedger;
  deskReceipts: DeskReceipts;
  /** The gate in front of the desk, not the one in front of WhatsApp. */
  gate: DeskGate;
  clock: Clock;
  randomness: Randomness;
  telemetry: Telemetry;
  timing: BackoffSettings & { leaseMs: number; postTimeoutMs: number };
}

export interface ReceiptOrder {
  /** Ledger key of the message. */
  key: string;
  numberId: string;
  genesysId: string;
  /** `channel.to.id` of the message. */
  to: string;
  /** Whose share of the allowance it takes. */
  customer: string;
  receipt: FinalReceipt;
  /** Why, should it be Failed that is told. */
  reason?: ReceiptReason;
  /** When it came to this end, epoch ms. */
  at: number;
  correlationId: string;
  /** How often this was tried by this record or run, from 1; the back-off grows with it. */
  attempt: number;
  /** End of this invocation, epoch ms. */
  deadlineAt: number;
}

/** `told`: the desk had it, or will never take it. `hold`: try again after the delay. */
export type TellOutcome = { state: 'told' } | { state: 'hold'; delayMs: number };

const told: TellOutcome = { state: 'told' };
/** Time kept for the write after the POST. */
const writeReserveMs = 1000;

/** @throws BridgeError `store-unavailable` when it could not be written down; the telling is given back by its lease then. */
export async function tellReceipt(order: ReceiptOrder, ports: TellReceiptPorts): Promise<TellOutcome> {
  const { clock, gate, timing, randomness } = ports;
  const needMs = timing.postTimeoutMs + writeReserveMs;
  if (order.deadlineAt - clock.now() < needMs) return { state: 'hold', delayMs: 0 };
  const visit = {
    numberId: order.numberId,
    customerKey: `${order.numberId}#${order.customer}`,
    deadlineAt: order.deadlineAt - needMs,
  };
  const place = await gate.enter(visit);
  if (!place.open) {
    // The queue counts every look, and the desk may be away for a day.
    const backoffMs = backoffDelayMs(order.attempt, timing, randomness.next());
    return { state: 'hold', delayMs: Math.max(place.delayMs, backoffMs) };
  }
  let report: GateReport = 'unused';
  try {
    const owner = randomness.nextId();
    const leaseUntil = clock.now() + timing.leaseMs;
    const { receipt } = order;
    const claim = await ports.receipts.claimReceipt(order.key, {
      receipt,
      owner,
      now: clock.now(),
      leaseUntil,
    });
    if (claim.state === 'busy') return { state: 'hold', delayMs: Math.max(claim.until - clock.now(), 0) };
    if (claim.state !== 'mine') return told;
    const answer = await post(order, claim.receipt, ports);
    report = answer.delivered ? 'delivered' : { failure: answer.failure };
    if (answer.delivered) return await settle(order, claim, ports);
    return await handleFailure(order, owner, answer, ports);
  } finally {
    await gate.leave(report, visit);
  }
}

type Answer = Awaited<ReturnType<DeskReceipts['tell']>>;

function post(order: ReceiptOrder, status: FinalReceipt, ports: TellReceiptPorts): Promise<Answer> {
  const { numberId, genesysId, to, reason, at } = order;
  const receipt = { genesysId, to, status, at, ...(status === 'Failed' && reason ? { reason } : {}) };
  return ports.deskReceipts.tell(numberId, receipt, ports.clock.now() + ports.timing.postTimeoutMs);
}

async function settle(
  order: ReceiptOrder,
  { receipt, attempts }: { receipt: FinalReceipt; attempts: number },
  ports: TellReceiptPorts,
): Promise<TellOutcome> {
  await ports.receipts.receiptTold(order.key, ports.clock.now());
  ports.telemetry.count(`Receipts.${receipt}`);
  if (attempts > 1) ports.telemetry.count('ReceiptsRetried');
  ports.telemetry.event('receipt.told', {
    ...idsOf(order),
    receipt,
    ...(receipt === 'Failed' ? { reason: order.reason?.code } : {}),
    attempts,
  });
  return told;
}

async function handleFailure(
  order: ReceiptOrder,
  owner: string,
  { failure, effect }: Extract<Answer, { delivered: false }>,
  ports: TellReceiptPorts,
): Promise<TellOutcome> {
  const { receipts, telemetry, clock, timing, randomness } = ports;
  telemetry.count(`DeskFailures.${failure.kind}`);
  if (failure.next === 'fail-visibly') {
    telemetry.count('ReceiptsRefused');
    telemetry.problem('receipt.refused', failure, idsOf(order));
    await receipts.receiptTold(order.key, clock.now());
    return told;
  }
  // What may have been told must not be contradicted, so from then on the choice stands.
  await receipts.releaseReceipt(order.key, owner, { keep: effect === 'unknown' });
  const delayMs = retryDelayMs(failure, order.attempt, timing, randomness.next());
  telemetry.problem('receipt.delayed', failure, { ...idsOf(order), effect, delayMs });
  return { state: 'hold', delayMs };
}

function idsOf({ genesysId, correlationId }: ReceiptOrder) {
  return { genesysId, correlationId };
}
