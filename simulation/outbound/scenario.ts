// What happens in a run of the way back, made from a seed: which replies agents write, who wrote to us when, when WhatsApp
// and Genesys are in trouble, how statuses come, and which calls fail.
import type { Fault } from '../faults.ts';
import { faultModes } from '../faults.ts';
import { Random } from '../random.ts';
import type { Breakdown } from '../scenario.ts';

/** How the statuses of a message come. `early`: before the answer to its POST. */
export const statusHabits = [
  'prompt',
  'early',
  'late',
  'too-late',
  'delivered-at-last',
  'twice',
  'reversed',
  'never',
  'fails',
  'fails-on-one-device',
] as const;
export type StatusHabit = (typeof statusHabits)[number];

export interface SentReply {
  id: string;
  customer: string;
  atMs: number;
  parts: number;
  statuses: StatusHabit;
  /** WhatsApp refuses it for good. */
  refused?: boolean;
}

/** How WhatsApp can be in trouble for a while. */
export const whatsAppTroubles = [
  'refuses-connections',
  'rejects-token',
  'rejects-pair-rate',
  'throttles',
  'answers-500',
  'answers-500-after-effect',
  'loses-answers',
  'acts-late',
  'closes-window',
] as const;
export type WhatsAppTrouble = (typeof whatsAppTroubles)[number];

/** And Genesys, when it is told what became of a reply. */
export const deskTroubles = [
  'refuses-connections',
  'throttles',
  'answers-500',
  'answers-500-after-effect',
] as const;
export type DeskTrouble = (typeof deskTroubles)[number];

export interface TroubledTime<Trouble> {
  fromMs: number;
  untilMs: number;
  trouble: Trouble;
  /** The circuit opens a little later: nobody tries any more until it is over. */
  circuit?: boolean;
}

export interface OutboundScenario {
  seed: number;
  replies: SentReply[];
  /** Genesys sends the webhook of a reply again. */
  repeats: { id: string; atMs: number }[];
  /** When customers write to us; before the run where it is negative. */
  heard: { customer: string; atMs: number }[];
  troubles: TroubledTime<WhatsAppTrouble>[];
  deskTroubles: TroubledTime<DeskTrouble>[];
  faults: Fault[];
  /** The tenant has a template that invites customers to write again. */
  invites?: boolean;
  breakdowns?: Breakdown[];
  /** How long short trouble keeps a reply in the queue, where it is not as usual. */
  holdMs?: number;
  /** How long a reply is worth sending, where it is not as usual. */
  horizonMs?: number;
}

/** Operations that random faults are drawn from, likelier ones repeated. */
const operations = [
  'ledger.claim',
  'ledger.claim',
  'ledger.settle',
  'ledger.release',
  'ledger.finish',
  'ledger.park',
  'sending.beginPart',
  'sending.beginPart',
  'sending.partSent',
  'sending.partSent',
  'sending.rememberSent',
  'receipts.addStatus',
  'receipts.claimReceipt',
  'receipts.receiptTold',
  'receipts.releaseReceipt',
  'customers.resolveAlias',
  'customers.peek',
  'customers.inviteOnce',
  'files.prepare',
  'whatsapp.send',
  'whatsapp.send',
  'whatsapp.send',
  'whatsapp.mark',
  'genesys.tell',
  'genesys.tell',
  'outbound.visibility',
  'outbound.delete',
  'receipts-queue.delete',
  'queue.delete',
  'door.send',
  'door.archive',
  'meta.send',
  'park.put',
  'park.list',
  'park.remove',
  'fences.read',
  'fences.close',
  'fences.touch',
  'fences.open',
  'fences.schedule',
  'handles.remember',
  'runs.start',
  'machine.step',
] as const;

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

