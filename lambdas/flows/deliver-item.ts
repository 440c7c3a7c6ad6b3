// How one message reaches the agent:
// 1. enter the desk's gate; 2. claim the message and touch the customer's profile, side by side;
// 3. stop at duplicates, unknown numbers and identity conflicts, each with its visible end;
// 4. fetch media and look up quotes; 5. check that the lease outlives the POST, then POST once;
// 6. settle, or give the claim back and hold the customer's queue.
// The protocol and its reasons: docs/adr/0003-claim-protocol.md.
import { toEchoContent } from '../core/convert/meta/echo-content.ts';
import { failureNotice, readMessageType, toAgentContent } from '../core/convert/meta/from-meta.ts';
import type { BridgeError } from '../core/errors.ts';
import type { ShownContent } from '../core/model/agent-content.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import type { DeskAnswer } from '../core/model/desk-message.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import type { LedgerRecord } from '../core/model/ledger-record.ts';
import { acceptanceOrder, inboundKey } from '../core/model/ledger-record.ts';
import type { ClaimDecision } from '../core/policy/claim.ts';
import { decideClaim, isPoison } from '../core/policy/claim.ts';
import { defaultCustomerId } from '../core/policy/identity.ts';
import type { BackoffSettings } from '../core/policy/retry.ts';
import { retryDelayMs } from '../core/policy/retry.ts';
import type {
  AgentDesk,
  Clock,
  DeskGate,
  GateReport,
  MessageLedger,
  Randomness,
  Telemetry,
} from '../core/ports.ts';
import { composeDeskMessage } from './compose-desk-message.ts';
import type { CustomerFinder } from './find-customer.ts';
import type { Isolation } from './isolation.ts';
import type { PrepareContentPorts, PreparedContent } from './prepare-content.ts';
import { needsPreparation, prepareContent, toSnippet } from './prepare-content.ts';

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

