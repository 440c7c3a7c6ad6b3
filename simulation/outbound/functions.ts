// The functions of the way back, each run of them with the real handler and flow in a sandbox of its own: worker, receipts
// worker, drain, sweep and the consumer of the dead letters.
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { BridgeError } from '../../lambdas/core/errors.ts';
import { deliverOutbound, visitParkedOutbound } from '../../lambdas/flows/deliver-outbound.ts';
import { deliverReceipts } from '../../lambdas/flows/deliver-receipts.ts';
import type { VisitParked } from '../../lambdas/flows/drain-customer.ts';
import { drainCustomer } from '../../lambdas/flows/drain-customer.ts';
import { sweepFences } from '../../lambdas/flows/sweep-fences.ts';
import { takeDeadLetter } from '../../lambdas/flows/take-dead-letters.ts';
import type { QueueHandlerOptions } from '../../lambdas/runtime/queue-handler.ts';
import { createQueueHandler } from '../../lambdas/runtime/queue-handler.ts';
import { isBroken } from '../breakdowns.ts';
import type { Invocation } from '../calls.ts';
import { call } from '../calls.ts';
import type { FifoQueue } from '../fifo-queue.ts';
import type { Ending } from '../functions.ts';
import { runFunction } from '../functions.ts';
import type { RunState } from '../redelivery-machine.ts';
import { startAt, sweepEveryMs, timing } from '../settings.ts';
import { watchTelemetry } from '../watched-telemetry.ts';
import { createOutboundPorts } from './ports.ts';
import type { OutboundWorld } from './world.ts';

/** One run of a function that reads a queue. */
export type RunOnQueue = (
  event: SQSEvent,
  lambda: Context,
  invocation: Invocation,
) => Promise<SQSBatchResponse>;

function handleQueue(
  world: OutboundWorld,
  source: { name: string; queue: FifoQueue; backoff: QueueHandlerOptions['backoff'] },
  createProcess: (invocation: Invocation) => QueueHandlerOptions['processRecord'],
): RunOnQueue {
  const { context, ids } = world;
  const { time } = context;
  const { name, queue, backoff } = source;
  return (event, lambda, invocation) =>
    createQueueHandler({
      processRecord: createProcess(invocation),
      changeVisibility: (handles, delaySeconds) =>
        call(context, invocation, `${name}.visibility`, () => {
          for (const handle of handles) queue.changeVisibility(handle, delaySeconds * 1000, time.now());
        }),
      deleteRecords: (handles) =>
        call(context, invocation, `${name}.delete`, () => {
          for (const handle of handles) queue.delete(handle, time.now());
        }),
      telemetry: { ...watchTelemetry(world.wrongMoves), flush: () => undefined },
      clock: time,
      sleeper: time,
      randomness: ids,
      backoff,
    })(event, lambda);
}

export function createWorker(world: OutboundWorld): RunOnQueue {
  const source = { name: 'outbound', queue: world.queue, backoff: timing };
  const run = handleQueue(world, source, (invocation) => {
    const ports = createOutboundPorts(invocation, world);
    return (record) => deliverOutbound(record, ports);
  });
  return async (...visit) => {
    const { scenario, context } = world;
    if (isBroken(scenario.breakdowns, 'worker', context.time.now() - startAt))
      throw new Error('the function does not start');
    return run(...visit);
  };
}

/** Nothing is parked here: with waits of up to twice a tenant's usual quarter of an hour, receives last for a day. */
const receiptsTiming = { ...timing, backoffCapMs: 1_800_000 };

export function createReceiptsWorker(world: OutboundWorld): RunOnQueue {
  const source = { name: 'receipts-queue', queue: world.receiptsQueue, backoff: receiptsTiming };
  return handleQueue(world, source, (invocation) => {
    const { sending, archive, telling } = createOutboundPorts(invocation, world);
    return (record) => deliverReceipts(record, { ...telling, sending, archive, timing: receiptsTiming });
  });
}

export function createDeadLetterConsumer(world: OutboundWorld): RunOnQueue {
  const source = { name: 'dead-letters', queue: world.deadLetters, backoff: timing };
  return handleQueue(world, source, (invocation) => {
    const ports = createOutboundPorts(invocation, world);
    return (record) =>
      takeDeadLetter(record, {
        ...ports,
        tenant: 'sim',
        hash: (text) => `hash of ${text}`,
        parkRecord: {
          in: () => Promise.reject(new BridgeError('invariant-broken', 'no customer writes here')),
          out: (dead) => deliverOutbound(dead, ports, 'dead-letter'),
        },
      });
  });
}

const visitIn: VisitParked = () =>
  Promise.reject(new BridgeError('invariant-broken', 'no customer writes here'));

/** One run of the drain. */
export function runOutboundDrain(input: RunState, world: OutboundWorld): Promise<Ending<RunState>> {
  return runFunction(world.context, (invocation, deadlineAt) => {
    const ports = createOutboundPorts(invocation, world);
    return drainCustomer(input, deadlineAt, {
      ...ports,
      visitParked: { in: visitIn, out: (item, attempt) => visitParkedOutbound(item, attempt, ports) },
    });
  });
}

/** The schedule of the sweep, which rests while no closed fence is due: before that it finds nothing. */
export function startOutboundSweep(world: OutboundWorld): { watch(): void } {
  const { context, directory } = world;
  const { time } = context;
  let armedFor = Number.POSITIVE_INFINITY;

  const firstDueAt = (): number => {
    let first = Number.POSITIVE_INFINITY;
    for (const { fences } of directory.profiles.values())
      if (fences?.out.state === 'parked') first = Math.min(first, fences.out.nextAttemptAt);
    return first;
  };
  const tick = async (at: number): Promise<void> => {
    if (at !== armedFor) return;
    await runFunction(context, (invocation) => sweepFences(createOutboundPorts(invocation, world)));
    armedFor = Number.POSITIVE_INFINITY;
    watch();
  };
  const watch = (): void => {
    const at = Math.ceil(Math.max(firstDueAt(), time.now() + 1) / sweepEveryMs) * sweepEveryMs;
    if (at >= armedFor) return;
    armedFor = at;
    time.at(at, () => void tick(at));
  };
  return { watch };
}
