// What must be true after every run (design: I1 nothing lost, I2 order, I3 no silent duplicate, I4 statuses only move
// forward, I5 everything comes to rest, and one sender per customer).
import { isClaimCheck, parseQueueBody } from '../lambdas/core/model/envelope.ts';
import { inboundKey } from '../lambdas/core/model/ledger-record.ts';
import { isNotice } from './desk.ts';
import { numberId } from './settings.ts';
import type { Outcome } from './world.ts';

/** Claims without any outcome that make a message poison. */
const crashesUntilPoison = 3;

/** Every broken invariant in words; empty when the run was right. */
export function judge(outcome: Outcome): string[] {
  const { ledger, queue, desk, acknowledged, scenario, wrongMoves } = outcome;
  const violations: string[] = wrongMoves.map((move) => `I4 ${move}`);
  const order = readAcceptanceOrder(outcome);
  for (const id of acknowledged)
    if (!order.some((message) => message.id === id))
      violations.push(`I1 ${id} was acknowledged and never queued`);
  if (queue.messages.length > 0) violations.push(`I5 ${queue.messages.length} messages are still queued`);
  if (queue.deadLetters.length > 0)
    violations.push(`I1 ${queue.deadLetters.length} healthy messages are dead letters`);

  for (const { id } of order) {
    const record = ledger.records.get(inboundKey(numberId, id));
    const shown = desk.shown.filter(({ messageId }) => messageId === id);
    if (!record) {
      violations.push(`I1 ${id} has no record`);
      continue;
    }
    const mayFail =
      scenario.refused.includes(id) ||
      scenario.poison.includes(id) ||
      countLostOutcomes(outcome) >= crashesUntilPoison;
    if (record.status === 'FAILED' && !mayFail)
      violations.push(`I1 ${id} failed although nothing was wrong with it`);
    if (record.status !== 'DELIVERED' && record.status !== 'FAILED')
      violations.push(`I5 ${id} ends as ${record.status}`);
    if (shown.length === 0) violations.push(`I1 ${id} is ${record.status} and nobody saw anything of it`);
    const originals = shown.filter(({ text }) => !isNotice(text));
    if (record.status === 'DELIVERED' && originals.length === 0)
      violations.push(`I1 ${id} is DELIVERED and was never shown`);
    if (originals.length > 1 && record.ambiguous === 0)
      violations.push(`I3 ${id} was shown ${originals.length} times and is not ambiguous`);
  }
  if (nothingUnknown(outcome)) {
    for (const { messageId, ambiguous } of ledger.records.values()) {
      if (ambiguous > 0) violations.push(`I3 ${messageId} is ambiguous although every outcome was known`);
    }
  }
  return [...violations, ...judgeOrder(order, outcome), ...judgeSenders(outcome)];
}

interface AcceptedMessage {
  id: string;
  customer: string;
}

/** Items in the order of the queue's acceptance, each at its first appearance. */
function readAcceptanceOrder({ queue }: Outcome): AcceptedMessage[] {
  const seen = new Map<string, AcceptedMessage>();
  for (const { body } of queue.accepted) {
    const envelope = parseQueueBody(body);
    if (isClaimCheck(envelope)) continue;
    for (const { id, phone = '' } of envelope.items) if (!seen.has(id)) seen.set(id, { id, customer: phone });
  }
  return [...seen.values()];
}

function judgeOrder(order: readonly AcceptedMessage[], { desk }: Outcome): string[] {
  const violations: string[] = [];
  for (const customer of new Set(order.map((message) => message.customer))) {
    const accepted = order.filter((message) => message.customer === customer).map(({ id }) => id);
    const firsts = [...new Set(desk.shown.map(({ messageId }) => messageId))].filter((id) =>
      accepted.includes(id),
    );
    const expected = accepted.filter((id) => firsts.includes(id));
    if (firsts.join() !== expected.join())
      violations.push(`I2 customer ${customer} wrote ${expected.join()} and the agent saw ${firsts.join()}`);
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
  return scenario.faults.filter(({ mode }) => mode !== 'lost').length + scenario.poison.length;
}

/** True when no request to the desk can have had an effect that nobody learned of. */
function nothingUnknown({ scenario }: Outcome): boolean {
  const { faults, outages, poison } = scenario;
  const known = ['refuses-connections', 'throttles', 'answers-slowly'];
  return (
    poison.length === 0 &&
    outages.every(({ trouble }) => known.includes(trouble)) &&
    faults.every(({ operation, mode }) => mode === 'lost' && operation !== 'desk.deliver')
  );
}