interface Visit {
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

interface Claimed {
  visit: Visit;
  owner: string;
  leaseUntil: number;
  record: LedgerRecord;
  profile: CustomerProfile;
}

const done: ItemOutcome = { state: 'done' };
const again: ItemOutcome = { state: 'hold', delayMs: 0 };
/** How often a conflict is looked at before it is left to a person; every look is one of the record's receives. */
const looksAtConflict = 6;
/** Time kept for the write after the POST. */
const settleReserveMs = 1000;

/** @throws BridgeError `store-unavailable` when the fate of the message could not be written. */
export async function deliverItem(
  item: InboundItem,
  index: number,
  envelope: InboundEnvelope,
  record: { sequenceNumber: string; receiveCount: number; deadlineAt: number },
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const isEcho = item.kind === 'echo';
  const content = (isEcho ? toEchoContent : toAgentContent)(item.message, ports.phrases);
  if (content.kind === 'ignored') {
    ports.telemetry.count('MessagesIgnored');
    return done;
  }
  const known = isEcho ? await ports.customers.peek(item, envelope) : undefined;
  if (isEcho && (known?.conversationId === undefined || known.parkedAt !== undefined)) {
    // There is nobody at the desk to tell, and an echo is no reason to start a conversation.
    ports.telemetry.count('EchoesUnshown');
    const { correlationId, rawKey } = envelope;
    ports.telemetry.event('echo.unshown', { messageId: item.id, correlationId, rawKey });
    return done;
  }
  const visit: Visit = {
    ...(known === undefined ? {} : { known }),
    item,
    envelope,
    content,
    slow: needsPreparation(content),
    key: inboundKey(envelope.numberId, item.id),
    sequence: acceptanceOrder(record.sequenceNumber, index),
    receiveCount: record.receiveCount,
    startedAt: ports.clock.now(),
    deadlineAt: record.deadlineAt,
    report: 'unused',
  };
  const needMs =
    ports.timing.postTimeoutMs + settleReserveMs + (visit.slow ? ports.timing.mediaDeadlineMs : 0);
  if (!hasTime(visit, needMs, ports)) return again;

  const number = ports.numbers.get(envelope.numberId);
  const willPost = number !== undefined && !number.suspended;
  if (!willPost) return visitSafely(visit, number, ports);
  const customerKey = `${envelope.numberId}#${defaultCustomerId(item) ?? ''}`;
  const { numberId } = envelope;
  const gateVisit = { numberId, customerKey, deadlineAt: visit.deadlineAt - needMs };
  const place = await ports.gate.enter(gateVisit);
  if (!place.open) return { state: 'hold', delayMs: place.delayMs };
  try {
    return await visitSafely(visit, number, ports);
  } finally {
    await ports.gate.leave(visit.report, gateVisit);
  }
}

/** A message that was there when a worker crashed may be why: it is visited again with nothing beside it. */
async function visitSafely(
  visit: Visit,
  number: { suspended: boolean } | undefined,
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const outcome = await ports.isolation.beside(() => visitItem(visit, number, false, ports));
  if (outcome !== 'suspect') return outcome;
  return ports.isolation.alone(async () => {
    const alone = await visitItem(visit, number, true, ports);
    return alone === 'suspect' ? again : alone;
  });
}

async function visitItem(
  visit: Visit,
  number: { suspended: boolean } | undefined,
  isAlone: boolean,
  ports: DeliverItemPorts,
): Promise<ItemOutcome | 'suspect'> {
  const { item, envelope } = visit;
  const owner = ports.randomness.nextId();
  const leaseMs = ports.timing.leaseMs + (visit.slow ? ports.timing.mediaDeadlineMs : 0);
  const leaseUntil = ports.clock.now() + leaseMs;
  const willTry = number !== undefined && !number.suspended && !visit.slow;
  const [claim, found] = await Promise.allSettled([
    claimMessage(visit, owner, leaseUntil, willTry, ports),
    visit.known
      ? ({ state: 'found', profile: visit.known } as const)
      : ports.customers.find(item, envelope, owner),
  ]);
  if (claim.status === 'rejected') throw claim.reason;
  if (claim.value.state === 'busy') {
    return { state: 'hold', delayMs: Math.max(claim.value.until - ports.clock.now(), 0) };
  }
  if (claim.value.state === 'settled') {
    ports.telemetry.count('MessagesDuplicate');
    report('message.duplicate', visit, { status: claim.value.record.status }, ports);
    return done;
  }
  if (claim.value.record.crashes > 0 && !isAlone) {
    await ports.ledger.release(visit.key, owner, { keepTried: false });
    return 'suspect';
  }
  const end = { visit, owner, customer: defaultCustomerId(item) ?? '' };
  if (found.status === 'rejected') {
    await ports.ledger.release(visit.key, owner, { keepTried: false });
    throw found.reason;
  }
  if (!number) return finish(end, 'QUARANTINED', 'unknown-number', ports);
  if (found.value.state === 'identity-conflict') return endConflict(end, found.value.since, ports);
  if (found.value.state !== 'found') return finish(end, 'QUARANTINED', found.value.state, ports);
  const { profile } = found.value;
  if (number.suspended)
    return finish({ ...end, customer: profile.customerId }, 'HELD', 'number-suspended', ports);
  return deliver({ visit, owner, leaseUntil, record: claim.value.record, profile }, ports);
}

/**
 * WhatsApp's own word on a change of ids travels in another message group and may come later: a conflict waits for it a
 * while before it is left to a person, with every later message of the same sender behind it.
 */
async function endConflict(
  end: { visit: Visit; owner: string; customer: string },
  since: number,
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const { visit, owner } = end;
  const { holdMs } = ports.timing;
  const leftMs = since + holdMs - ports.clock.now();
  const isFinal = leftMs <= 0 && (await ports.customers.park(visit.item, visit.envelope));
  if (isFinal) {
    ports.telemetry.count('IdentityConflicts');
    return finish(end, 'QUARANTINED', 'identity-conflict', ports);
  }
  await ports.ledger.release(visit.key, owner, { keepTried: false });
  const delayMs = Math.max(0, Math.min(leftMs, holdMs / looksAtConflict));
  report('message.in-conflict', visit, { delayMs }, ports);
  return { state: 'hold', delayMs };
}

function hasTime({ deadlineAt }: Visit, needMs: number, { clock }: DeliverItemPorts): boolean {
  return deadlineAt - clock.now() >= needMs;
}

async function claimMessage(
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

async function deliver(claimed: Claimed, ports: DeliverItemPorts): Promise<ItemOutcome> {
  const { visit, owner, record, profile } = claimed;
  const { telemetry, timing, clock, ledger } = ports;
  const notice = noticeFor(record, ports);
  const prepared: PreparedContent =
    notice === undefined ? await prepare(claimed, ports) : { text: notice, placeholder: false };
  if (visit.slow) {
    const now = clock.now();
    const leaseUntil = now + timing.leaseMs;
    const work = { now, leaseUntil, ...(prepared.media === undefined ? {} : { media: prepared.media }) };
    if (!(await ledger.begin(visit.key, owner, work))) return again;
    claimed.leaseUntil = leaseUntil;
  }
  if (
    claimed.leaseUntil - clock.now() < timing.postTimeoutMs ||
    !hasTime(visit, timing.postTimeoutMs + settleReserveMs, ports)
  ) {
    await ledger.release(visit.key, owner, { keepTried: false });
    return again;
  }
  if (record.ambiguous > 0) telemetry.count('DeliveriesAmbiguous');
  const answer = await post(prepared, claimed, ports);
  visit.report = answer.delivered ? 'delivered' : { failure: answer.failure };
  if (answer.delivered) {
    if (notice === undefined) return settle(claimed, prepared, answer, ports);
    return finish(
      { visit, owner, customer: profile.customerId },
      'FAILED',
      record.refusal ?? 'poison',
      ports,
    );
  }
  const { failure, effect } = answer;
  telemetry.count(`DeskFailures.${failure.kind}`);
  if (failure.next === 'fail-visibly') return failVisibly(claimed, failure, notice !== undefined, ports);

  await ledger.release(visit.key, owner, { keepTried: effect === 'unknown' });
  const delayMs = retryDelayMs(failure, record.attempts, timing, ports.randomness.next());
  telemetry.problem('message.delayed', failure, {
    ...idsOf(visit),
    effect,
    delayMs,
    attempts: record.attempts,
  });
  return { state: 'hold', delayMs };
}

/** Whatever hinders the preparation, nothing was posted: the claim goes back as it was. */
async function prepare({ visit, owner, record }: Claimed, ports: DeliverItemPorts): Promise<PreparedContent> {
  const { item, envelope, content } = visit;
  const deadlineAt = visit.startedAt + ports.timing.mediaDeadlineMs;
  try {
    return await prepareContent({ content, item, envelope, record, deadlineAt }, ports);
  } catch (error) {
    await ports.ledger.release(visit.key, owner, { keepTried: false });
    throw error;
  }
}
/** Text that replaces a message which was refused for good, or which keeps crashing the worker. */
function noticeFor(record: LedgerRecord, { phrases }: DeliverItemPorts): string | undefined {
  if (record.refusal !== undefined) return failureNotice('refused', phrases);
  return isPoison(record) ? failureNotice('poison', phrases) : undefined;
}

/** The reader is told, under a claim of its own, before the ledger says FAILED. */
async function failVisibly(
  claimed: Claimed,
  failure: BridgeError,
  wasNotice: boolean,
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const { visit, owner, profile } = claimed;
  const refusal = `${failure.kind}:${failure.details.code ?? failure.details.status ?? 'unknown'}`;
  ports.telemetry.problem('message.refused', failure, idsOf(visit));
  if (wasNotice) return finish({ visit, owner, customer: profile.customerId }, 'FAILED', refusal, ports);
  await ports.ledger.release(visit.key, owner, { keepTried: false, refusal });
  const next = ports.randomness.nextId();
  const leaseUntil = ports.clock.now() + ports.timing.leaseMs;
  const claim = await claimMessage(visit, next, leaseUntil, true, ports);
  return claim.state === 'mine'
    ? deliver({ ...claimed, owner: next, leaseUntil, record: claim.record }, ports)
    : again;
}

async function finish(
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

function post(
  prepared: PreparedContent,
  { visit, profile }: Claimed,
  { desk, clock, timing }: DeliverItemPorts,
): Promise<DeskAnswer> {
  const { item, envelope, content } = visit;
  const message = composeDeskMessage(item, envelope, content, prepared, profile);
  return desk.deliver(envelope.numberId, message, clock.now() + timing.postTimeoutMs);
}

async function settle(
  { visit, owner, profile, record }: Claimed,
  { placeholder }: PreparedContent,
  { genesysId, conversationId }: Extract<DeskAnswer, { delivered: true }>,
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const ids = {
    ...(genesysId === undefined ? {} : { genesysId }),
    ...(conversationId === undefined ? {} : { conversationId }),
  };
  await Promise.all([
    ports.ledger.settle(visit.key, owner, {
      customer: profile.customerId,
      at: ports.clock.now(),
      placeholder,
      ...ids,
    }),
    ports.customers.learnConversation(visit.envelope.numberId, profile, conversationId),
  ]);
  ports.telemetry.count(placeholder ? 'PlaceholdersDelivered' : 'MessagesDelivered');
  const { attempts, ambiguous } = record;
  report(
    'message.delivered',
    visit,
    { ...ids, placeholder, attempts, ambiguous, isNewCustomer: profile.isNew },
    ports,
  );
  return done;
}

function idsOf({ item, envelope, sequence }: Visit) {
  return { messageId: item.id, correlationId: envelope.correlationId, rawKey: envelope.rawKey, sequence };
}

/** The one wide line per message: ids, type, attempts and times, nothing of its content. */
function report(
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