export function makeOutboundScenario(seed: number): OutboundScenario {
  const random = new Random(seed);
  const customers = Array.from({ length: random.between(1, 3) }, (_, index) => `4477009000${index + 1}`);
  const pickCustomer = () => customers[random.between(0, customers.length - 1)] ?? '44770090001';
  const spreadMs = random.pick([20_000, 20_000, 3 * minuteMs, hourMs]);
  const habit = random.chance(0.5) ? random.pick(statusHabits) : undefined;
  const replies = Array.from(
    { length: random.between(2, 7) },
    (_, index): SentReply => ({
      id: `g${index + 1}`,
      customer: pickCustomer(),
      atMs: random.between(0, spreadMs),
      parts: random.pick([1, 1, 1, 2, 3]),
      statuses: habit ?? random.pick(statusHabits),
      ...(random.chance(0.05) ? { refused: true } : {}),
    }),
  );
  return {
    seed,
    replies,
    // Genesys repeats itself soon after, or past the memory of the queue.
    repeats: replies
      .filter(() => random.chance(0.3))
      .map(({ id, atMs }) => ({ id, atMs: atMs + random.pick([10, 19_000, 400_000]) })),
    heard: customers.flatMap((customer) => [
      { customer, atMs: -random.pick([hourMs, hourMs, 23 * hourMs, 23.9 * hourMs, 30 * hourMs]) },
      ...(random.chance(0.3) ? [{ customer, atMs: random.between(1, 120) * minuteMs }] : []),
    ]),
    troubles: makeTroubles(whatsAppTroubles, random),
    deskTroubles: random.chance(0.4) ? makeTroubles(deskTroubles, random) : [],
    faults: Array.from({ length: random.between(0, 5) }, () => ({
      operation: random.pick(operations),
      nth: random.between(1, random.pick([3, 12])),
      mode: random.pick(faultModes),
      lateMs: random.pick([25_000, 149_000, 151_000, 155_000, 400_000]),
    })),
    invites: random.chance(0.3),
    breakdowns: random.chance(0.05) ? [makeBreakdown(random)] : [],
    ...(random.chance(0.2) ? { holdMs: 1000 } : {}),
  };
}

function makeTroubles<Trouble>(
  kinds: readonly [Trouble, ...Trouble[]],
  random: Random,
): TroubledTime<Trouble>[] {
  return Array.from({ length: random.between(0, 2) }, () => {
    const fromMs = random.between(0, random.pick([25_000, 25_000, 10 * minuteMs]));
    const longestMs = random.pick([2 * minuteMs, 2 * minuteMs, 20 * minuteMs, 8 * hourMs]);
    const untilMs = fromMs + random.between(1000, longestMs);
    return { fromMs, untilMs, trouble: random.pick(kinds), circuit: random.chance(0.3) };
  });
}

function makeBreakdown(random: Random): Breakdown {
  const fromMs = random.between(0, 10 * minuteMs);
  const lengthMs = random.between(minuteMs, random.pick([5 * minuteMs, 90 * minuteMs]));
  return { fromMs, untilMs: fromMs + lengthMs, of: random.pick(['stores', 'worker']) };
}

const calm: Omit<OutboundScenario, 'replies' | 'faults'> = {
  seed: 1,
  repeats: [],
  heard: [{ customer: '44770090001', atMs: -hourMs }],
  troubles: [],
  deskTroubles: [],
};

export function aReply(id: string, over: Partial<SentReply> = {}): SentReply {
  return { id, customer: '44770090001', atMs: 0, parts: 1, statuses: 'prompt', ...over };
}

/** A calm scenario, for enumerating faults and as the base of directed ones: two customers, three replies, one in parts. */
export function makeCalmScenario(
  faults: readonly Fault[] = [],
  over: Partial<OutboundScenario> = {},
): OutboundScenario {
  return {
    ...calm,
    heard: [...calm.heard, { customer: '44770090002', atMs: -hourMs }],
    replies: [
      aReply('g1', { parts: 2 }),
      aReply('g2', { customer: '44770090002' }),
      aReply('g3', { atMs: 100 }),
    ],
    repeats: [{ id: 'g1', atMs: 400_000 }],
    faults: [...faults],
    ...over,
  };
}

/** The same replies while no status ever comes. */
export function makeSilentScenario(faults: readonly Fault[] = []): OutboundScenario {
  const { replies, ...scenario } = makeCalmScenario(faults);
  return { ...scenario, replies: replies.map((reply) => ({ ...reply, statuses: 'never' })) };
}

/** A short outage that parks a customer's replies at once, one more of them while the fence is drained, one refused. */
export function makeParkedScenario(faults: readonly Fault[] = []): OutboundScenario {
  return {
    ...calm,
    replies: [
      aReply('g1', { parts: 2 }),
      aReply('g2', { atMs: 100, refused: true }),
      aReply('g3', { atMs: 58_460 }),
    ],
    troubles: [{ fromMs: 0, untilMs: 30_000, trouble: 'rejects-token' }],
    faults: [...faults],
    holdMs: 1000,
  };
}
