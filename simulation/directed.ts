// Schedules made for what chance meets too rarely. They stay in the suite, each with the rule that it watches.
import type { Fault } from './faults.ts';
import type { Scenario, SentMessage } from './scenario.ts';
import { makeParkingScenario } from './scenario.ts';

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

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

function say(id: string, customer = '441'): SentMessage {
  return { id, customer, text: 'hello' };
}

const calm: Omit<Scenario, 'postings'> = {
  seed: 1,
  outages: [],
  refused: [],
  poison: [],
  deskDedups: false,
  faults: [],
};

/** What the parking scenario does, with one more message when the fence is about to open. */
function makeArrival(atMs: number, fault: Fault): Scenario {
  const { postings, ...scenario } = makeParkingScenario([fault]);
  const [first = { atMs: 0, messages: [] }] = postings;
  return { ...scenario, postings: [first, { atMs, messages: [say('w3')] }] };
}

/** Between the list that was empty and the opening: without the version it would be left behind an open fence. */
const arrivalBeforeOpening = makeArrival(59_300, {
  operation: 'fences.open',
  nth: 1,
  mode: 'freeze',
  lateMs: 3000,
});

/** It has seen the fence closed, and comes to the park when the fence is open. */
const arrivalAfterOpening = makeArrival(58_300, {
  operation: 'park.put',
  nth: 3,
  mode: 'freeze',
  lateMs: 3000,
});

/** The same, so slowly that the whole drain fits in between: a fence touched before would have told it nothing. */
const slowArrival = makeArrival(50_000, { operation: 'park.put', nth: 3, mode: 'freeze', lateMs: 29_000 });

/** As before, and the fence says that it has been opened. */
const touchAfterOpening = makeArrival(58_300, {
  operation: 'fences.touch',
  nth: 2,
  mode: 'freeze',
  lateMs: 3000,
});

/** Between an empty list and the version, were they read in that order. */
const arrivalBeforeReading = makeArrival(59_300, {
  operation: 'fences.read',
  nth: 2,
  mode: 'freeze',
  lateMs: 3000,
});

/** A drain that wants to open comes back when the fence was opened, closed again, and changed as often as before. */
const zombieOpening: Scenario = {
  ...makeParkingScenario([{ operation: 'fences.open', nth: 1, mode: 'freeze', lateMs: 500_000 }]),
  postings: [
    { atMs: 0, messages: [say('w1')] },
    { atMs: 100, messages: [say('w2')] },
    { atMs: 400_000, messages: [say('w3')] },
    { atMs: 400_100, messages: [say('w4')] },
  ],
  outages: [
    { fromMs: 0, untilMs: 30_000, trouble: 'refuses-connections' },
    { fromMs: 390_000, untilMs: 60 * minuteMs, trouble: 'refuses-connections' },
  ],
};

/** A message that crashes the worker for good is given up long before its horizon. */
const poison: Scenario = {
  ...calm,
  postings: [{ atMs: 0, messages: [say('w1'), say('w2')] }],
  poison: ['w1'],
};

/** A chunk of a replay is carried out again when its first messages have been delivered. */
const replayedTwice: Scenario = {
  ...calm,
  postings: [{ atMs: 0, messages: [say('w1')] }],
  suspendedUntilMs: 10_000,
  replays: [{ atMs: 20_000 }],
  faults: [{ operation: 'archive.put', nth: 3, mode: 'error' }],
};

/** Sent away for the sake of the pace until its receives run out: no reason to become a dead letter. */
const pacedForLong: Scenario = {
  ...calm,
  postings: [{ atMs: 0, messages: [say('w1')] }],
  paced: { fromMs: 0, untilMs: 20 * minuteMs },
};

/** Genesys answers nothing about one customer; the other one writes meanwhile. */
const singleTrouble: Scenario = {
  ...calm,
  postings: [
    { atMs: 0, messages: [say('w1'), say('w2', '442')] },
    { atMs: 10_000, messages: [say('w3', '442'), say('w4')] },
  ],
  outages: [{ fromMs: 0, untilMs: 5 * minuteMs, trouble: 'answers-500', customer: '441' }],
};

