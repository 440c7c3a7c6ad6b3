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
const defaultReceiveCount = 20;

/** The longest SQS can keep a message. */
const retention = Duration.days(14);

/** How an ordered queue is made. */
export interface OrderedQueueProps {
  deployment: Deployment;
  /** `inbound` gives `…-inbound.fifo` and `…-inbound-dead.fifo`. */
  thing: string;
  visibilitySeconds: number;
  watch: Watch;
  /** Receives before a message becomes a dead letter. @default 20 */
  maxReceiveCount?: number;
  /** True where a function parks dead letters, so that none is to be seen in their queue. @default false */
  hasReader?: boolean;
}

/** A FIFO queue and its dead-letter queue, watched. */
export class OrderedQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: OrderedQueueProps) {
    super(scope, id);
    const { deployment, thing, visibilitySeconds, watch, maxReceiveCount = defaultReceiveCount } = props;
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
      visibilityTimeout: Duration.seconds(visibilitySeconds),
    });
    this.queue = new Queue(this, 'Queue', {
      ...fifo,
      queueName: nameOf(deployment, `${thing}.fifo`),
      visibilityTimeout: Duration.seconds(visibilitySeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
    this.watchDeadLetters(props);
    this.watchAge(thing, watch);
  }

  private watchDeadLetters({ thing, watch, hasReader = false }: OrderedQueueProps): void {
    const period = Duration.minutes(1);
    watch.addAlarm({
      name: `${thing}-dead-letters`,
      severity: 'critical',
      impact: hasReader
        ? 'A message crashed the worker beyond reason; it is parked, and its customer waits.'
        : 'A message crashed the worker beyond reason; what it says about an earlier message stays unknown.',
      // With a reader they are gone before anybody could count what lies there.
      metric: hasReader
        ? this.deadLetters.metricNumberOfMessagesReceived({ period, statistic: 'Sum' })
        : this.deadLetters.metricApproximateNumberOfMessagesVisible({ period, statistic: 'Maximum' }),
      above: 0,
    });
    const longestStay = hasReader ? Duration.hours(1) : Duration.days(1);
    watch.addAlarm({
      name: `${thing}-dead-letters-age`,
      severity: 'critical',
      impact: `A dead letter is left alone for ${longestStay.toHumanString()}; it is deleted for good after 14 days.`,
      metric: this.deadLetters.metricApproximateAgeOfOldestMessage({ period, statistic: 'Maximum' }),
      above: longestStay.toSeconds(),
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
