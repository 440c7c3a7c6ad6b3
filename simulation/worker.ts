// The inbound worker of the simulation: the real queue handler and delivery flow in a sandbox of their own.
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { deliverInbound } from '../lambdas/flows/deliver-inbound.ts';
import { createQueueHandler } from '../lambdas/runtime/queue-handler.ts';
import { isBroken } from './breakdowns.ts';
import type { Invocation } from './calls.ts';
import { call } from './calls.ts';
import { startAt, timing } from './settings.ts';
import { createPorts } from './simulated-ports.ts';
import { watchTelemetry } from './watched-telemetry.ts';
import type { World } from './world.ts';

/** One run of the worker. */
export function runWorker(
  world: World,
  event: SQSEvent,
  lambda: Context,
  invocation: Invocation,
): Promise<SQSBatchResponse> {
  const { context, seams, queue } = world;
  const { time } = context;
  if (isBroken(world.scenario.breakdowns, 'worker', time.now() - startAt))
    return Promise.reject(new Error('the function does not start'));
  const ports = createPorts(invocation, world, 'worker');
  const handler = (seams.handler ?? createQueueHandler)({
    processRecord: (record) => deliverInbound(record, ports),
    changeVisibility: (handles, delaySeconds) =>
      call(context, invocation, 'queue.visibility', () => {
        for (const handle of handles) queue.changeVisibility(handle, delaySeconds * 1000, time.now());
      }),
    deleteRecords: (handles) =>
      call(context, invocation, 'queue.delete', () => {
        for (const handle of handles) queue.delete(handle, time.now());
      }),
    telemetry: { ...watchTelemetry(world.wrongMoves), flush: () => undefined },
    clock: time,
    sleeper: time,
    randomness: world.ids,
    backoff: timing,
  });
  return handler(event, lambda);
}
