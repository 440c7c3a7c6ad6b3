// The event source mapping between a queue and a function: takes batches, runs the function on them, deletes what it
// did not report as failed.
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { CallContext, Invocation } from './calls.ts';
import { call } from './calls.ts';
import type { FifoQueue, StoredMessage } from './fifo-queue.ts';
import { runFunction } from './functions.ts';

/** How many runs of one function go on side by side. */
const concurrency = 3;

export interface PumpOptions {
  context: CallContext;
  queue: FifoQueue;
  /** Named in the trace. */
  name: string;
  /** The function, in a sandbox of its own for every run. */
  handle(event: SQSEvent, context: Context, invocation: Invocation): Promise<SQSBatchResponse>;
  ignorePartialFailures?: boolean;
  /** After every receive: it may have moved something to the dead letters. */
  onReceive?(): void;
}

export interface Pump {
  /** Something may be in the queue now. */
  wake(): void;
}

export function startPump(options: PumpOptions): Pump {
  const { context, queue } = options;
  let running = 0;
  let wakeAt = Number.POSITIVE_INFINITY;

  const wake = (): void => {
    while (running < concurrency) {
      const batch = queue.receive(context.time.now());
      options.onReceive?.();
      if (batch.length === 0) break;
      running += 1;
      void invoke(batch, options).then(() => {
        running -= 1;
        wake();
      });
    }
    const next = queue.nextFreeAt();
    if (running === concurrency || next === undefined) return;
    const at = Math.max(next, context.time.now() + 1);
    if (at >= wakeAt && wakeAt > context.time.now()) return;
    wakeAt = at;
    context.time.at(at, wake);
  };
  return { wake };
}

/** One run of the function with a batch; resolves when Lambda is done with it. */
async function invoke(batch: StoredMessage[], options: PumpOptions): Promise<void> {
  const { context, queue, name, handle, ignorePartialFailures } = options;
  const { time, trace } = context;
  trace(
    `${name} gets ${batch.map(({ messageId, receiveCount }) => `${messageId}#${receiveCount}`).join(' ')}`,
  );
  const ending = await runFunction(context, (invocation, deadlineAt) => {
    const lambda = { getRemainingTimeInMillis: () => deadlineAt - time.now() } as Context;
    return handle(toEvent(batch), lambda, invocation);
  });
  if (ending.state === 'failed') return;
  const { batchItemFailures } = ending.answer;
  const failed = new Set(
    ignorePartialFailures ? [] : batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
  );
  const finished = batch.filter(({ messageId }) => !failed.has(messageId));
  // A deletion that dies keeps the messages, and nobody waiting.
  const gone = Promise.withResolvers<void>();
  const deletion: Invocation = { dead: false, frozen: false, onDeath: () => gone.resolve() };
  try {
    const deleted = call(context, deletion, 'queue.delete', () => {
      for (const { receiptHandle } of finished) queue.delete(receiptHandle, time.now());
    });
    await Promise.race([deleted, gone.promise]);
  } catch {
    trace('the deletion failed: the messages come again');
  }
}

function toEvent(batch: readonly StoredMessage[]): SQSEvent {
  return {
    Records: batch.map(({ messageId, body, groupId, sequence, receiveCount, receiptHandle }) => ({
      messageId,
      receiptHandle,
      body,
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        MessageGroupId: groupId,
        SequenceNumber: String(sequence),
      },
    })),
  } as unknown as SQSEvent;
}
