// One simulated run: the real flows between simulated Meta, AWS and Genesys, from the first webhook until everything rests.
import type { LedgerStatus } from '../lambdas/core/model/ledger-record.ts';
import type { Randomness } from '../lambdas/core/ports.ts';
import { isBroken, isStoreOperation } from './breakdowns.ts';
import type { CallContext } from './calls.ts';
import { SimulatedDesk } from './desk.ts';
import { FaultPlan } from './faults.ts';
import { FenceIndex } from './fence-index.ts';
import { FifoQueue } from './fifo-queue.ts';
import { countIds } from './ids.ts';
import { postWebhook } from './meta-side.ts';
import { orderReplay } from './operator.ts';
import { startPump } from './queue-pump.ts';
import { Random } from './random.ts';
import { runDeadLetters, runDrain, startSweep } from './redelivery.ts';
import { RedeliveryMachine } from './redelivery-machine.ts';
import type { Scenario } from './scenario.ts';
import type { Seams } from './seams.ts';
import { maxReceiveCount, startAt, visibilityMs } from './settings.ts';
import { MemoryArchive } from './stores/memory-archive.ts';
import { MemoryCustomers } from './stores/memory-customers.ts';
import { MemoryLedger } from './stores/memory-ledger.ts';
import { MemoryFenceHandles, MemoryFences, MemoryPark } from './stores/memory-park.ts';
import { VirtualTime } from './virtual-time.ts';
import { runWorker } from './worker.ts';

const longestRunMs = 20 * 86_400_000;
/** What is moved to the dead letters is enqueued there anew: later than anything in the queue it comes from. */
const laterSequences = 1_000_001;

/** Everything of a finished run that can be judged. */
export interface Outcome {
  scenario: Scenario;
  ledger: MemoryLedger;
  queue: FifoQueue;
  desk: SimulatedDesk;
  /** Ids in webhooks that were answered 200. */
  acknowledged: Set<string>;
  /** Statuses that moved backwards, and other things seen while it ran. */
  wrongMoves: string[];
  /** Ledger keys of what was held at some time. */
  held: Set<string>;
  /** Status of every ledger key as it was seen last. */
  lastStatus: Map<string, LedgerStatus>;
  /** Ledger keys of what a replay said it had parked. */
  parkedByReplay: Set<string>;
  /** Numbers of the replays that deliver again whatever became of it. */
  forcedReplays: Set<string>;
  /** What they said they had parked, by the ledger key of the copy; whether the ledger knew the message by then. */
  forcedCopies: Map<string, { id: string; number: string; wasKnown: boolean }>;
  plan: FaultPlan;
  trace: string[];
  directory: MemoryCustomers;
  archive: MemoryArchive;
  park: MemoryPark;
  deadLetters: FifoQueue;
  machine: RedeliveryMachine;
}

/** A run that goes on. */
export interface World extends Outcome {
  context: CallContext;
  fences: MemoryFences;
  fenceIndex: FenceIndex;
  handles: MemoryFenceHandles;
  ids: Randomness;
  seams: Seams;
  /** Something is in the queue. */
  wake(): void;
  /** A fence may have been closed. */
  watchFences(): void;
}

export interface RunOptions {
  seams?: Seams;
  /** Takes what happens, line by line; the outcome has it too. */
  trace?: string[];
}

/** Plays the scenario to its end. @throws Error when it does not come to rest. */
export async function play(scenario: Scenario, { seams = {}, trace }: RunOptions = {}): Promise<Outcome> {
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
      isStoreOperation(operation) && isBroken(scenario.breakdowns, 'stores', time.now() - startAt),
  };
  const deadLetters = new FifoQueue(visibilityMs, Number.POSITIVE_INFINITY, undefined, laterSequences);
  const queue = new FifoQueue(visibilityMs, maxReceiveCount, deadLetters);
  const directory = new MemoryCustomers();
  const fences = new MemoryFences(directory);
  const machine = new RedeliveryMachine({
    context,
    drain: (input) => runDrain(input, world),
    catches: !seams.noCatch,
  });
  const world: World = {
    scenario,
    ledger: new MemoryLedger(seams.rememberDays),
    queue,
    deadLetters,
    desk: new SimulatedDesk(scenario, time),
    acknowledged: new Set(),
    wrongMoves: [],
    held: new Set(),
    lastStatus: new Map(),
    parkedByReplay: new Set(),
    forcedReplays: new Set(),
    forcedCopies: new Map(),
    plan,
    trace: trace ?? [],
    context,
    directory,
    fences,
    fenceIndex: new FenceIndex(fences, random),
    park: new MemoryPark(),
    handles: new MemoryFenceHandles(),
    archive: new MemoryArchive(),
    machine,
    ids: countIds(random),
    seams,
    wake: () => {
      worker.wake();
      consumer.wake();
    },
    watchFences: () => sweep.watch(),
  };
  const worker = startPump({
    context,
    queue,
    name: 'worker',
    handle: (event, lambda, invocation) => runWorker(world, event, lambda, invocation),
    onReceive: () => consumer.wake(),
    ignorePartialFailures: seams.ignorePartialFailures ?? false,
  });
  const consumer = startPump({
    context,
    queue: deadLetters,
    name: 'dead-letters',
    handle: (event, lambda, invocation) => runDeadLetters(world, event, lambda, invocation),
  });
  const sweep = startSweep(world);

  for (const posting of scenario.postings)
    time.at(startAt + posting.atMs, () => void postWebhook(posting, world));
  for (const replay of scenario.replays ?? [])
    time.at(startAt + replay.atMs, () => void orderReplay(replay, world));
  await time.run(startAt + longestRunMs);
  return world;
}
