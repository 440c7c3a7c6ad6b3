// What must be true after every run (design: I1 nothing lost, I2 order, I3 no silent duplicate, I4 statuses only move
// forward, I5 everything comes to rest, I6 nobody waits for the trouble of somebody else, and one sender per customer).
import type { LedgerStatus } from '../lambdas/core/model/ledger-record.ts';
import { inboundKey } from '../lambdas/core/model/ledger-record.ts';
import type { AcceptedMessage } from './acceptance.ts';
import { readAcceptanceOrder } from './acceptance.ts';
import type { Shown } from './desk.ts';
import { isNotice, replayOf } from './desk.ts';
import { isForced, judgeForced, judgeOrder, judgeReplays } from './judge-order.ts';
import { judgeExpired, judgeUndisturbed } from './judge-waiting.ts';
import { numberId } from './settings.ts';
import type { Outcome } from './world.ts';

/** Claims without any outcome that make a message poison. */
const crashesUntilPoison = 3;

const ends: ReadonlySet<LedgerStatus> = new Set(['DELIVERED', 'FAILED', 'EXPIRED', 'HELD']);

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
    ...judgeForced(order, outcome),
    ...judgeReplayed(outcome),
    ...order.flatMap((message) => judgeExpired(message, outcome, countLostOutcomes(outcome))),
    ...judgeUndisturbed(order, outcome),
    ...judgeSenders(outcome),
  ];
}

/** Nothing is left anywhere: no message, no closed fence, no parked item, no execution. */
function judgeRest(outcome: Outcome): string[] {
  const { queue, deadLetters, directory, park, ledger, machine, scenario } = outcome;
  const violations: string[] = [];
  if (queue.messages.length > 0) violations.push(`I5 ${queue.messages.length} messages are still queued`);
  if (deadLetters.messages.length > 0)
    violations.push(`I5 ${deadLetters.messages.length} dead letters are left`);
  if (queue.deadLetters.length > 0 && (scenario.breakdowns ?? []).length === 0)
    violations.push(`I1 ${queue.deadLetters.length} healthy messages are dead letters`);
  for (const { customerId, fences } of directory.profiles.values())
    if (fences?.in.state === 'parked') violations.push(`I5 the fence of ${customerId} is still closed`);
  for (const items of park.places.values())
    for (const { key, replay } of items.values()) {
      // A crash may leave an item behind an open fence; it holds up nobody, and the next drain takes it out. So does a
      // replay that could not close the fence, and said that it failed.
      const { status = 'INFLIGHT' } = ledger.records.get(key) ?? {};
      const isToldFailed =
        replay !== '' && !outcome.forcedCopies.has(key) && !outcome.parkedByReplay.has(key);
      if (!ends.has(status) && !isToldFailed) violations.push(`I5 ${key} is ${status} and still in the park`);
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
  const shown = outcome.desk.shown.filter((one) => one.messageId === id && !isForced(one, outcome));
  return judgeRecord(inboundKey(numberId, id), id, shown, outcome);
}

/** What a replay says it has parked is taken up; what it forces is delivered as a message of its own. */
function judgeReplayed(outcome: Outcome): string[] {
  const { parkedByReplay, forcedCopies, ledger, desk } = outcome;
  const forgotten = [...parkedByReplay]
    .filter((key) => ledger.records.get(key)?.replay === undefined)
    .map((key) => `I1 ${key} was replayed and never taken up`);
  const copies = [...forcedCopies].flatMap(([key, { id, number }]) => {
    const shown = desk.shown.filter((one) => one.messageId === id && replayOf(one) === number);
    return judgeRecord(key, id, shown, outcome);
  });
  return [...forgotten, ...copies];
}

/** @param shown what the agent saw of it */
function judgeRecord(key: string, id: string, shown: readonly Shown[], outcome: Outcome): string[] {
  const { ledger, scenario } = outcome;
  const violations: string[] = [];
  const record = ledger.records.get(key);
  if (!record) return [`I1 ${key} has no record`];
  const { status } = record;
  const mayFail =
    scenario.refused.includes(id) ||
    scenario.poison.includes(id) ||
    countLostOutcomes(outcome) >= crashesUntilPoison;
  if (status === 'FAILED' && !mayFail) violations.push(`I1 ${key} failed although nothing was wrong with it`);
  const isEnd = ['DELIVERED', 'FAILED', 'EXPIRED'].includes(status);
  const isHeld = status === 'HELD' && scenario.suspendedUntilMs !== undefined;
  if (!isEnd && !isHeld) violations.push(`I5 ${key} ends as ${status}`);
  if (shown.length === 0 && !isHeld) violations.push(`I1 ${key} is ${status} and nobody saw anything of it`);
  const originals = shown.filter(({ text }) => !isNotice(text));
  // A desk that knows the id of the notice takes a request that comes minutes later for a repetition of it.
  const isTakenForNotice =
    scenario.deskDedups &&
    shown.length > 0 &&
    scenario.faults.some(({ operation, mode }) => operation === 'desk.deliver' && mode === 'freeze');
  if (status === 'DELIVERED' && originals.length === 0 && !isTakenForNotice)
    violations.push(`I1 ${key} is DELIVERED and was never shown`);
  // A try of unknown outcome may have been the last before a worker came that still holds the number for suspended.
  if (isHeld && originals.length > 0 && record.ambiguous === 0)
    violations.push(`I4 ${key} was shown and is HELD`);
  if (originals.length > 1 && record.ambiguous === 0)
    violations.push(`I3 ${key} was shown ${originals.length} times and is not ambiguous`);
  return violations;
}

function judgeAmbiguous(outcome: Outcome): string[] {
  if (!nothingUnknown(outcome)) return [];
  return [...outcome.ledger.records.values()]
    .filter(({ ambiguous }) => ambiguous > 0)
    .map(({ messageId }) => `I3 ${messageId} is ambiguous although every outcome was known`);
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
