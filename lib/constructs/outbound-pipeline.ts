// Agent → customer: the worker that sends to WhatsApp what the Genesys door put on the outbound queue.
import { Construct } from 'constructs';
import { Env } from '../../lambdas/runtime/env.ts';
import { createBridgeMetric } from './bridge-metric.ts';
import {
  allowClaiming,
  allowMedia,
  allowParking,
  allowReadingPark,
  allowSecrets,
  allowSending,
  allowSwitches,
} from './function-grants.ts';
import { describeDelivery, describeDesk, describeRedelivery, describeStores } from './function-variables.ts';
import type { PipelineProps } from './inbound-pipeline.ts';
import { createMover, readQueue } from './mover.ts';

/** Sends in order per message group. */
export class OutboundPipeline extends Construct {
  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    const { config, state, queues, watch, publicUrl, machineArn } = props;
    const { queue } = queues.outbound;
    const worker = createMover(this, 'Worker', props, {
      thing: 'outbound-worker',
      variables: {
        ...describeStores(config, state),
        ...describeDesk(config),
        ...describeRedelivery(config, machineArn),
        ...describeDelivery(config, state, publicUrl),
        [Env.outboundQueueUrl]: queue.queueUrl,
      },
      impact: 'The outbound worker crashed or timed out; its messages are tried again and customers wait.',
    });
    readQueue(worker, 'Source', queue, { batchSize: 10, maxConcurrency: config.limits.workerConcurrency });
    allowClaiming(worker, state);
    allowParking(worker, state, machineArn);
    allowReadingPark(worker, state);
    allowSending(worker, state);
    allowMedia(worker, state);
    allowSwitches(worker, state);
    allowSecrets(worker, state);
    watch.addAlarm({
      name: 'whatsapp-circuit',
      severity: 'critical',
      impact:
        'WhatsApp takes no messages of a number, perhaps because its token is rejected; replies are kept in order.',
      metric: createBridgeMetric(config, 'outbound-worker', 'CircuitsOpened'),
      above: 0,
    });
  }
}
