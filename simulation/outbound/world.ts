// One simulated run of the way back: the real flows between simulated Genesys, AWS and WhatsApp, from an agent's first
// reply until everything rests.
import type { LedgerStatus } from '../../lambdas/core/model/ledger-record.ts';
import type { Randomness } from '../../lambdas/core/ports.ts';
import { createCustomerFinder } from '../../lambdas/flows/find-customer.ts';
import { isBroken } from '../breakdowns.ts';
import type { CallContext } from '../calls.ts';
import { FaultPlan } from '../faults.ts';
import { FifoQueue } from '../fifo-queue.ts';
import { countIds } from '../ids.ts';
import { startPump } from '../queue-pump.ts';
import { Random } from '../random.ts';
import { RedeliveryMachine } from '../redelivery-machine.ts';
import { maxReceiveCount, numberId, startAt, visibilityMs } from '../settings.ts';
import { MemoryArchive } from '../stores/memory-archive.ts';
import { MemoryCustomers } from '../stores/memory-customers.ts';
import { MemoryLedger } from '../stores/memory-ledger.ts';
import { MemoryFenceHandles, MemoryFences, MemoryPark } from '../stores/memory-park.ts';
import { MemoryReceipts } from '../stores/memory-receipts.ts';
import { MemorySending } from '../stores/memory-sending.ts';
import { VirtualTime } from '../virtual-time.ts';
import {
  createDeadLetterConsumer,
  createReceiptsWorker,
  createWorker,
  runOutboundDrain,
  startOutboundSweep,
} from './functions.ts';
import { SimulatedGenesys, sendReply } from './genesys.ts';
import type { OutboundScenario } from './scenario.ts';
import type { OutboundSeams } from './seams.ts';
import { tellStatuses } from './statuses.ts';
import { SimulatedWhatsApp } from './whatsapp.ts';

const longestRunMs = 20 * 86_400_000;
/** What is moved to the dead letters is enqueued there anew: later than anything in the queue it comes from. */
const laterSequences = 1_000_001;
/** Genesys may be away for a day, and nothing is parked here. */
const receiptReceiveCount = 100;
const storeOperation = /^(ledger|customers|fences|park|handles|sending|receipts)\./;

/** Everything of a finished run that can be judged. */
export interface OutboundOutcome {
  scenario: OutboundScenario;
  ledger: MemoryLedger;
  queue: FifoQueue;
  deadLetters: FifoQueue;
  receiptsQueue: FifoQueue;
  whatsapp: SimulatedWhatsApp;
  genesys: SimulatedGenesys;
  /** Ids of replies whose webhook was answered 200. */
  acknowledged: Set<string>;
  acknowledgedStatuses: { tag: string; name: string }[];
  /** When the ledger heard first of a part, by ledger key and part, epoch ms. */
  heardOf: Map<string, number>;
  /** Statuses that moved backwards, and other things seen while it ran. */
  wrongMoves: string[];
  lastStatus: Map<string, LedgerStatus>;
  plan: FaultPlan;
  trace: string[];
  directory: MemoryCustomers;
  park: MemoryPark;
  machine: RedeliveryMachine;
  archive: MemoryArchive;
}

/** A run that goes on. */
export interface OutboundWorld extends OutboundOutcome {
  context: CallContext;
  sending: MemorySending;
  receipts: MemoryReceipts;
  fences: MemoryFences;
  handles: MemoryFenceHandles;
  ids: Randomness;
  seams: OutboundSeams;
  /** Something is in a queue. */
  wake(): void;
  /** A fence may have been closed. */
  watchFences(): void;
  /** The ledger has a status of a part now. */
  noteStatus(key: string, seen: unknown): void;
}

export interface OutboundRunOptions {
  seams?: OutboundSeams;
  /** Takes what happens, line by line; the outcome has it too. */
  trace?: string[];
}

