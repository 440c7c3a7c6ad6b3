// One look at one message on its way to a customer: what is known of it, how it is claimed, and how its end is written.
import { isObject, readId } from '../../core/convert/meta/json-values.ts';
import type { Phrases } from '../../core/convert/phrases.ts';
import type { TemplateName } from '../../core/convert/whatsapp/template-send.ts';
import type { CustomerContent } from '../../core/model/customer-message.ts';
import type { LedgerRecord } from '../../core/model/ledger-record.ts';
import type { OpenedOutbound } from '../../core/model/outbound-body.ts';
import type { OutboundItem } from '../../core/model/outbound-envelope.ts';
import type { ParkedItem } from '../../core/model/parked-item.ts';
import type { CustomerMessenger, SendingLedger } from '../../core/outbound-ports.ts';
import type { ClaimDecision } from '../../core/policy/claim.ts';
import { decideClaim } from '../../core/policy/claim.ts';
import type { BackoffSettings } from '../../core/policy/retry.ts';
import type { CustomerDirectory, DeskGate, GateReport, MessageLedger, Randomness } from '../../core/ports.ts';
import type { Isolation } from '../isolation.ts';
import type { ParkMessagePorts } from '../park-message.ts';
import type { TellReceiptPorts } from '../tell-receipt.ts';
import type { Recipient } from './find-recipient.ts';
import type { OutboundFiles } from './prepare-file.ts';
import type { ReadMarks } from './show-activity.ts';

export interface OutboundSettings {
  /** Whether customers see that an agent types, and that their messages were read. */
  typing: boolean;
  /** Sent, once per silence, to a customer whom a reply cannot reach any more. */
  reengagement?: TemplateName;
  templates: Readonly<Record<string, TemplateName>>;
  /** How long a send of unknown outcome waits for a status. */
  statusWaitMs: number;
}

export interface DeliverOutboundPorts extends ParkMessagePorts {
  randomness: Randomness;
  ledger: MessageLedger;
  sending: SendingLedger;
  directory: CustomerDirectory;
  /** In front of WhatsApp. */
  gate: DeskGate;
  isolation: Isolation;
  readMarks: ReadMarks;
  messenger: CustomerMessenger;
  files: OutboundFiles;
  /** How the desk is told what became of a message. */
  telling: TellReceiptPorts;
  phrases: Phrases;
  outbound: OutboundSettings;
  /** Numbers this deployment serves; a suspended one accepts but does not deliver. */
  numbers: ReadonlyMap<string, { suspended: boolean }>;
  timing: BackoffSettings & {
    leaseMs: number;
    postTimeoutMs: number;
    mediaDeadlineMs: number;
    holdMs: number;
  };
}

/** How a visit ended. */
export type OutboundOutcome =
  | { state: 'done' }
  /** It and everything after it of the same customer waits `delayMs` in the queue. */
  | { state: 'hold'; delayMs: number }
  /** It waits behind its customer's fence. */
  | { state: 'parked' }
  /** It came from the park and stays there. `trouble`: it was tried, or WhatsApp is known to be in trouble. */
  | { state: 'back'; delayMs: number; trouble: boolean };

export type OutboundParkReason = 'behind-fence' | 'few-receives' | 'circuit' | 'dead-letter';

export interface OutboundVisit {
  item: OutboundItem;
  envelope: OpenedOutbound;
  content: CustomerContent;
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
  parkReason?: OutboundParkReason;
  /** What the gate is told when the visit ends. */
  report: GateReport;
}

/** A message whose claim is ours. */
export interface ClaimedReply {
  visit: OutboundVisit;
  owner: string;
  leaseUntil: number;
  record: LedgerRecord;
  recipient: Recipient;
}

export const done: OutboundOutcome = { state: 'done' };
/** Time kept for the writes after a POST. */
export const settleReserveMs = 1000;

export function hasTime(
  { deadlineAt }: OutboundVisit,
  needMs: number,
  { clock }: DeliverOutboundPorts,
): boolean {
  return deadlineAt - clock.now() >= needMs;
}

