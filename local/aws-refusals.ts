// What AWS refuses at a deploy and the emulators would take: a template that starts here must not fail there.
import type { QueueSpec } from './aws/provision.ts';
import { StartError } from './options.ts';
import type { Plan, SourcePlan } from './plan.ts';

const mostPerFifoBatch = 10;
const longestVisibilitySeconds = 43_200;
const mostReceives = 1000;

/** @throws StartError naming the queue or the function, in the words AWS has for it. */
export function refuseAsAws({
  queues,
  sources,
  functions,
}: Pick<Plan, 'queues' | 'sources' | 'functions'>): void {
  for (const queue of queues) refuseQueue(queue, queues);
  for (const source of sources) {
    const queue = queues.find(({ name }) => name === source.queueName);
    const timeoutMs = functions.find(({ name }) => name === source.functionName)?.timeoutMs ?? 0;
    if (queue) refuseSource(source, queue, timeoutMs);
  }
}

const isFifo = ({ attributes }: QueueSpec): boolean => attributes.FifoQueue === 'true';
const visibilityOf = ({ attributes }: QueueSpec): number => Number(attributes.VisibilityTimeout ?? 30);

function refuseQueue(queue: QueueSpec, queues: readonly QueueSpec[]): void {
  const { name, attributes } = queue;
  const refuseIf = (isWrong: boolean, why: string) => {
    if (isWrong) throw new StartError(`AWS would refuse queue ${name}: ${why}`);
  };
  refuseIf(
    name.endsWith('.fifo') !== isFifo(queue),
    'the name of a FIFO queue, and of no other, ends in .fifo',
  );
  refuseIf(
    !isFifo(queue) && ['DeduplicationScope', 'ContentBasedDeduplication'].some((key) => key in attributes),
    'only FIFO queues recognise duplicates',
  );
  refuseIf(
    attributes.FifoThroughputLimit === 'perMessageGroupId' &&
      attributes.DeduplicationScope !== 'messageGroup',
    'a throughput limit perMessageGroupId needs the deduplication scope messageGroup',
  );
  const visibility = visibilityOf(queue);
  refuseIf(
    visibility < 0 || visibility > longestVisibilitySeconds,
    `its visibility timeout must be from 0 to ${longestVisibilitySeconds} s`,
  );
  if (attributes.RedrivePolicy === undefined) return;
  const policy: { deadLetterTargetArn?: string; maxReceiveCount?: number } = JSON.parse(
    attributes.RedrivePolicy,
  );
  const target = queues.find((other) => other.name === policy.deadLetterTargetArn?.split(':').at(-1));
  refuseIf(target === undefined, 'its dead-letter queue does not exist');
  refuseIf(
    target !== undefined && isFifo(target) !== isFifo(queue),
    'its dead-letter queue must be of its own type',
  );
  const receives = Number(policy.maxReceiveCount);
  refuseIf(!(receives >= 1 && receives <= mostReceives), `maxReceiveCount must be from 1 to ${mostReceives}`);
}

function refuseSource(source: SourcePlan, queue: QueueSpec, timeoutMs: number): void {
  const refuseIf = (isWrong: boolean, why: string) => {
    if (isWrong)
      throw new StartError(`AWS would refuse to let ${source.functionName} read ${queue.name}: ${why}`);
  };
  refuseIf(
    visibilityOf(queue) * 1000 < timeoutMs,
    `the queue's visibility timeout of ${visibilityOf(queue)} s is less than the function's ${timeoutMs / 1000} s`,
  );
  refuseIf(
    isFifo(queue) && source.batchSize > mostPerFifoBatch,
    `the batch of a FIFO queue has at most ${mostPerFifoBatch} messages, not ${source.batchSize}`,
  );
  refuseIf(source.maxConcurrency < 2, 'the concurrency of an event source is at least 2');
}
