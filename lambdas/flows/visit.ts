// One look at one message: what is known of it, how it is claimed, and how its end is written down.
import { readMessageType } from '../core/convert/meta/from-meta.ts';
import type { ShownContent } from '../core/model/agent-content.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import type { ClaimDecision } from '../core/policy/claim.ts';
import { decideClaim } from '../core/policy/claim.ts';
import { defaultCustomerId } from '../core/policy/identity.ts';
import type { BackoffSettings } from '../core/policy/retry.ts';
import type {
  AgentDesk,
  Clock,
  DeskGate,
  GateReport,
  MessageLedger,
  Randomness,
  Telemetry,
} from '../core/ports.ts';
import type { CustomerFinder } from './find-customer.ts';
import type { Isolation } from './isolation.ts';
import type { PrepareContentPorts } from './prepare-content.ts';
import { toSnippet } from './prepare-content.ts';

export interface DeliverItemPorts extends PrepareContentPorts {
  clock: Clock;
  randomness: Randomness;
  ledger: MessageLedger;
  customers: CustomerFinder;
  gate: DeskGate;
  isolation: Isolation;
  desk: AgentDesk;
  telemetry: Telemetry;
  /** Numbers this deployment serves; a suspended one accepts but does not deliver. */
  numbers: ReadonlyMap<string, { suspended: boolean }>;
  timing: BackoffSettings & {
    leaseMs: number;
    postTimeoutMs: number;
    mediaDeadlineMs: number;
    holdMs: number;
  };
}

/** `hold`: this item and everything after it of the same customer waits `delayMs`. */
export type ItemOutcome = { state: 'done' } | { state: 'hold'; delayMs: number };

export interface Visit {
  /** Set when nothing is to be learned of the customer by this item. */
  known?: CustomerProfile;
  item: InboundItem;
  envelope: InboundEnvelope;
  content: ShownContent;
  /** True when media or a quote has to be fetched between the claim and the POST. */
  slow: boolean;
  key: string;
  sequence: string;
  receiveCount: number;
  startedAt: number;
  deadlineAt: number;
  /** What the gate is told when the visit ends. */
  report: GateReport;
}

export const done: ItemOutcome = { state: 'done' };
export const again: ItemOutcome = { state: 'hold', delayMs: 0 };
/** Time kept for the write after the POST. */
export const settleReserveMs = 1000;

export function hasTime({ deadlineAt }: Visit, needMs: number, { clock }: DeliverItemPorts): boolean {
  return deadlineAt - clock.now() >= needMs;
}

export async function claimMessage(
  { item, envelope, content, key, sequence }: Visit,
  owner: string,
  leaseUntil: number,
  willTry: boolean,
  ports: DeliverItemPorts,
): Promise<ClaimDecision> {
  const snippet = toSnippet(content);
  const write = await ports.ledger.claim({
    key,
    owner,
    now: ports.clock.now(),
    leaseUntil,
    willTry,
    numberId: envelope.numberId,
    messageId: item.id,
    customer: defaultCustomerId(item) ?? '',
    messageType: readMessageType(item.message),
    sequence,
    acceptedAt: envelope.receivedAt,
    rawKey: envelope.rawKey,
    correlationId: envelope.correlationId,
    ...(snippet === '' ? {} : { snippet }),
  });
  return decideClaim(write, owner);
}

/** Ends the message without delivery, where an operator sees it. */
export async function finish(
  { visit, owner, customer }: { visit: Visit; owner: string; customer: string },
  status: 'FAILED' | 'QUARANTINED' | 'HELD',
  reason: string,
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  await ports.ledger.finish(visit.key, owner, { status, reason, customer, at: ports.clock.now() });
  ports.telemetry.count(`Messages.${status}`);
  report('message.ended-undelivered', visit, { status, reason }, ports);
  return done;
}

export function idsOf({ item, envelope, sequence }: Visit) {
  return { messageId: item.id, correlationId: envelope.correlationId, rawKey: envelope.rawKey, sequence };
}

/** The one wide line per message: ids, type, attempts and times, nothing of its content. */
export function report(
  event: string,
  visit: Visit,
  fields: Record<string, string | number | boolean | undefined>,
  { clock, telemetry }: DeliverItemPorts,
): void {
  telemetry.event(event, {
    ...idsOf(visit),
    type: readMessageType(visit.item.message),
    receiveCount: visit.receiveCount,
    durationMs: clock.now() - visit.startedAt,
    sinceAcceptedMs: clock.now() - visit.envelope.receivedAt,
    ...fields,
  });
}