/** Comes again after `delayMs`, by way of the queue or of the next attempt to drain the park. */
export function comeAgain({ parked }: OutboundVisit, delayMs = 0, trouble = false): OutboundOutcome {
  return parked ? { state: 'back', delayMs, trouble } : { state: 'hold', delayMs };
}

/** Genesys knows only what came from Genesys, and of a copy that an operator forced it has had its one receipt before. */
export function isOfTheDesk({ item, envelope }: Pick<OutboundVisit, 'item' | 'envelope'>): boolean {
  return item.kind === 'message' && envelope.replay?.forced === undefined;
}

export async function claimReply(
  visit: OutboundVisit,
  owner: string,
  leaseUntil: number,
  ports: DeliverOutboundPorts,
): Promise<ClaimDecision> {
  const { item, envelope, key, sequence, parked } = visit;
  const forced = envelope.replay?.forced;
  const write = await ports.ledger.claim({
    key,
    owner,
    now: ports.clock.now(),
    leaseUntil,
    willTry: false,
    // There is no way to repeat a send harmlessly, so that one may have happened is never forgotten by a claim.
    keepTried: true,
    numberId: envelope.numberId,
    messageId: item.id,
    customer: item.to,
    messageType: nameType(item),
    sequence,
    acceptedAt: envelope.receivedAt,
    rawKey: envelope.rawKey,
    correlationId: envelope.correlationId,
    ...(isOfTheDesk(visit) ? { receiptTo: item.to } : {}),
    ...(parked === undefined ? {} : { fromPark: true }),
    ...(forced === undefined ? {} : { forced }),
  });
  return decideClaim(write, owner);
}

function nameType({ kind, message }: OutboundItem): string {
  const type = kind === 'message' && isObject(message) ? readId(message.type) : undefined;
  return type !== undefined && /^\w{1,40}$/.test(type) ? type : kind;
}

/** Ends the claim without an outcome for the message, which stays where it came from. */
export async function giveBack(
  { visit, owner, recipient }: Pick<ClaimedReply, 'visit' | 'owner'> & { recipient?: Recipient },
  { keepTried, reason }: { keepTried: boolean; reason?: string },
  { ledger, clock }: DeliverOutboundPorts,
): Promise<void> {
  const { key, parked, item } = visit;
  if (!parked) return ledger.release(key, owner, { keepTried });
  const customer = recipient?.customerId ?? item.to;
  return ledger.park(key, owner, { customer, reason: reason ?? parked.reason, at: clock.now(), keepTried });
}

/** Ends the message without delivery, where an operator sees it; somebody who took it over meanwhile goes on instead. */
export async function finish(
  { visit, owner, recipient }: Pick<ClaimedReply, 'visit' | 'owner'> & { recipient?: Recipient },
  status: 'FAILED' | 'EXPIRED' | 'QUARANTINED' | 'HELD',
  reason: string,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const customer = recipient?.customerId ?? visit.item.to;
  const end = { status, reason, customer, at: ports.clock.now() };
  if (!(await ports.ledger.finish(visit.key, owner, end))) return comeAgain(visit);
  ports.telemetry.count(`Messages.${status}`);
  report('reply.ended-undelivered', visit, { status, reason }, ports);
  return done;
}

export function idsOf({ item, envelope, sequence }: OutboundVisit) {
  return { genesysId: item.id, correlationId: envelope.correlationId, rawKey: envelope.rawKey, sequence };
}

/** The one wide line per message: ids, kind, attempts and times, nothing of its content. */
export function report(
  event: string,
  visit: OutboundVisit,
  fields: Record<string, string | number | boolean | undefined>,
  { clock, telemetry }: DeliverOutboundPorts,
): void {
  telemetry.event(event, {
    ...idsOf(visit),
    type: nameType(visit.item),
    receiveCount: visit.receiveCount,
    durationMs: clock.now() - visit.startedAt,
    sinceAcceptedMs: clock.now() - visit.envelope.receivedAt,
    ...fields,
  });
}
