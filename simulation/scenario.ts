// What happens in a run, made from a seed: who writes what and when, how often Meta repeats itself, when Genesys is in
// trouble, and which calls fail.
import type { Fault } from './faults.ts';
import { faultModes } from './faults.ts';
import { Random } from './random.ts';

export interface SentMessage {
  id: string;
  customer: string;
  text: string;
}

export interface Posting {
  atMs: number;
  messages: SentMessage[];
}

/** How the desk can be in trouble for a while. */
const troubles = [
  'refuses-connections',
  'answers-500',
  'answers-500-after-effect',
  'throttles',
  'acts-late',
  'answers-slowly',
] as const;
export type Trouble = (typeof troubles)[number];

export interface Outage {
  fromMs: number;
  untilMs: number;
  trouble: Trouble;
}

export interface Scenario {
  seed: number;
  postings: Posting[];
  outages: Outage[];
  /** Messages the desk refuses for good. */
  refused: string[];
  /** Messages that crash the worker whenever it tries to deliver them. */
  poison: string[];
  /** Whether the desk knows a message id it has seen. */
  deskDedups: boolean;
  faults: Fault[];
  /** The operator suspends the number until then. */
  suspendedUntilMs?: number;
}

/** Operations that random faults are drawn from, likelier ones repeated. */
const operations = [
  'ledger.claim',
  'ledger.claim',
  'ledger.settle',
  'ledger.settle',
  'ledger.release',
  'ledger.finish',
  'customers.touch',
  'customers.resolvePhone',
  'customers.learnConversation',
  'desk.deliver',
  'desk.deliver',
  'desk.deliver',
  'queue.visibility',
  'queue.delete',
  'door.send',
  'door.archive',
] as const;

export function makeScenario(seed: number): Scenario {
  const random = new Random(seed);
  const customers = Array.from({ length: random.between(1, 3) }, (_, index) => `44${index + 1}`);
  const messages: SentMessage[] = Array.from({ length: random.between(2, 8) }, (_, index) => ({
    id: `w${index + 1}`,
    customer: customers[random.between(0, customers.length - 1)] ?? '441',
    // Some customers say the same thing twice; that is two messages.
    text: random.chance(0.3) ? 'ok' : `text ${index + 1}`,
  }));
  const postings: Posting[] = [];
  for (let index = 0; index < messages.length; ) {
    const size = random.between(1, 4);
    postings.push({ atMs: random.between(0, 20_000), messages: messages.slice(index, index + size) });
    index += size;
  }
  postings.sort((a, b) => a.atMs - b.atMs);
  return {
    seed,
    postings: [...postings, ...repeatSome(postings, random)],
    outages: makeOutages(random),
    refused: messages.filter(() => random.chance(0.05)).map(({ id }) => id),
    poison: messages.filter(() => random.chance(0.03)).map(({ id }) => id),
    deskDedups: random.chance(0.3),
    faults: Array.from({ length: random.between(0, 5) }, () => ({
      operation: random.pick(operations),
      nth: random.between(1, 12),
      mode: random.pick(faultModes),
      // Around the time the message is visible again, or long after.
      lateMs: random.pick([25_000, 149_000, 151_000, 155_000, 400_000]),
    })),
  };
}

/** Meta sends some webhooks again: at once, past the queue's memory, or days later; whole or in other batches. */
function repeatSome(postings: readonly Posting[], random: Random): Posting[] {
  return postings
    .filter(() => random.chance(0.4))
    .map((posting) => ({
      atMs: posting.atMs + random.pick([10, 1000, 60_000, 400_000, 604_740_000]),
      messages: random.chance(0.5)
        ? posting.messages
        : posting.messages.slice(0, random.between(1, posting.messages.length)),
    }));
}

function makeOutages(random: Random): Outage[] {
  return Array.from({ length: random.between(0, 2) }, () => {
    const fromMs = random.between(0, 25_000);
    return { fromMs, untilMs: fromMs + random.between(1000, 120_000), trouble: random.pick(troubles) };
  });
}

/** A small calm scenario for enumerating faults: two customers, three messages, one of them alone. */
export function makeSmallScenario(faults: readonly Fault[], deskDedups = false): Scenario {
  const [a1, a2, b1] = [
    { id: 'w1', customer: '441', text: 'ok' },
    { id: 'w2', customer: '441', text: 'ok' },
    { id: 'w3', customer: '442', text: 'hello' },
  ];
  return {
    seed: 1,
    postings: [
      { atMs: 0, messages: [a1, b1] },
      { atMs: 100, messages: [a2] },
      { atMs: 400_000, messages: [a1, b1] },
    ],
    outages: [],
    refused: [],
    poison: [],
    deskDedups,
    faults: [...faults],
  };
}

/**
 * The repetition of a lost release comes when another invocation has the claim, and that one dies after its effect:
 * were the release not bound to its own claim, the third visit would show the message again and say nothing of it.
 */
export function makeLateReleaseScenario(): Scenario {
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
export function makeLateEndScenario(): Scenario {
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
