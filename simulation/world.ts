// One simulated run: the real flows between simulated Meta, AWS and Genesys, from the first webhook until everything rests.
import type { CustomerDirectory, Randomness } from '../lambdas/core/ports.ts';
import type { CallContext } from './calls.ts';
import { SimulatedDesk } from './desk.ts';
import { FaultPlan } from './faults.ts';
import { FifoQueue } from './fifo-queue.ts';
import { countIds } from './ids.ts';
import { postWebhook } from './meta-side.ts';
import type { Seams } from './mutants.ts';
import { startPump } from './queue-pump.ts';
import { Random } from './random.ts';
import type { Scenario } from './scenario.ts';
import { maxReceiveCount, startAt, visibilityMs } from './settings.ts';
import { MemoryCustomers } from './stores/memory-customers.ts';
import { MemoryLedger } from './stores/memory-ledger.ts';
import { VirtualTime } from './virtual-time.ts';
import { runWorker } from './worker.ts';

const longestRunMs = 20 * 86_400_000;

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
  plan: FaultPlan;
  trace: string[];
}

/** A run that goes on. */
export interface World extends Outcome {
  context: CallContext;
  directory: CustomerDirectory;
  ids: Randomness;
  seams: Seams;
  /** Something is in the queue. */
  wake(): void;
}

export interface RunOptions {
  seams?: Seams;
  traced?: boolean;
}

/** Plays the scenario to its end. @throws Error when it does not come to rest. */
export async function play(
  scenario: Scenario,
  { seams = {}, traced = false }: RunOptions = {},
): Promise<Outcome> {
  const time = new VirtualTime(startAt);
  const random = new Random(scenario.seed ^ 0x5eed);
  const plan = new FaultPlan(scenario.faults);
  const trace: string[] = [];
  const context: CallContext = {
    time,
    random,
    plan,
    trace: traced
      ? (line) => trace.push(`${((time.now() - startAt) / 1000).toFixed(3)} ${line}`)
      : () => undefined,
  };
  const queue = new FifoQueue(visibilityMs, maxReceiveCount);
  const world: World = {
    scenario,
    ledger: new MemoryLedger(seams.rememberDays),
    queue,
    desk: new SimulatedDesk(scenario, time),
    acknowledged: new Set(),
    wrongMoves: [],
    plan,
    trace,
    context,
    directory: new MemoryCustomers(),
    ids: countIds(random),
    seams,
    wake: () => pump.wake(),
  };
  const pump = startPump({
    context,
    queue,
    name: 'worker',
    handle: (event, lambda, invocation) => runWorker(world, event, lambda, invocation),
    ignorePartialFailures: seams.ignorePartialFailures ?? false,
  });

  for (const posting of scenario.postings)
    time.at(startAt + posting.atMs, () => void postWebhook(posting, world));
  await time.run(startAt + longestRunMs);
  return world;
}
