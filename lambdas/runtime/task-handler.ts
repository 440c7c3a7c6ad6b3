// The middy chain of functions that Step Functions or a schedule calls: a plain event in, a plain answer out. A failure
// is written down here and goes back to the caller, whose business it is to try again.
import middy from '@middy/core';
import type { FlushedTelemetry } from './telemetry.ts';

/** A function as Step Functions, a schedule or EventBridge calls it. */
export type TaskHandler<Event, Answer> = (event: Event, context: TaskContext) => Promise<Answer>;

export interface TaskContext {
  getRemainingTimeInMillis(): number;
}

export function createTaskHandler<Event, Answer>(
  run: (event: Event, context: TaskContext) => Promise<Answer>,
  telemetry: FlushedTelemetry,
): TaskHandler<Event, Answer> {
  return middy(run, { timeoutEarlyInMillis: 0 })
    .after(() => telemetry.flush())
    .onError((request) => {
      telemetry.problem('task.failed', request.error);
      telemetry.flush();
    }) as unknown as TaskHandler<Event, Answer>;
}
