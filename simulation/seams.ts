// Places where a run of the simulation can be changed, and what changes it.
import type { AgentDesk, Clock, InboundQueue, MessageLedger } from '../lambdas/core/ports.ts';
import type { Fences } from '../lambdas/core/redelivery-ports.ts';
import type { VisitParked } from '../lambdas/flows/drain-customer.ts';
import type { CustomerFinder } from '../lambdas/flows/find-customer.ts';
import type { QueueHandler, QueueHandlerOptions } from '../lambdas/runtime/queue-handler.ts';
import type { FifoQueue } from './fifo-queue.ts';
import type { Role, SimulatedStores } from './simulated-ports.ts';
import type { MemoryLedger } from './stores/memory-ledger.ts';
import type { World } from './world.ts';

/** Places where a run can be changed; all empty in the real protocol. */
export interface Seams {
  ledger?: (ledger: MessageLedger, stored: MemoryLedger) => MessageLedger;
  finder?: (finder: CustomerFinder) => CustomerFinder;
  desk?: (desk: AgentDesk) => AgentDesk;
  handler?: (options: QueueHandlerOptions) => QueueHandler;
  queue?: (queue: InboundQueue, stored: FifoQueue, clock: Clock) => InboundQueue;
  groupId?: (numberId: string, customerKey: string) => string;
  hash?: (text: string) => string;
  answer?: (status: number) => number;
  ignorePartialFailures?: boolean;
  rememberDays?: number;
  /** What is done to the fences once a call arrives there. */
  fences?: (fences: Fences, stored: Fences) => Fences;
  /** What one run of a function sees of the stores. */
  stores?: (stores: SimulatedStores, role: Role, world: World) => SimulatedStores;
  /** What the drain sees of one visit to a parked item; fresh for every drain. */
  visitParked?: (visit: VisitParked) => VisitParked;
  executionName?: (handle: string, run: number) => string;
  noSweep?: boolean;
  /** Sweeps even when no fence is due. */
  sweepsAlways?: boolean;
  noCatch?: boolean;
}

export interface Mutant {
  name: string;
  /** The rule it breaks. */
  rule: string;
  /** Why nothing can notice that it is missing, if that is so: the rule is a second lock on the same door. */
  equivalent?: string;
  /** Fresh for every run: some mutants remember things. */
  create: () => Seams;
}
