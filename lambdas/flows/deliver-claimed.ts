// What happens to a message that is ours: fetch what it needs, check that the lease outlives the POST, POST once, and
// write down what came of it.
import { failureNotice } from '../core/convert/meta/from-meta.ts';
import type { BridgeError } from '../core/errors.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import type { DeskAnswer } from '../core/model/desk-message.ts';
import type { LedgerRecord } from '../core/model/ledger-record.ts';
import { isPoison } from '../core/policy/claim.ts';
import { isLongTrouble } from '../core/policy/redelivery.ts';
import { retryDelayMs } from '../core/policy/retry.ts';
import { composeDeskMessage } from './compose-desk-message.ts';
import { parkClaimed, toParked } from './pass-fence.ts';
import type { PreparedContent } from './prepare-content.ts';
import { prepareContent } from './prepare-content.ts';
import type { DeliverItemPorts, ItemOutcome, Visit } from './visit.ts';
import {
  claimMessage,
  comeAgain,
  done,
  finish,
  giveBack,
  hasTime,
  idsOf,
  report,
  settleReserveMs,
} from './visit.ts';

export interface Claimed {
  visit: Visit;
  owner: string;
  leaseUntil: number;
  record: LedgerRecord;
  profile: CustomerProfile;
}

/** @throws BridgeError `store-unavailable` when the fate of the message could not be written. */
export async function deliverClaimed(claimed: Claimed, ports: DeliverItemPorts): Promise<ItemOutcome> {
  const { visit, owner, record, profile } = claimed;
  const { telemetry, timing, clock, ledger } = ports;
  const end = { visit, owner, customer: profile.customerId };
  const notice = noticeFor(claimed, ports);
  const prepared: PreparedContent =
    notice === undefined ? await prepare(claimed, ports) : { text: notice.text, placeholder: false };
  if (visit.slow) {
    const now = clock.now();
    const leaseUntil = now + timing.leaseMs;
    const work = { now, leaseUntil, ...(prepared.media === undefined ? {} : { media: prepared.media }) };
    if (!(await ledger.begin(visit.key, owner, work))) return comeAgain(visit);
    claimed.leaseUntil = leaseUntil;
  }
  if (
    claimed.leaseUntil - clock.now() < timing.postTimeoutMs ||
    !hasTime(visit, timing.postTimeoutMs + settleReserveMs, ports)
  ) {
    await giveBack(end, {}, ports);
    return comeAgain(visit);
  }
  if (record.ambiguous > 0) telemetry.count('DeliveriesAmbiguous');
  const answer = await post(prepared, claimed, ports);
  visit.report = answer.delivered ? 'delivered' : { failure: answer.failure };
  if (answer.delivered)
    return notice
      ? finish(end, notice.status, notice.reason, ports)
      : settle(claimed, prepared, answer, ports);
  telemetry.count(`DeskFailures.${answer.failure.kind}`);
  return answer.failure.next === 'fail-visibly'
    ? failVisibly(claimed, answer.failure, notice, ports)
    : meetTrouble(claimed, answer, ports);
}

/** Short trouble holds the customer's queue; longer trouble sends the message to the park, if it is not there already. */
async function meetTrouble(
  claimed: Claimed,
  { failure, effect }: Extract<DeskAnswer, { delivered: false }>,
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const { visit, owner, record, profile } = claimed;
  const { timing, clock, randomness, telemetry } = ports;
  const keepTried = effect === 'unknown';
  const delayMs = retryDelayMs(failure, record.attempts, timing, randomness.next());
  const fields = { ...idsOf(visit), effect, delayMs, attempts: record.attempts };
  telemetry.problem('message.delayed', failure, fields);
  // Waiting for the provider's allowance is no trouble of the message, however long it takes.
  const isPace = failure.kind === 'throttled';
  const since = record.firstClaimedAt ?? clock.now();
  if (!visit.parked && !isPace && isLongTrouble(since, clock.now(), delayMs, timing.holdMs)) {
    await parkClaimed(claimed, { reason: failure.kind, keepTried }, ports);
    return toParked(profile);
  }
  await giveBack({ visit, owner, customer: profile.customerId }, { keepTried, reason: failure.kind }, ports);
  // The schedule of redelivery has its own delays; only what the provider asked for counts there.
  return comeAgain(visit, visit.parked ? (failure.details.retryAfterMs ?? 0) : delayMs, !isPace);
}

