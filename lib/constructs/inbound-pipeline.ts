// Customer → agent: the worker that delivers to Genesys what the doors put on the inbound queue.
import { Construct } from 'constructs';
import { Env } from '../../lambdas/runtime/env.ts';
import { createBridgeMetric } from './bridge-metric.ts';
import type { BridgeQueues } from './bridge-queues.ts';
import {
  allowClaiming,
  allowMedia,
  allowParking,
  allowReadingPark,
  allowSecrets,
  allowSwitches,
} from './function-grants.ts';
import { describeDelivery, describeDesk, describeRedelivery, describeStores } from './function-variables.ts';
import { createMover, type MoverContext, readQueue } from './mover.ts';
import { watchSwitches } from './runtime-switches.ts';

/** What a pipeline needs besides what all movers are made from. */
export interface PipelineProps extends MoverContext {
  queues: BridgeQueues;
  /** Base URL of the public routes. */
  publicUrl: string;
  /** What drains parked messages. */
  machineArn: string;
}

/** Delivers in order per message group. */
export class InboundPipeline extends Construct {
  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    const { config, state, queues, watch, publicUrl, machineArn } = props;
    const { queue } = queues.inbound;
    const worker = createMover(this, 'Worker', props, {
      thing: 'inbound-worker',
      variables: {
        ...describeStores(config, state),
        ...describeDesk(config),
        ...describeRedelivery(config, machineArn),
        ...describeDelivery(config, state, publicUrl),
        [Env.inboundQueueUrl]: queue.queueUrl,
      },
      impact:
        'The inbound worker crashed or timed out; its messages are tried again and customers wait longer.',
    });
    readQueue(worker, 'Source', queue, { batchSize: 10, maxConcurrency: config.limits.workerConcurrency });
    allowClaiming(worker, state);
    allowParking(worker, state, machineArn);
    allowReadingPark(worker, state);
    allowMedia(worker, state);
    allowSwitches(worker, state);
    allowSecrets(worker, state);
    watchSwitches(config, watch);
    this.watchMessages(props);
    this.watchDesk(props);
  }

  private watchMessages({ config, watch }: PipelineProps): void {
    watch.addAlarm({
      name: 'messages-quarantined',
      severity: 'critical',
      impact:
        'Messages came for a number this deployment does not serve, or from nobody; no agent sees them.',
      metric: createBridgeMetric(config, 'inbound-worker', 'Messages.QUARANTINED'),
      above: 0,
    });
    watch.addAlarm({
      name: 'identity-conflict',
      severity: 'critical',
      impact: 'Messages of a customer are parked until a person says whose they are; no agent sees them.',
      metric: createBridgeMetric(config, 'inbound-worker', 'IdentityConflicts'),
      above: 0,
    });
    watch.addAlarm({
      name: 'media-failures',
      severity: 'warning',
      impact: 'Agents see a line in place of files that customers sent; WhatsApp keeps them for seven days.',
      metric: createBridgeMetric(config, 'inbound-worker', 'MediaFailures'),
      above: 5,
    });
  }

  private watchDesk({ config, watch }: PipelineProps): void {
    watch.addAlarm({
      name: 'genesys-circuit',
      severity: 'critical',
      impact:
        'Genesys, or one integration at it, takes no messages; they are kept in order and customers wait.',
      metric: createBridgeMetric(config, 'inbound-worker', 'CircuitsOpened'),
      above: 0,
    });
    watch.addAlarm({
      name: 'genesys-throttling',
      severity: 'warning',
      impact: 'Genesys refuses requests as too many although the bridge paces itself; customers wait longer.',
      metric: createBridgeMetric(config, 'inbound-worker', 'DeskPauses'),
      above: 15,
      periods: 3,
    });
  }
}
