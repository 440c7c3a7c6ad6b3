// Schedules of the way back made for what chance meets too rarely. They stay in the suite.
import type { OutboundScenario } from './scenario.ts';
import { aReply, hourMs, makeCalmScenario, makeParkedScenario, minuteMs } from './scenario.ts';

/** What the parking scenario does, with one more reply when the fence is about to open. */
function makeArrival(atMs: number, operation: string, nth: number): OutboundScenario {
  const scenario = makeParkedScenario([{ operation, nth, mode: 'freeze', lateMs: 3000 }]);
  const [first = aReply('g1')] = scenario.replies;
  return { ...scenario, replies: [first, aReply('g3', { atMs })] };
}

/** One device of the customer loses the message, another gets it, while Genesys loses its answers. */
const contradictingStatuses = makeCalmScenario([], {
  replies: [aReply('g1', { statuses: 'fails-on-one-device' })],
  deskTroubles: [{ fromMs: 0, untilMs: 2900, trouble: 'answers-500-after-effect' }],
});

/** The window closed hours ago, and Genesys is away when it is to hear of it. */
const closedWindow = makeCalmScenario([], {
  heard: [{ customer: '44770090001', atMs: -30 * hourMs }],
  replies: [aReply('g1'), aReply('g2', { atMs: 100 }), aReply('g3', { atMs: 20 * minuteMs })],
  deskTroubles: [{ fromMs: 0, untilMs: 5 * minuteMs, trouble: 'refuses-connections' }],
  invites: true,
});

/** The window closes while replies wait for WhatsApp; what the customer writes meanwhile opens it for the later ones. */
const closingWindow = makeCalmScenario([], {
  heard: [
    { customer: '44770090001', atMs: -23.9 * hourMs },
    { customer: '44770090001', atMs: 50 * minuteMs },
  ],
  replies: [aReply('g1'), aReply('g2', { atMs: 60 * minuteMs })],
  troubles: [{ fromMs: 0, untilMs: 30 * minuteMs, trouble: 'refuses-connections' }],
});

/** Nothing is known of a send, its status comes only when it was given up, and Genesys cannot be told meanwhile. */
const provenTooLate = makeCalmScenario([], {
  replies: [aReply('g1', { statuses: 'too-late' }), aReply('g2', { atMs: 1000 })],
  troubles: [{ fromMs: 0, untilMs: 500, trouble: 'loses-answers' }],
  deskTroubles: [{ fromMs: 10 * minuteMs, untilMs: 40 * minuteMs, trouble: 'refuses-connections' }],
});

/** The same, and Genesys has heard of the end, though nobody knows: then the status that it arrived must not be told. */
const toldTooEarly = makeCalmScenario([], {
  replies: [aReply('g1', { statuses: 'too-late' })],
  troubles: [{ fromMs: 0, untilMs: 500, trouble: 'loses-answers' }],
  deskTroubles: [{ fromMs: 14 * minuteMs, untilMs: 20.98 * minuteMs, trouble: 'answers-500-after-effect' }],
});

/** A reply is being given up, and the status that it arrived comes before Genesys is told. */
const arrivedWhileGivenUp = makeCalmScenario(
  [{ operation: 'receipts.claimReceipt', nth: 1, mode: 'freeze', lateMs: 29_000 }],
  {
    replies: [aReply('g1', { statuses: 'delivered-at-last' })],
    repeats: [],
    troubles: [{ fromMs: 0, untilMs: 500, trouble: 'loses-answers' }],
  },
);

/** A reply comes to its horizon right after a send of unknown outcome, whose status is on its way. */
const horizonWhileUnknown: OutboundScenario = {
  ...makeParkedScenario(),
  replies: [aReply('g1', { statuses: 'late' }), aReply('g2', { atMs: 70_000 })],
  troubles: [
    { fromMs: 0, untilMs: 30_000, trouble: 'refuses-connections' },
    { fromMs: 30_000, untilMs: 65_000, trouble: 'loses-answers' },
  ],
  horizonMs: 2 * minuteMs,
};

/** WhatsApp acts on a request when its sender is long gone, and says so by a status alone. */
const actsLateAndCrashes = makeCalmScenario([{ operation: 'ledger.release', nth: 1, mode: 'crash-before' }], {
  troubles: [{ fromMs: 0, untilMs: 500, trouble: 'acts-late' }],
});

/** Tried once, then a dead letter: what the agent wrote meanwhile comes after it. */
const deadLetter = makeCalmScenario([], {
  replies: [aReply('g1'), aReply('g2', { atMs: 46 * minuteMs })],
  repeats: [],
  troubles: [{ fromMs: 0, untilMs: 60 * minuteMs, trouble: 'refuses-connections' }],
  breakdowns: [{ fromMs: 1000, untilMs: 55 * minuteMs, of: 'worker' }],
});

export const directedOutbound: readonly OutboundScenario[] = [
  makeCalmScenario(),
  makeArrival(59_300, 'fences.open', 1),
  makeArrival(58_300, 'park.put', 2),
  makeArrival(58_300, 'fences.touch', 1),
  makeArrival(59_300, 'fences.read', 2),
  contradictingStatuses,
  closedWindow,
  closingWindow,
  provenTooLate,
  toldTooEarly,
  arrivedWhileGivenUp,
  horizonWhileUnknown,
  actsLateAndCrashes,
  deadLetter,
];
