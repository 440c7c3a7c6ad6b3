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

/** What a desk that throttles asks for at least. */
export const shortestRetryMs = 5000;

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
  /** The tenant's circuit opens a little later: nobody tries any more until the outage is over. */
  circuit?: boolean;
  /** Only what this customer writes meets it. */
  customer?: string;
  /** What `throttles` asks everybody to wait; a few seconds when absent. */
  retryAfterMs?: number;
}

/** An operator's order to replay what ended undelivered by then, or everything that is in the archive. */
export interface OrderedReplay {
  atMs: number;
  raw?: boolean;
  /** Delivers again, whatever became of it. */
  forced?: boolean;
}

/** A time in which the stores, or the worker as it was deployed, do not work at all. */
export interface Breakdown {
  fromMs: number;
  untilMs: number;
  of: 'stores' | 'worker';
}

export interface Scenario {
  seed: number;
  postings: Posting[];
  outages: Outage[];
  /** Messages the desk refuses for good. */
  refused: string[];
  /** Messages that crash the worker whenever it tries to deliver them. */
  poison: string[];
  /** From then on nothing is refused and nothing crashes any more; never, when absent. */
  mendedAtMs?: number;
  /** Whether the desk knows a message id it has seen. */
  deskDedups: boolean;
  faults: Fault[];
  /** The operator suspends the number until then. */
  suspendedUntilMs?: number;
  /** How long short trouble keeps a message in the queue, where it is not as usual. */
  holdMs?: number;
  /** Every message is a queue message of its own, however many a webhook brings. */
  splitsWebhooks?: boolean;
  /** The gate sends everybody away for the sake of the pace. */
  paced?: { fromMs: number; untilMs: number };
  replays?: OrderedReplay[];
  breakdowns?: Breakdown[];
  /** Set where no message is received in the moment in which the one before it dies. */
  keepsOrderThroughBreakdown?: boolean;
}

/** Operations that random faults are drawn from, likelier ones repeated. */
const operations = [
  'ledger.claim',
  'ledger.claim',
  'ledger.settle',
  'ledger.settle',
  'ledger.release',
  'ledger.finish',
  'ledger.park',
  'ledger.park',
  'ledger.reopen',
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
  'park.put',
  'park.put',
  'park.list',
  'park.remove',
  'fences.read',
  'fences.close',
  'fences.close',
  'fences.touch',
  'fences.open',
  'fences.open',
  'fences.schedule',
  'fences.restart',
  'fences.listOverdue',
  'handles.remember',
  'runs.start',
  'machine.step',
] as const;

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export function makeScenario(seed: number): Scenario {
  const random = new Random(seed);
  const customers = Array.from({ length: random.between(1, 3) }, (_, index) => `44${index + 1}`);
  const messages: SentMessage[] = Array.from({ length: random.between(2, 8) }, (_, index) => ({
    id: `w${index + 1}`,
    customer: customers[random.between(0, customers.length - 1)] ?? '441',
    // Some customers say the same thing twice; that is two messages.
    text: random.chance(0.3) ? 'ok' : `text ${index + 1}`,
  }));
  // Some write within seconds, some over an hour.
  const spreadMs = random.pick([20_000, 20_000, 3 * minuteMs, hourMs]);
  const postings: Posting[] = [];
  for (let index = 0; index < messages.length; ) {
    const size = random.between(1, 4);
    postings.push({ atMs: random.between(0, spreadMs), messages: messages.slice(index, index + size) });
    index += size;
  }
  postings.sort((a, b) => a.atMs - b.atMs);
  return {
    seed,
    postings: [...postings, ...repeatSome(postings, random)],
    outages: makeOutages(customers, random),
    refused: messages.filter(() => random.chance(0.05)).map(({ id }) => id),
    poison: messages.filter(() => random.chance(0.03)).map(({ id }) => id),
    deskDedups: random.chance(0.3),
    splitsWebhooks: random.chance(0.5),
    faults: Array.from({ length: random.between(0, 5) }, () => ({
      operation: random.pick(operations),
      nth: random.between(1, random.pick([3, 12])),
      mode: random.pick(faultModes),
      // Around the time the message is visible again, or long after.
      lateMs: random.pick([25_000, 149_000, 151_000, 155_000, 400_000]),
    })),
    ...(random.chance(0.5) ? { mendedAtMs: random.between(minuteMs, 10 * minuteMs) } : {}),
    ...(random.chance(0.05) ? { suspendedUntilMs: random.between(1000, 10 * minuteMs) } : {}),
    ...(random.chance(0.05) ? { paced: { fromMs: 0, untilMs: random.between(1000, 20 * minuteMs) } } : {}),
    replays: Array.from({ length: random.chance(0.2) ? random.between(1, 2) : 0 }, () => ({
      atMs: random.between(minuteMs, random.pick([10 * minuteMs, 6 * hourMs])),
      ...(random.chance(0.2) ? { raw: true, forced: true } : { raw: random.chance(0.3) }),
    })),
    breakdowns: random.chance(0.05) ? [makeBreakdown(random)] : [],
  };
}

function makeBreakdown(random: Random): Breakdown {
  const fromMs = random.between(0, 10 * minuteMs);
  const lengthMs = random.between(minuteMs, random.pick([5 * minuteMs, 90 * minuteMs]));
  return { fromMs, untilMs: fromMs + lengthMs, of: random.pick(['stores', 'worker']) };
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

function makeOutages(customers: readonly string[], random: Random): Outage[] {
  return Array.from({ length: random.between(0, 2) }, () => {
    const fromMs = random.between(0, random.pick([25_000, 25_000, 10 * minuteMs]));
    const longestMs = random.pick([2 * minuteMs, 2 * minuteMs, 20 * minuteMs, 8 * hourMs]);
    const untilMs = fromMs + random.between(1000, longestMs);
    const trouble = random.pick(troubles);
    const customer = random.chance(0.2) ? customers[random.between(0, customers.length - 1)] : undefined;
    const whose = customer === undefined ? { circuit: random.chance(0.3) } : { customer };
    const outage = { fromMs, untilMs, trouble, ...whose };
    if (trouble !== 'throttles') return outage;
    // Else hours of it are nothing but thousands of equal attempts.
    return { ...outage, retryAfterMs: Math.max(shortestRetryMs, Math.round((untilMs - fromMs) / 100)) };
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

/** A short outage that parks a customer's messages at once, and one more of them while the fence is being drained. */
export function makeParkingScenario(faults: readonly Fault[], deskDedups = false): Scenario {
  const say = (id: string) => ({ id, customer: '441', text: 'hello' });
  return {
    seed: 1,
    postings: [
      { atMs: 0, messages: [say('w1'), say('w2')] },
      { atMs: 58_460, messages: [say('w3')] },
    ],
    outages: [{ fromMs: 0, untilMs: 30_000, trouble: 'refuses-connections' }],
    refused: [],
    poison: [],
    deskDedups,
    faults: [...faults],
    holdMs: 1000,
  };
}