/** What was delivered is delivered once more, since an operator says so. */
const forcedReplay: Scenario = {
  ...calm,
  postings: [{ atMs: 0, messages: [say('w1'), say('w2')] }],
  replays: [{ atMs: 20_000, raw: true, forced: true }],
};

/** More attempts than an execution has room for: it hands over to another one. */
const throttledForLong: Scenario = {
  ...calm,
  postings: [{ atMs: 0, messages: [say('w1'), say('w2')] }],
  outages: [
    { fromMs: 0, untilMs: 10_000, trouble: 'refuses-connections' },
    { fromMs: 10_000, untilMs: 110 * minuteMs, trouble: 'throttles' },
  ],
  holdMs: 1000,
};

/** Delivered, but never deleted, and in the end a dead letter. */
const deliveredDeadLetter: Scenario = {
  ...calm,
  postings: [{ atMs: 0, messages: [say('w1')] }],
  faults: [{ operation: 'queue.delete', nth: 1, mode: 'error' }],
  breakdowns: [{ fromMs: minuteMs, untilMs: 70 * minuteMs, of: 'worker' }],
};

/** Tried once, then dead: what its customer wrote meanwhile comes after it. */
const triedDeadLetter: Scenario = {
  ...calm,
  postings: [
    { atMs: 0, messages: [say('w1')] },
    { atMs: 46 * minuteMs, messages: [say('w2')] },
  ],
  outages: [{ fromMs: 0, untilMs: 60 * minuteMs, trouble: 'refuses-connections' }],
  breakdowns: [{ fromMs: 1000, untilMs: 55 * minuteMs, of: 'worker' }],
  keepsOrderThroughBreakdown: true,
};

/** The same, never tried: nobody knows its SequenceNumber any more. */
const untriedDeadLetter: Scenario = {
  ...triedDeadLetter,
  breakdowns: [{ fromMs: 0, untilMs: 55 * minuteMs, of: 'worker' }],
};

/** The same, and parked only when what came after it waits in the park already. */
const lateDeadLetter: Scenario = {
  ...triedDeadLetter,
  breakdowns: [{ fromMs: 1000, untilMs: 49 * minuteMs, of: 'worker' }],
  faults: [
    { operation: 'park.put', nth: 1, mode: 'crash-before' },
    { operation: 'park.put', nth: 2, mode: 'crash-before' },
  ],
  holdMs: 20_000,
};

/** The head of the park is over the horizon, the next one is an hour old. */
const oldHead: Scenario = {
  ...calm,
  postings: [
    { atMs: 0, messages: [say('w1')] },
    { atMs: 4 * hourMs, messages: [say('w2')] },
  ],
  outages: [{ fromMs: 0, untilMs: 5 * hourMs, trouble: 'refuses-connections' }],
};

/** Two messages were held; the customer writes on while they are replayed. */
const writesDuringReplay: Scenario = {
  ...calm,
  postings: [
    { atMs: 0, messages: [say('w1'), say('w2')] },
    { atMs: 20_500, messages: [say('w3')] },
  ],
  suspendedUntilMs: 10_000,
  replays: [{ atMs: 20_000 }],
};

/** The refusal is told to the agent only after an outage; until then the message has not ended. */
const refusalInOutage: Scenario = {
  ...calm,
  postings: [{ atMs: 0, messages: [say('w1')] }],
  refused: ['w1'],
  faults: [{ operation: 'desk.deliver', nth: 2, mode: 'error' }],
};

export const directedScenarios: readonly Scenario[] = [
  makeLateReleaseScenario(),
  makeLateEndScenario(),
  arrivalBeforeOpening,
  arrivalAfterOpening,
  slowArrival,
  touchAfterOpening,
  arrivalBeforeReading,
  zombieOpening,
  poison,
  replayedTwice,
  pacedForLong,
  deliveredDeadLetter,
  triedDeadLetter,
  untriedDeadLetter,
  lateDeadLetter,
  oldHead,
  writesDuringReplay,
  refusalInOutage,
  singleTrouble,
  forcedReplay,
  throttledForLong,
];