/** Plays the scenario to its end. @throws Error when it does not come to rest. */
export async function playOutbound(
  scenario: OutboundScenario,
  { seams = {}, trace }: OutboundRunOptions = {},
): Promise<OutboundOutcome> {
  const time = new VirtualTime(startAt);
  const random = new Random(scenario.seed ^ 0x5eed);
  const plan = new FaultPlan(scenario.faults);
  const context: CallContext = {
    time,
    random,
    plan,
    trace: trace
      ? (line) => trace.push(`${((time.now() - startAt) / 1000).toFixed(3)} ${line}`)
      : () => undefined,
    isDown: (operation) =>
      storeOperation.test(operation) && isBroken(scenario.breakdowns, 'stores', time.now() - startAt),
  };
  const deadLetters = new FifoQueue(visibilityMs, Number.POSITIVE_INFINITY, undefined, laterSequences);
  const ledger = new MemoryLedger();
  const directory = new MemoryCustomers();
  const heardOf = new Map<string, number>();
  const world: OutboundWorld = {
    scenario,
    ledger,
    sending: new MemorySending(ledger),
    receipts: new MemoryReceipts(ledger),
    queue: new FifoQueue(visibilityMs, maxReceiveCount, deadLetters),
    deadLetters,
    receiptsQueue: new FifoQueue(visibilityMs, receiptReceiveCount),
    whatsapp: new SimulatedWhatsApp(scenario, time, (part) => tellStatuses(part, world)),
    genesys: new SimulatedGenesys(scenario, time),
    acknowledged: new Set(),
    acknowledgedStatuses: [],
    heardOf,
    wrongMoves: [],
    lastStatus: new Map(),
    plan,
    trace: trace ?? [],
    context,
    directory,
    fences: new MemoryFences(directory),
    park: new MemoryPark(),
    handles: new MemoryFenceHandles(),
    archive: new MemoryArchive(),
    machine: new RedeliveryMachine({ context, drain: (input) => runOutboundDrain(input, world) }),
    ids: countIds(random),
    seams,
    wake: () => {
      for (const pump of pumps) pump.wake();
    },
    watchFences: () => sweep.watch(),
    noteStatus: (key, seen) => {
      const part = typeof seen === 'object' && seen !== null && 'part' in seen ? String(seen.part) : '';
      const name = `${key} ${part}`;
      if (!heardOf.has(name)) heardOf.set(name, time.now());
    },
  };
  const consumer = startPump({
    context,
    queue: deadLetters,
    name: 'dead-letters',
    handle: createDeadLetterConsumer(world),
  });
  const pumps = [
    startPump({
      context,
      queue: world.queue,
      name: 'worker',
      handle: createWorker(world),
      onReceive: () => consumer.wake(),
    }),
    consumer,
    startPump({
      context,
      queue: world.receiptsQueue,
      name: 'receipts',
      handle: createReceiptsWorker(world),
    }),
  ];
  const sweep = startOutboundSweep(world);
  await schedule(world);
  await time.run(startAt + longestRunMs);
  return world;
}

async function schedule(world: OutboundWorld): Promise<void> {
  const { scenario, context } = world;
  const { time } = context;
  const { heard, replies, repeats } = scenario;
  for (const { customer, atMs } of heard) {
    if (atMs <= 0) await hear(customer, atMs, world);
    else time.at(startAt + atMs, () => void hear(customer, atMs, world));
  }
  for (const reply of replies) {
    const again = repeats.filter(({ id }) => id === reply.id);
    for (const { atMs } of [reply, ...again]) time.at(startAt + atMs, () => void sendReply(reply, world));
  }
}

/** A customer writes to us, which opens the window; how that is delivered is another simulation's business. */
async function hear(phone: string, atMs: number, world: OutboundWorld): Promise<void> {
  const { directory, context, ids } = world;
  const at = startAt + atMs;
  const id = `wamid.in-${ids.nextId()}`;
  const message = { id, type: 'text', timestamp: String(Math.floor(at / 1000)) };
  await createCustomerFinder(directory, context.time).find(
    { id, phone, message },
    {
      v: 1,
      channel: 'meta',
      numberId,
      receivedAt: at,
      rawKey: '',
      correlationId: id,
      items: [],
    },
    id,
  );
}