/** Whatever hinders the preparation, nothing was posted: the claim goes back as it was. */
async function prepare(
  { visit, owner, record, profile }: Claimed,
  ports: DeliverItemPorts,
): Promise<PreparedContent> {
  const { item, envelope, content } = visit;
  const deadlineAt = visit.startedAt + ports.timing.mediaDeadlineMs;
  try {
    return await prepareContent({ content, item, envelope, record, deadlineAt }, ports);
  } catch (error) {
    await giveBack({ visit, owner, customer: profile.customerId }, {}, ports);
    throw error;
  }
}

/** What the agent is told in place of a message, and how the message ends once that is done. */
interface Notice {
  text: string;
  status: 'FAILED' | 'EXPIRED';
  reason: string;
}

/** For a message that was refused for good, keeps crashing the worker, or waited longer than it is worth showing. */
function noticeFor({ record, visit }: Claimed, { phrases }: DeliverItemPorts): Notice | undefined {
  const tell = (kind: Parameters<typeof failureNotice>[0], status: Notice['status'], reason: string) => ({
    text: failureNotice(kind, phrases),
    status,
    reason,
  });
  if (record.refusal !== undefined) return tell('refused', 'FAILED', record.refusal);
  if (isPoison(record)) return tell('poison', 'FAILED', 'poison');
  return visit.expired ? tell('expired', 'EXPIRED', 'horizon') : undefined;
}

/** The reader is told, under a claim of its own, before the ledger says FAILED. */
async function failVisibly(
  claimed: Claimed,
  failure: BridgeError,
  notice: Notice | undefined,
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const { visit, owner, profile } = claimed;
  const refusal = `${failure.kind}:${failure.details.code ?? failure.details.status ?? 'unknown'}`;
  ports.telemetry.problem('message.refused', failure, idsOf(visit));
  if (notice) return finish({ visit, owner, customer: profile.customerId }, notice.status, refusal, ports);
  await ports.ledger.release(visit.key, owner, { keepTried: false, refusal });
  const next = ports.randomness.nextId();
  const leaseUntil = ports.clock.now() + ports.timing.leaseMs;
  const claim = await claimMessage(visit, next, leaseUntil, true, ports);
  return claim.state === 'mine'
    ? deliverClaimed({ ...claimed, owner: next, leaseUntil, record: claim.record }, ports)
    : comeAgain(visit);
}

function post(
  prepared: PreparedContent,
  { visit, profile, record }: Claimed,
  { desk, clock, timing }: DeliverItemPorts,
): Promise<DeskAnswer> {
  const { item, envelope, content } = visit;
  const again = envelope.replay?.forced === undefined ? record.replay : envelope.replay.number;
  const message = composeDeskMessage(item, envelope, content, prepared, profile, again);
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
    {
      ...ids,
      ...{ placeholder, attempts, ambiguous },
      ...{ isNewCustomer: profile.isNew, isNewSession: profile.isNewSession },
    },
    ports,
  );
  await leave(visit, profile, conversationId, ports);
  return done;
}

/** What an operator sends again is no wish of the customer's of today. */
async function leave(
  { item, envelope, parked, deadlineAt }: Visit,
  { customerId, conversationId: known }: CustomerProfile,
  conversationId: string | undefined,
  { leaveIfAsked }: DeliverItemPorts,
): Promise<void> {
  const { numberId, correlationId } = envelope;
  if (!leaveIfAsked || envelope.replay || parked?.replay) return;
  const ids = { numberId, customerId, conversationId: conversationId ?? known, correlationId };
  await leaveIfAsked({ item, ...ids, deadlineAt: deadlineAt - settleReserveMs });
}
