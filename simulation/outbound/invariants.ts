// What must be true after every run of the way back: O1 every acknowledged reply reaches the customer whole, or Genesys
// knows that it may not have; O2 the customer gets replies in the order in which they were accepted; O3 nothing is posted
// again that may have been sent; O4 what Genesys is told agrees with itself and with what happened; O5 everything comes to
// rest; O6 nothing goes out after the window has closed.
import { isClaimCheck } from '../../lambdas/core/model/envelope.ts';
import type { LedgerRecord, LedgerStatus } from '../../lambdas/core/model/ledger-record.ts';
import { outboundKey } from '../../lambdas/core/model/ledger-record.ts';
import { parseOutboundBody } from '../../lambdas/core/model/outbound-body.ts';
import { serviceWindowMs } from '../../lambdas/core/policy/service-window.ts';
import { numberId, redelivery, startAt } from '../settings.ts';
import { statusWaitMs } from './ports.ts';
import type { SentReply } from './scenario.ts';
import type { OutboundOutcome } from './world.ts';

const ends: ReadonlySet<LedgerStatus> = new Set(['DELIVERED', 'FAILED', 'EXPIRED']);
/** Claims without any outcome that make a reply poison. */
const crashesUntilPoison = 3;

/** Every broken invariant in words; empty when the run was right. */
export function judgeOutbound(outcome: OutboundOutcome): string[] {
  const order = readAcceptedReplies(outcome);
  const accepted = new Set(order.map(({ id }) => id));
  return [
    ...outcome.wrongMoves.map((move) => `O4 ${move}`),
    ...judgeRest(outcome),
    ...[...outcome.acknowledged]
      .filter((id) => !accepted.has(id))
      .map((id) => `O1 ${id} was acknowledged and never queued`),
    ...order.flatMap((reply) => judgeReply(reply, outcome)),
    ...judgeOrder(order, outcome),
    ...judgePosts(outcome),
    ...judgeInvitations(outcome),
  ];
}

/** Nothing is left anywhere. */
function judgeRest(outcome: OutboundOutcome): string[] {
  const { queue, deadLetters, receiptsQueue, directory, park, ledger, machine } = outcome;
  const violations: string[] = [];
  for (const [name, { messages }] of Object.entries({ queue, deadLetters, receiptsQueue }))
    if (messages.length > 0) violations.push(`O5 ${messages.length} messages are left in ${name}`);
  if (queue.deadLetters.length > 0 && (outcome.scenario.breakdowns ?? []).length === 0)
    violations.push(`O1 ${queue.deadLetters.length} healthy replies are dead letters`);
  if (receiptsQueue.deadLetters.length > 0) violations.push('O1 statuses are dead letters');
  for (const { customerId, fences } of directory.profiles.values())
    if (fences?.out.state === 'parked') violations.push(`O5 the fence of ${customerId} is still closed`);
  for (const items of park.places.values())
    for (const { key } of items.values()) {
      // A crash may leave an item behind an open fence; it holds up nobody, and the next drain takes it out.
      const { status = 'INFLIGHT' } = ledger.records.get(key) ?? {};
      if (!ends.has(status)) violations.push(`O5 ${key} is ${status} and still in the park`);
    }
  for (const [name, state] of machine.executions)
    if (state === 'running') violations.push(`O5 execution ${name} still runs`);
  return violations;
}

function judgeReply(reply: SentReply, outcome: OutboundOutcome): string[] {
  const { id, parts } = reply;
  const record = outcome.ledger.records.get(outboundKey(numberId, id));
  if (!record) return [`O1 ${id} has no record`];
  const { status } = record;
  if (!ends.has(status)) return [`O5 ${id} ends as ${status}`];
  const taken = new Set(outcome.whatsapp.taken.map(({ tag }) => tag));
  const isWhole = tagsOf(reply).every((tag) => taken.has(tag));
  const violations = judgeReceipts(reply, record, isWhole, outcome);
  if (status === 'DELIVERED' && !isWhole)
    violations.push(`O1 ${id} is DELIVERED and WhatsApp did not take all of its ${parts} parts`);
  if (status !== 'DELIVERED') violations.push(...judgeReason(reply, record, outcome));
  return violations;
}

