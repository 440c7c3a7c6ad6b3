// What works behind the fences in the simulation: drains, the sweep, and the consumer of the dead letters; each run of
// them is a function of its own with the real flow in it.
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { BridgeError } from '../lambdas/core/errors.ts';
import { deliverInbound, visitParkedInbound } from '../lambdas/flows/deliver-inbound.ts';
import type { VisitParked } from '../lambdas/flows/drain-customer.ts';
import { drainCustomer } from '../lambdas/flows/drain-customer.ts';
import { sweepFences } from '../lambdas/flows/sweep-fences.ts';
import { takeDeadLetter } from '../lambdas/flows/take-dead-letters.ts';
import { createQueueHandler } from '../lambdas/runtime/queue-handler.ts';
import type { Invocation } from './calls.ts';
import { call } from './calls.ts';
import type { Ending } from './functions.ts';
import { runFunction } from './functions.ts';
import type { RunState } from './redelivery-machine.ts';
import { sweepEveryMs, timing } from './settings.ts';
import { createPorts } from './simulated-ports.ts';
import { watchTelemetry } from './watched-telemetry.ts';
import type { World } from './world.ts';

const visitOut: VisitParked = () =>
  Promise.reject(new BridgeError('invariant-broken', 'agents do not write here'));

/** One run of the drain. */
export function runDrain(input: RunState, world: World): Promise<Ending<RunState>> {
  return runFunction(world.context, (invocation, deadlineAt) => {
    const ports = createPorts(invocation, world, 'drain');
    const visitIn: VisitParked = (item, attempt) => visitParkedInbound(item, attempt, ports);
    return drainCustomer(input, deadlineAt, {
      ...ports,
      visitParked: { in: world.seams.visitParked?.(visitIn) ?? visitIn, out: visitOut },
    });
  });
}

/**
 * The schedule of the sweep. It rests while no fence is closed, and until the first of them is due: before that a sweep
 * finds nothing.
 */
export function startSweep(world: World): { watch(): void } {
  const { context, directory, seams } = world;
  const { time } = context;
  let armedFor = Number.POSITIVE_INFINITY;

  const firstDueAt = (): number => {
    let first = Number.POSITIVE_INFINITY;
    for (const { fences } of directory.profiles.values()) {
      if (fences?.in.state === 'parked') first = Math.min(first, fences.in.nextAttemptAt);
    }
    return seams.sweepsAlways && first < Number.POSITIVE_INFINITY ? 0 : first;
  };
  const tick = async (at: number): Promise<void> => {
    if (at !== armedFor) return;
    const ending = await runFunction(context, (invocation) =>
      sweepFences(createPorts(invocation, world, 'sweep')),
    );
    if (ending.state === 'failed') context.trace('the sweep failed');
    armedFor = Number.POSITIVE_INFINITY;
    watch();
  };
  const watch = (): void => {
    if (seams.noSweep) return;
    const due = Math.max(firstDueAt(), time.now() + 1);
    const at = Math.ceil(due / sweepEveryMs) * sweepEveryMs;
    if (at >= armedFor) return;
    armedFor = at;
    time.at(at, () => void tick(at));
  };
  return { watch };
}

/** One run of the consumer of the dead letters. */
export function runDeadLetters(
  world: World,
  event: SQSEvent,
  lambda: Context,
  invocation: Invocation,
): Promise<SQSBatchResponse> {
  const { context, deadLetters, ids } = world;
  const { time } = context;
  const ports = createPorts(invocation, world, 'dead-letters');
  return createQueueHandler({
    processRecord: (record) =>
      takeDeadLetter(record, {
        ...ports,
        tenant: 'sim',
        hash: (text) => `hash of ${text}`,
        parkRecord: {
          in: (dead) => deliverInbound(dead, ports, 'dead-letter'),
          out: () => Promise.reject(new Error('nothing is sent to customers here')),
        },
      }),
    changeVisibility: (handles, delaySeconds) =>
      call(context, invocation, 'dead-letters.visibility', () => {
        for (const handle of handles) deadLetters.changeVisibility(handle, delaySeconds * 1000, time.now());
      }),
    deleteRecords: (handles) =>
      call(context, invocation, 'dead-letters.delete', () => {
        for (const handle of handles) deadLetters.delete(handle, time.now());
      }),
    telemetry: { ...watchTelemetry(world.wrongMoves), flush: () => undefined },
    clock: time,
    sleeper: time,
    randomness: ids,
    backoff: timing,
  })(event, lambda);
}
