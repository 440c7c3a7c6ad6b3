// What must be true after every run (design: I1 nothing lost, I2 order, I3 no silent duplicate, I4 statuses only move
// forward, I5 everything comes to rest, and one sender per customer).
import { isClaimCheck, parseQueueBody } from '../lambdas/core/model/envelope.ts';
import type { LedgerStatus } from '../lambdas/core/model/ledger-record.ts';
import { inboundKey } from '../lambdas/core/model/ledger-record.ts';
import { isNotice } from './desk.ts';
import { numberId, redelivery } from './settings.ts';
import type { Outcome } from './world.ts';

/** Claims without any outcome that make a message poison. */
const crashesUntilPoison = 3;

const ends: ReadonlySet<LedgerStatus> = new Set(['DELIVERED', 'FAILED', 'EXPIRED', 'HELD']);

/** Trouble that is over sooner cannot make anything wait for the whole horizon. */
const expiringTroubleMs = redelivery.horizonMs / 4;

function longestTroubleMs({ scenario: { outages, breakdowns = [], paced } }: Outcome): number {
  const troubles = [...outages, ...breakdowns, ...(paced ? [paced] : [])];
  return Math.max(0, ...troubles.map(({ fromMs, untilMs }) => untilMs - fromMs));
}

/** Every broken invariant in words; empty when the run was right. */
export function judge(outcome: Outcome): string[] {
  const order = readAcceptanceOrder(outcome);
  return [
    ...outcome.wrongMoves.map((move) => `I4 ${move}`),
    ...judgeRest(outcome),
    ...judgeAcknowledged(order, outcome),
    ...order.flatMap((message) => judgeMessage(message, outcome)),
    ...judgeAmbiguous(outcome),
    ...judgeOrder(order, outcome),
    ...judgeReplays(order, outcome),
    ...judgeSenders(outcome),
  ];
}

/** Nothing is left anywhere: no message, no closed fence, no parked item, no execution. */
function judgeRest({ queue, deadLetters, directory, park, ledger, machine, scenario }: Outcome): string[] {
  const violations: string[] = [];
  if (queue.messages.length > 0) violations.push(`I5 ${queue.messages.length} messages are still queued`);
  if (deadLetters.messages.length > 0)
    violations.push(`I5 ${deadLetters.messages.length} dead letters are left`);
  if (queue.deadLetters.length > 0 && (scenario.breakdowns ?? []).length === 0)
    violations.push(`I1 ${queue.deadLetters.length} healthy messages are dead letters`);
  for (const { customerId, fences } of directory.profiles.values())
    if (fences?.in.state === 'parked') violations.push(`I5 the fence of ${customerId} is still closed`);
  for (const items of park.places.values())
    for (const { key } of items.values()) {
      // A crash may leave an item behind an open fence; it holds up nobody, and the next drain takes it out.
      const { status = 'INFLIGHT' } = ledger.records.get(key) ?? {};
      if (!ends.has(status)) violations.push(`I5 ${key} is ${status} and still in the park`);
    }
  for (const [name, state] of machine.executions)
    if (state === 'running') violations.push(`I5 execution ${name} still runs`);
  return violations;
}

function judgeAcknowledged(order: readonly AcceptedMessage[], { acknowledged }: Outcome): string[] {
  const queued = new Set(order.map(({ id }) => id));
  return [...acknowledged]
    .filter((id) => !queued.has(id))
    .map((id) => `I1 ${id} was acknowledged and never queued`);
}

function judgeMessage({ id }: AcceptedMessage, outcome: Outcome): string[] {
  const { ledger, desk, scenario } = outcome;
  const violations: string[] = [];
  const record = ledger.records.get(inboundKey(numberId, id));
  const shown = desk.shown.filter(({ messageId }) => messageId === id);
  if (!record) return [`I1 ${id} has no record`];
  const { status } = record;
  const mayFail =
    scenario.refused.includes(id) ||
    scenario.poison.includes(id) ||
    countLostOutcomes(outcome) >= crashesUntilPoison;
  if (status === 'FAILED' && !mayFail) violations.push(`I1 ${id} failed although nothing was wrong with it`);
  const isEnd = ['DELIVERED', 'FAILED', 'EXPIRED'].includes(status);
  const isHeld = status === 'HELD' && scenario.suspendedUntilMs !== undefined;
  if (!isEnd && !isHeld) violations.push(`I5 ${id} ends as ${status}`);
  if (shown.length === 0 && !isHeld) violations.push(`I1 ${id} is ${status} and nobody saw anything of it`);
  const originals = shown.filter(({ text }) => !isNotice(text));
  if (status === 'DELIVERED' && originals.length === 0)
    violations.push(`I1 ${id} is DELIVERED and was never shown`);
  if (isHeld && originals.length > 0) violations.push(`I4 ${id} was shown and is HELD`);
  if (status === 'EXPIRED' && longestTroubleMs(outcome) < expiringTroubleMs)
    violations.push(`I1 ${id} expired although nothing kept it from the agent`);
  if (originals.length > 1 && record.ambiguous === 0)
    violations.push(`I3 ${id} was shown ${originals.length} times and is not ambiguous`);
  return violations;
}

