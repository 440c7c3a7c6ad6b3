import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { StageConfig } from '../config/tenant-file.ts';
import { OrderedQueue } from './ordered-queue.ts';
import type { Watch } from './watch.ts';

/** Genesys may be away for a day; a lattice keeps the order of statuses, so nothing there needs to be parked. */
const receiptReceiveCount = 100;

/** The queues between doors and workers, one per way a message can take. */
export class BridgeQueues extends Construct {
  /** Customer → agent. */
  readonly inbound: OrderedQueue;
  /** Agent → customer. */
  readonly outbound: OrderedQueue;
  /** What became of agents' messages, and what Genesys says of customers' messages. */
  readonly receipts: OrderedQueue;

  constructor(scope: Construct, id: string, deployment: StageConfig, watch: Watch) {
    super(scope, id);
    const shared = { deployment, visibilitySeconds: deployment.timing.visibilitySeconds, watch };
    this.inbound = new OrderedQueue(this, 'Inbound', { ...shared, thing: 'inbound', hasReader: true });
    this.outbound = new OrderedQueue(this, 'Outbound', { ...shared, thing: 'outbound', hasReader: true });
    this.receipts = new OrderedQueue(this, 'Receipts', {
      ...shared,
      thing: 'receipts',
      maxReceiveCount: receiptReceiveCount,
    });
  }
}

/** The queues themselves, for whoever only puts messages on them. */
export interface DoorQueues {
  inbound: Queue;
  outbound: Queue;
  receipts: Queue;
}