/** What Genesys took of receipts of this reply. */
function judgeReceipts(
  { id, parts }: SentReply,
  { status, sending }: LedgerRecord,
  isWhole: boolean,
  outcome: OutboundOutcome,
): string[] {
  const { genesys, acknowledgedStatuses } = outcome;
  const told = genesys.receipts.filter(({ genesysId }) => genesysId === id).map((receipt) => receipt.status);
  const violations: string[] = [];
  if (new Set(told).size > 1) violations.push(`O4 Genesys was told both Delivered and Failed of ${id}`);
  if (told.length > (sending?.receiptAttempts ?? 0))
    violations.push(`O4 Genesys was told of ${id} more often than anybody knows`);
  const arrived = acknowledgedStatuses.filter(({ tag, name }) => isOf(tag, id) && arrivals.has(name));
  const hasArrived = new Set(arrived.map(({ tag }) => tag)).size === parts;
  if (told.includes('Delivered') && !hasArrived)
    violations.push(`O4 Genesys was told Delivered of ${id}, which nobody said had arrived`);
  // A status that comes while the reply is given up is the better truth, and then it is what Genesys was told.
  const isToldBetter = told.includes('Delivered') && isWhole;
  if (status !== 'DELIVERED' && !told.includes('Failed') && !isToldBetter)
    violations.push(`O1 ${id} is ${status} and Genesys was not told`);
  const isLost = acknowledgedStatuses.some(({ tag, name }) => isOf(tag, id) && name === 'failed');
  if (status === 'DELIVERED' && told.includes('Failed') && !isLost && !mayBeUnknown(outcome))
    violations.push(`O4 Genesys was told Failed of ${id}, which went out`);
  if ((hasArrived || isLost) && told.length === 0)
    violations.push(`O1 WhatsApp said what became of ${id}, and Genesys was not told`);
  return violations;
}

const arrivals: ReadonlySet<string> = new Set(['delivered', 'read']);

/** A reply that did not go out must have had a reason not to. */
function judgeReason(
  reply: SentReply,
  { reason = '', sending, firstClaimedAt = 0 }: LedgerRecord,
  outcome: OutboundOutcome,
): string[] {
  const { id, refused } = reply;
  const { scenario, heardOf } = outcome;
  const horizonMs = scenario.horizonMs ?? redelivery.horizonMs;
  const [, detail = ''] = /^\w+:(.*)$/.exec(reason) ?? [];
  const wrong = (what: string) => [`O1 ${id} was given up (${detail}), ${what}`];
  switch (detail) {
    case 'fate-unknown': {
      const heardAt = heardOf.get(`${outboundKey(numberId, id)} ${sending?.partsDone ?? 0}`);
      const waitedUntil = (sending?.triedAt ?? firstClaimedAt) + statusWaitMs;
      if (heardAt !== undefined && heardAt < waitedUntil)
        return wrong('although a status had proven it in time');
      return mayBeUnknown(outcome) ? [] : wrong('although every outcome was known');
    }
    case 'horizon':
      return longestTroubleMs(outcome) < horizonMs / 4
        ? wrong('although nothing kept it from the customer')
        : [];
    case 'poison':
      return countLostOutcomes(outcome) < crashesUntilPoison ? wrong('although it crashed nobody') : [];
    case 'window-closed':
    case 'window-closed-invited':
      return mayBeClosed(reply, outcome) ? [] : wrong('although the window was open');
    case '131026':
      return refused ? [] : wrong('although WhatsApp takes it');
    default:
      return wrong('for no reason known here');
  }
}

/** Whether the window can have been closed at any time from the reply on. */
function mayBeClosed({ customer }: SentReply, { scenario, genesys, whatsapp }: OutboundOutcome): boolean {
  if (scenario.troubles.some(({ trouble }) => trouble === 'closes-window')) return true;
  const lastAt = Math.max(
    ...scenario.heard.filter((heard) => heard.customer === customer).map(({ atMs }) => atMs),
  );
  const endedAt = Math.max(
    startAt,
    ...genesys.receipts.map(({ at }) => at),
    ...whatsapp.posts.map(({ at }) => at),
  );
  return startAt + lastAt + serviceWindowMs <= endedAt || heardLater(customer, scenario.heard);
}

/** Who writes only when the run has begun may have had no window before. */
function heardLater(customer: string, heard: OutboundOutcome['scenario']['heard']): boolean {
  const before = heard.filter((one) => one.customer === customer && one.atMs <= 0);
  return (
    Math.max(Number.NEGATIVE_INFINITY, ...before.map(({ atMs }) => atMs)) + serviceWindowMs < 8 * 3_600_000
  );
}

