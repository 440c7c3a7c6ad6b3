// The only way to make a queue: FIFO with a FIFO dead-letter queue, since order is what the bridge promises.
import { Duration } from 'aws-cdk-lib';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
} from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Deployment, nameOf } from '../config/names.ts';
import type { Watch } from './watch.ts';

/** With the back-off between them, an hour and more of trouble before a message becomes a dead letter. */
export const maxReceiveCount = 20;

/** The longest SQS can keep a message. */
const retention = Duration.days(14);

/** How an ordered queue is made. */
export interface OrderedQueueProps {
  deployment: Deployment;
  /** `inbound` gives `…-inbound.fifo` and `…-inbound-dead.fifo`. */
  thing: string;
  visibilitySeconds: number;
  watch: Watch;
  /** False while nobody takes from the queue, so that its age says nothing. @default true */
  isRead?: boolean;
}

/** A FIFO queue and its dead-letter queue, watched. */
export class OrderedQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(
    scope: Construct,
    id: string,
    { deployment, thing, visibilitySeconds, watch, isRead = true }: OrderedQueueProps,
  ) {
    super(scope, id);
    const fifo = {
      fifo: true,
      // The door gives every message its own id; equal texts of a customer are different messages.
      contentBasedDeduplication: false,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: retention,
    } satisfies QueueProps;

    this.deadLetters = new Queue(this, 'Dead', {
      ...fifo,
      queueName: nameOf(deployment, `${thing}-dead.fifo`),
    });
    this.queue = new Queue(this, 'Queue', {
      ...fifo,
      queueName: nameOf(deployment, `${thing}.fifo`),
      visibilityTimeout: Duration.seconds(visibilitySeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
    this.watchDeadLetters(thing, watch);
    if (isRead) this.watchAge(thing, watch);
  }

  private watchDeadLetters(thing: string, watch: Watch): void {
    const period = Duration.minutes(1);
    watch.addAlarm({
      name: `${thing}-dead-letters`,
      severity: 'critical',
      impact:
        'A message crashed the worker beyond reason; its customer waits for an answer to something nobody has seen.',
      metric: this.deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      above: 0,
    });
    watch.addAlarm({
      name: `${thing}-dead-letters-age`,
      severity: 'critical',
      impact: 'A dead letter has been left alone for a day; it is deleted for good after 14 days.',
      metric: this.deadLetters.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' }),
      above: Duration.days(1).toSeconds(),
    });
  }

  private watchAge(thing: string, watch: Watch): void {
    const period = Duration.minutes(1);
    watch.addAlarm({
      name: `${thing}-queue-age`,
      severity: 'warning',
      impact: 'Messages of at least one customer are held up for more than five minutes.',
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' }),
      above: Duration.minutes(5).toSeconds(),
      periods: 3,
    });
  }
}
