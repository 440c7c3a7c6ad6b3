// Schedules made for what chance meets too rarely. They stay in the suite, each with the rule that it watches.
import type { Scenario } from './scenario.ts';

/**
 * The repetition of a lost release comes when another invocation has the claim, and that one dies after its effect:
 * were the release not bound to its own claim, the third visit would show the message again and say nothing of it.
 */
function makeLateReleaseScenario(): Scenario {
  return {
    seed: 1,
    postings: [{ atMs: 0, messages: [{ id: 'w1', customer: '441', text: 'hello' }] }],
    outages: [
      { fromMs: 0, untilMs: 1000, trouble: 'refuses-connections' },
      { fromMs: 140_000, untilMs: 170_000, trouble: 'answers-slowly' },
    ],
    refused: [],
    poison: [],
    deskDedups: false,
    faults: [
      { operation: 'ledger.release', nth: 1, mode: 'echo', lateMs: 155_000 },
      { operation: 'ledger.settle', nth: 1, mode: 'crash-before' },
    ],
  };
}

/**
 * An invocation wants to end the message as held, and is heard only when the number serves again and another one has
 * delivered it: were the end not bound to its own claim, DELIVERED would become HELD.
 */
function makeLateEndScenario(): Scenario {
  return {
    seed: 1,
    postings: [{ atMs: 0, messages: [{ id: 'w1', customer: '441', text: 'hello' }] }],
    outages: [],
    refused: [],
    poison: [],
    deskDedups: false,
    faults: [{ operation: 'ledger.finish', nth: 1, mode: 'freeze', lateMs: 200_000 }],
    suspendedUntilMs: 1000,
  };
}

export const directedScenarios: readonly Scenario[] = [makeLateReleaseScenario(), makeLateEndScenario()];