function judgeAmbiguous(outcome: Outcome): string[] {
  if (!nothingUnknown(outcome)) return [];
  return [...outcome.ledger.records.values()]
    .filter(({ ambiguous }) => ambiguous > 0)
    .map(({ messageId }) => `I3 ${messageId} is ambiguous although every outcome was known`);
}

interface AcceptedMessage {
  id: string;
  customer: string;
  groupId: string;
}

/** Items in the order of the queue's acceptance, each at its first appearance. */
function readAcceptanceOrder({ queue }: Outcome): AcceptedMessage[] {
  const seen = new Map<string, AcceptedMessage>();
  for (const { body, groupId } of queue.accepted) {
    const envelope = parseQueueBody(body);
    if (isClaimCheck(envelope)) continue;
    for (const { id, phone = '' } of envelope.items)
      if (!seen.has(id)) seen.set(id, { id, customer: phone, groupId });
  }
  return [...seen.values()];
}

/**
 * Groups of customers whose message died while no worker could even start: when one starts again in the very moment in
 * which SQS moves the message, the next one is received in that moment too, and nobody knows yet that one is missing.
 */
export function listUnorderedGroups({ queue, scenario }: Outcome): Set<string> {
  const couldNotStart =
    !scenario.keepsOrderThroughBreakdown && (scenario.breakdowns ?? []).some(({ of }) => of === 'worker');
  return new Set(couldNotStart ? queue.deadLetters.map(({ groupId }) => groupId) : []);
}

/** What was held is told to nobody at its time, so its place is not asked for. */
function judgeOrder(order: readonly AcceptedMessage[], outcome: Outcome): string[] {
  const { desk, held } = outcome;
  const broken = listUnorderedGroups(outcome);
  const asked = order.filter(
    ({ id, groupId }) => !held.has(inboundKey(numberId, id)) && !broken.has(groupId),
  );
  return compareOrders(
    asked,
    desk.shown.map(({ messageId }) => messageId),
  );
}

/**
 * What a replay says it has parked was opened anew; what one replay delivers comes in the order of acceptance, with
 * nothing newer in between.
 */
function judgeReplays(order: readonly AcceptedMessage[], outcome: Outcome): string[] {
  const { desk, ledger, scenario, parkedByReplay } = outcome;
  const forgotten = [...parkedByReplay]
    .filter((key) => ledger.records.get(key)?.replay === undefined)
    .map((key) => `I1 ${key} was replayed and never taken up`);
  if (scenario.replays?.length !== 1) return forgotten;
  const originals = desk.shown.filter(({ text }) => !isNotice(text)).map(({ messageId }) => messageId);
  const firsts = [...new Set(originals)];
  const replayed = new Set(
    order
      .filter(({ id }) => ledger.records.get(inboundKey(numberId, id))?.replay !== undefined)
      .map(({ id }) => id),
  );
  const customers = Map.groupBy(order, ({ customer }) => customer);
  return [
    ...forgotten,
    ...[...customers.values()].flatMap((accepted) => {
      const seen = firsts.filter((id) => accepted.some((message) => message.id === id));
      const places = seen.flatMap((id, place) => (replayed.has(id) ? [place] : []));
      const window = seen.slice(places[0] ?? 0, (places.at(-1) ?? -1) + 1);
      return compareOrders(
        accepted.filter(({ id }) => window.includes(id)),
        window,
      );
    }),
  ];
}

function compareOrders(order: readonly AcceptedMessage[], shown: readonly string[]): string[] {
  const violations: string[] = [];
  const firsts = [...new Set(shown)];
  for (const customer of new Set(order.map((message) => message.customer))) {
    const accepted = order.filter((message) => message.customer === customer).map(({ id }) => id);
    const seen = firsts.filter((id) => accepted.includes(id));
    const expected = accepted.filter((id) => firsts.includes(id));
    if (seen.join() !== expected.join())
      violations.push(`I2 customer ${customer} wrote ${expected.join()} and the agent saw ${seen.join()}`);
  }
  return violations;
}

/** The agent must not see one customer as two. */
function judgeSenders({ desk, scenario }: Outcome): string[] {
  const customers = new Map(
    scenario.postings.flatMap(({ messages }) => messages.map(({ id, customer }) => [id, customer])),
  );
  return desk.shown
    .filter(({ messageId, fromId }) => customers.get(messageId) !== fromId)
    .map(({ messageId, fromId }) => `${messageId} was shown as coming from ${fromId}`);
}

/**
 * What can leave a claim without any outcome: every fault but an answer that comes at the second try, and being there
 * when a poisonous message crashes the worker for the first time.
 */
function countLostOutcomes({ scenario }: Outcome): number {
  const { faults, poison, breakdowns = [] } = scenario;
  return faults.filter(({ mode }) => mode !== 'lost').length + poison.length + breakdowns.length;
}

/** True when no request to the desk can have had an effect that nobody learned of. */
function nothingUnknown({ scenario }: Outcome): boolean {
  const { faults, outages, poison, breakdowns = [] } = scenario;
  const known = ['refuses-connections', 'throttles', 'answers-slowly'];
  return (
    poison.length === 0 &&
    breakdowns.length === 0 &&
    outages.every(({ trouble }) => known.includes(trouble)) &&
    faults.every(({ operation, mode }) => mode === 'lost' && operation !== 'desk.deliver')
  );
}
