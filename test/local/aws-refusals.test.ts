import { refuseAsAws } from '../../local/aws-refusals.ts';
import type { Plan } from '../../local/plan.ts';

const deadArn = 'arn:aws:sqs:eu-west-1:000000000000:in-dead.fifo';

/** A queue with its dead letters and the function that reads it, as AWS takes them. */
function aPlan(over: { queue?: object; dead?: object; source?: object; timeoutMs?: number } = {}) {
  const fifo = {
    FifoQueue: 'true',
    DeduplicationScope: 'messageGroup',
    FifoThroughputLimit: 'perMessageGroupId',
  };
  const redrive = JSON.stringify({ deadLetterTargetArn: deadArn, maxReceiveCount: 20 });
  return {
    queues: [
      {
        name: 'in.fifo',
        attributes: { ...fifo, VisibilityTimeout: '30', RedrivePolicy: redrive, ...over.queue },
      },
      { name: 'in-dead.fifo', attributes: { ...fifo, ...over.dead } },
    ],
    sources: [
      { queueName: 'in.fifo', functionName: 'worker', batchSize: 10, maxConcurrency: 5, ...over.source },
    ],
    functions: [{ name: 'worker', timeoutMs: over.timeoutMs ?? 30_000 }],
  } as unknown as Pick<Plan, 'queues' | 'sources' | 'functions'>;
}

const redriveTo = (policy: object) => ({ RedrivePolicy: JSON.stringify(policy) });

describe('what AWS refuses at a deploy is refused at the start', () => {
  it('and what AWS takes is taken', () => {
    expect(() => refuseAsAws(aPlan())).not.toThrow();
  });

  it.each([
    ['a FIFO name without FIFO', { queue: { FifoQueue: 'false' } }, /in\.fifo: the name of a FIFO queue/],
    [
      'a scope without the throughput',
      { queue: { DeduplicationScope: 'queue' } },
      /needs the deduplication scope/,
    ],
    ['a visibility of a day', { queue: { VisibilityTimeout: '86400' } }, /from 0 to 43200 s/],
    [
      'a visibility shorter than the function',
      { timeoutMs: 31_000 },
      /let worker read in\.fifo: the queue's visibility timeout of 30 s is less than the function's 31 s/,
    ],
    ['a large batch', { source: { batchSize: 11 } }, /has at most 10 messages, not 11/],
    ['a concurrency of one', { source: { maxConcurrency: 1 } }, /at least 2/],
    [
      'no receives',
      { queue: redriveTo({ deadLetterTargetArn: deadArn, maxReceiveCount: 0 }) },
      /from 1 to 1000/,
    ],
    [
      'dead letters nowhere',
      { queue: redriveTo({ deadLetterTargetArn: `${deadArn}x`, maxReceiveCount: 20 }) },
      /does not exist/,
    ],
  ])('%s', (_name, over, message) => {
    expect(() => refuseAsAws(aPlan(over))).toThrow(message);
  });

  it('dead letters of another type, and duplicates recognised by an ordinary queue', () => {
    const plan = aPlan({
      queue: redriveTo({ deadLetterTargetArn: deadArn.replace('.fifo', ''), maxReceiveCount: 2 }),
    });
    plan.queues[1] = { name: 'in-dead', attributes: {} };
    expect(() => refuseAsAws(plan)).toThrow(/of its own type/);
    plan.queues[0] = { name: 'in', attributes: { ContentBasedDeduplication: 'true' } };
    expect(() => refuseAsAws(plan)).toThrow(/only FIFO queues recognise duplicates/);
  });
});
