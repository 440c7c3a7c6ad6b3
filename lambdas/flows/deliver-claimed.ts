// What happens to a message that is ours: fetch what it needs, check that the lease outlives the POST, POST once, and
// write down what came of it.
import { failureNotice } from '../core/convert/meta/from-meta.ts';
import type { BridgeError } from '../core/errors.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import type { DeskAnswer } from '../core/model/desk-message.ts';
import type { LedgerRecord } from '../core/model/ledger-record.ts';
import { isPoison } from '../core/policy/claim.ts';
import { retryDelayMs } from '../core/policy/retry.ts';
import { composeDeskMessage } from './compose-desk-message.ts';
import type { PreparedContent } from './prepare-content.ts';
import { prepareContent } from './prepare-content.ts';
import type { DeliverItemPorts, ItemOutcome, Visit } from './visit.ts';
import { again, claimMessage, done, finish, hasTime, idsOf, report, settleReserveMs } from './visit.ts';

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
    ? deliverClaimed({ ...claimed, owner: next, leaseUntil, record: claim.record }, ports)
    : again;
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
