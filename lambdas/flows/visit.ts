// One look at one message: what is known of it, how it is claimed, and how its end is written down.
import { readMessageType } from '../core/convert/meta/from-meta.ts';
import type { ShownContent } from '../core/model/agent-content.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import type { ParkedItem } from '../core/model/parked-item.ts';
import type { ClaimDecision } from '../core/policy/claim.ts';
import { decideClaim } from '../core/policy/claim.ts';
import { defaultCustomerId } from '../core/policy/identity.ts';
import type { BackoffSettings } from '../core/policy/retry.ts';
import type { AgentDesk, DeskGate, GateReport, MessageLedger, Randomness } from '../core/ports.ts';
import type { CustomerFinder } from './find-customer.ts';
import type { Isolation } from './isolation.ts';
import type { LeaveIfAsked } from './leave-conversation.ts';
import type { ParkMessagePorts } from './park-message.ts';
import type { PrepareContentPorts } from './prepare-content.ts';
import { toSnippet } from './prepare-content.ts';

export interface DeliverItemPorts extends PrepareContentPorts, ParkMessagePorts {
  randomness: Randomness;
  ledger: MessageLedger;
  customers: CustomerFinder;
  gate: DeskGate;
  isolation: Isolation;
  desk: AgentDesk;
  /** Ends the conversation of a customer who asks for it; without it nobody can. */
  leaveIfAsked?: LeaveIfAsked;
  /** Numbers this deployment serves; a suspended one accepts but does not deliver. */
  numbers: ReadonlyMap<string, { suspended: boolean }>;
  timing: BackoffSettings & {
    leaseMs: number;
    postTimeoutMs: number;
    mediaDeadlineMs: number;
    holdMs: number;
  };
}

/** How a visit to an item ended. */
export type ItemOutcome =
  | { state: 'done' }
  /** This item and everything after it of the same customer waits `delayMs` in the queue. */
  | { state: 'hold'; delayMs: number }
  /** It waits behind the fence of this customer, and so must everything after it. */
  | { state: 'parked'; profile: CustomerProfile }
  /** It came from the park and stays there. `trouble`: it was tried, or the desk is known to be in trouble. */
  | { state: 'back'; delayMs: number; trouble: boolean };

/** Why a message is parked, other than the kind of a failure. */
export type ParkReason = 'behind-fence' | 'few-receives' | 'circuit' | 'dead-letter';

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
  /** The park item it came from; its fence is no obstacle then, and failing means to stay there. */
  parked?: ParkedItem;
  /** It waited longer than it is worth delivering: the agent is told so instead. */
  expired?: boolean;
  /** Set when it is to be parked, whatever else could be done with it. */
  parkReason?: ParkReason;
  /** What the gate is told when the visit ends. */
  report: GateReport;
}

export const done: ItemOutcome = { state: 'done' };
/** Time kept for the write after the POST. */
export const settleReserveMs = 1000;
/** From the park a foreign claim is looked at again so soon: most are of workers that are just parking the message. */
export const longestTurnMs = 5000;

export function hasTime({ deadlineAt }: Visit, needMs: number, { clock }: DeliverItemPorts): boolean {
  return deadlineAt - clock.now() >= needMs;
}

/** Comes again after `delayMs`, by way of the queue or of the next attempt to drain the park. */
export function comeAgain({ parked }: Visit, delayMs = 0, trouble = false): ItemOutcome {
  return parked ? { state: 'back', delayMs, trouble } : { state: 'hold', delayMs };
}

/** Ends the claim without an outcome for the message, which stays where it came from. */
export async function giveBack(
  { visit, owner, customer }: { visit: Visit; owner: string; customer: string },
  { keepTried = false, reason }: { keepTried?: boolean; reason?: string },
  { ledger, clock }: DeliverItemPorts,
): Promise<void> {
  const { key, parked } = visit;
  if (!parked) return ledger.release(key, owner, { keepTried });
  const parking = { customer, reason: reason ?? parked.reason, at: clock.now(), keepTried };
  return ledger.park(key, owner, parking);
}

export async function claimMessage(
  { item, envelope, content, key, sequence, parked }: Visit,
  owner: string,
  leaseUntil: number,
  willTry: boolean,
  ports: DeliverItemPorts,
): Promise<ClaimDecision> {
  const snippet = toSnippet(content);
  const forced = envelope.replay?.forced;
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
    ...(parked === undefined ? {} : { fromPark: true }),
    ...(forced === undefined ? {} : { forced }),
    ...(snippet === '' ? {} : { snippet }),
  });
  return decideClaim(write, owner);
}

/** Ends the message without delivery, where an operator sees it; somebody who took it over meanwhile goes on instead. */
export async function finish(
  { visit, owner, customer }: { visit: Visit; owner: string; customer: string },
  status: 'FAILED' | 'EXPIRED' | 'QUARANTINED' | 'HELD',
  reason: string,
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const end = { status, reason, customer, at: ports.clock.now() };
  if (!(await ports.ledger.finish(visit.key, owner, end))) return comeAgain(visit);
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
