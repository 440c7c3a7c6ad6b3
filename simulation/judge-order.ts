// I2: the agent saw each customer's messages in the order of acceptance, and what one replay delivers is in order too.
import { forcedKey, inboundKey } from '../lambdas/core/model/ledger-record.ts';
import type { AcceptedMessage } from './acceptance.ts';
import type { Shown } from './desk.ts';
import { isNotice, replayOf } from './desk.ts';
import { numberId } from './settings.ts';
import type { Outcome } from './world.ts';

/** Whether it is the copy of a message that an operator had delivered again: its place is beside the order of the first. */
export function isForced(shown: Pick<Shown, 'messageId' | 'sentId'>, { ledger }: Pick<Outcome, 'ledger'>) {
  const number = replayOf(shown);
  return number !== undefined && ledger.records.has(forcedKey(inboundKey(numberId, shown.messageId), number));
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
export function judgeOrder(order: readonly AcceptedMessage[], outcome: Outcome): string[] {
  const { desk, held } = outcome;
  const broken = listUnorderedGroups(outcome);
  const asked = order.filter(
    ({ id, groupId }) => !held.has(inboundKey(numberId, id)) && !broken.has(groupId),
  );
  return compareOrders(
    asked,
    desk.shown.filter((shown) => !isForced(shown, outcome)).map(({ messageId }) => messageId),
  );
}

/** What one replay delivers comes in the order of acceptance, with nothing newer in between. */
export function judgeReplays(order: readonly AcceptedMessage[], outcome: Outcome): string[] {
  const { desk, ledger, scenario } = outcome;
  if (scenario.replays?.length !== 1) return [];
  const originals = desk.shown
    .filter((shown) => !isNotice(shown.text) && !isForced(shown, outcome))
    .map(({ messageId }) => messageId);
  const firsts = [...new Set(originals)];
  const replayed = new Set(
    order
      .filter(({ id }) => ledger.records.get(inboundKey(numberId, id))?.replay !== undefined)
      .map(({ id }) => id),
  );
  const customers = Map.groupBy(order, ({ customer }) => customer);
  return [...customers.values()].flatMap((accepted) => {
    const seen = firsts.filter((id) => accepted.some((message) => message.id === id));
    const places = seen.flatMap((id, place) => (replayed.has(id) ? [place] : []));
    const window = seen.slice(places[0] ?? 0, (places.at(-1) ?? -1) + 1);
    return compareOrders(
      accepted.filter(({ id }) => window.includes(id)),
      window,
    );
  });
}

/** The copies of one forced replay are in order among themselves, but for those the ledger had not heard of by then. */
export function judgeForced(order: readonly AcceptedMessage[], outcome: Outcome): string[] {
  const { desk, forcedReplays, forcedCopies } = outcome;
  return [...forcedReplays].flatMap((number) =>
    compareOrders(
      order.filter(({ id }) => forcedCopies.get(forcedKey(inboundKey(numberId, id), number))?.wasKnown),
      desk.shown
        .filter((shown) => replayOf(shown) === number && isForced(shown, outcome))
        .map(({ messageId }) => messageId),
    ),
  );
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