/** Per customer the parts reached WhatsApp first in the order of acceptance. */
function judgeOrder(order: readonly SentReply[], { whatsapp, queue, scenario }: OutboundOutcome): string[] {
  const couldNotStart = (scenario.breakdowns ?? []).some(({ of }) => of === 'worker');
  const broken = new Set(couldNotStart ? queue.deadLetters.map(({ groupId }) => groupId) : []);
  const firsts = [...new Set(whatsapp.taken.map(({ tag }) => tag))];
  const customers = Map.groupBy(
    order.filter(({ customer }) => !broken.has(`group-${customer}`)),
    ({ customer }) => customer,
  );
  return [...customers].flatMap(([customer, replies]) => {
    const expected = replies.flatMap(tagsOf).filter((tag) => firsts.includes(tag));
    const seen = firsts.filter((tag) => expected.includes(tag));
    if (seen.join() === expected.join()) return [];
    return [`O2 ${customer} was written ${expected.join()} and got ${seen.join()}`];
  });
}

/** A POST that may have had an effect is the last of its part; and none but templates after the window. */
function judgePosts({ whatsapp, scenario }: OutboundOutcome): string[] {
  const violations: string[] = [];
  for (const [tag, posts] of Map.groupBy(whatsapp.posts, (post) => post.tag))
    if (posts.slice(0, -1).some(({ outcome }) => outcome !== 'none'))
      violations.push(`O3 ${tag} was posted again, and may have been sent before`);
  for (const { tag, to, at, isTemplate } of whatsapp.posts) {
    if (scenario.replies.some(({ id, customer }) => isOf(tag, id) && customer !== to))
      violations.push(`O1 ${tag} went to ${to}, who is somebody else`);
    if (isTemplate) continue;
    const isOpen = scenario.heard.some(
      ({ customer, atMs }) =>
        customer === to && startAt + atMs <= at && at < startAt + atMs + serviceWindowMs + slackMs,
    );
    if (!isOpen) violations.push(`O6 ${tag} was posted after the window had closed`);
  }
  return violations;
}

/** A customer is invited to write again once per silence. */
function judgeInvitations({ whatsapp, scenario }: OutboundOutcome): string[] {
  const invitations = Map.groupBy(
    whatsapp.posts.filter(({ isTemplate }) => isTemplate),
    ({ to }) => to,
  );
  return [...invitations]
    .filter(([to, { length }]) => length > scenario.heard.filter(({ customer }) => customer === to).length)
    .map(([to, { length }]) => `O6 ${to} was invited ${length} times`);
}

/** What was looked at in time may be frozen on its way out. */
const slackMs = 400_000;

const isOf = (tag: string, id: string): boolean => tag.startsWith(`${id}.`);

function tagsOf({ id, parts }: SentReply): string[] {
  return Array.from({ length: parts }, (_, part) => `${id}.${part}`);
}

/** Replies in the order of the queue's acceptance, each at its first appearance. */
function readAcceptedReplies({ queue, scenario }: OutboundOutcome): SentReply[] {
  const ids = new Set<string>();
  for (const { body } of queue.accepted) {
    const envelope = parseOutboundBody(body);
    if (!isClaimCheck(envelope)) for (const { id } of envelope.items) ids.add(id);
  }
  return [...ids].flatMap((id) => scenario.replies.find((reply) => reply.id === id) ?? []);
}

function longestTroubleMs({ scenario }: OutboundOutcome): number {
  const { troubles, deskTroubles, breakdowns = [] } = scenario;
  const times = [...troubles, ...deskTroubles, ...breakdowns];
  return Math.max(0, ...times.map(({ fromMs, untilMs }) => untilMs - fromMs));
}

/** What can leave a claim without any outcome: every fault but an answer that comes at the second try. */
function countLostOutcomes({ scenario: { faults, breakdowns = [] } }: OutboundOutcome): number {
  return faults.filter(({ mode }) => mode !== 'lost').length + 3 * breakdowns.length;
}

const definiteTroubles: ReadonlySet<string> = new Set([
  'refuses-connections',
  'rejects-token',
  'rejects-pair-rate',
  'throttles',
  'closes-window',
]);

/** Whether any POST to WhatsApp can have had an effect that nobody learned of. */
function mayBeUnknown({ scenario: { faults, troubles, breakdowns = [] } }: OutboundOutcome): boolean {
  return (
    breakdowns.length > 0 ||
    troubles.some(({ trouble }) => !definiteTroubles.has(trouble)) ||
    faults.some(({ mode, operation }) => mode !== 'lost' || operation === 'whatsapp.send')
  );
}
