// How one message reaches the agent:
// 1. enter the desk's gate; 2. claim the message and touch the customer's profile, side by side;
// 3. stop at duplicates, unknown numbers and identity conflicts, each with its visible end;
// 4. fetch media and look up quotes; 5. check that the lease outlives the POST, then POST once;
// 6. settle, or give the claim back and hold the customer's queue.
// Steps 4 to 6 are in deliver-claimed.ts. The protocol and its reasons: docs/adr/0003-claim-protocol.md.
import { toEchoContent } from '../core/convert/meta/echo-content.ts';
import { toAgentContent } from '../core/convert/meta/from-meta.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import { acceptanceOrder, inboundKey } from '../core/model/ledger-record.ts';
import { defaultCustomerId } from '../core/policy/identity.ts';
import { deliverClaimed } from './deliver-claimed.ts';
import { needsPreparation } from './prepare-content.ts';
import type { DeliverItemPorts, ItemOutcome, Visit } from './visit.ts';
import { again, claimMessage, done, finish, hasTime, report, settleReserveMs } from './visit.ts';

/** How often a conflict is looked at before it is left to a person; every look is one of the record's receives. */
const looksAtConflict = 6;
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
  return deliverClaimed({ visit, owner, leaseUntil, record: claim.value.record, profile }, ports);
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
