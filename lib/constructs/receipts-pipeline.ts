// What became of messages: statuses of WhatsApp to Genesys, and receipts of Genesys to the ledger.
import { Construct } from 'constructs';
import { Env } from '../../lambdas/runtime/env.ts';
import { createBridgeMetric } from './bridge-metric.ts';
import type { BridgeQueues } from './bridge-queues.ts';
import { allowClaiming, allowSecrets } from './function-grants.ts';
import { describeDesk, describeStores } from './function-variables.ts';
import { createMover, type MoverContext, readQueue } from './mover.ts';

/** Tells what doors put on the receipts queue. */
export class ReceiptsPipeline extends Construct {
  constructor(scope: Construct, id: string, context: MoverContext, { receipts }: BridgeQueues) {
    super(scope, id);
    const { config, state, watch } = context;
    const worker = createMover(this, 'Worker', context, {
      thing: 'receipts-worker',
      variables: {
        ...describeStores(config, state),
        ...describeDesk(config),
        [Env.receiptsQueueUrl]: receipts.queue.queueUrl,
      },
      impact: 'The receipts worker crashed or timed out; agents see later whether their messages arrived.',
    });
    readQueue(worker, 'Source', receipts.queue, {
      batchSize: 10,
      maxConcurrency: config.limits.workerConcurrency,
    });
    allowClaiming(worker, state);
    worker.allow(['dynamodb:Query'], [`${state.ledger.tableArn}/index/genesys`]);
    worker.allow(['s3:GetObject'], [state.archive.arnForObjects('claims/*')]);
    allowSecrets(worker, state);
    watch.addAlarm({
      name: 'receipts-failing',
      severity: 'warning',
      impact: 'Genesys refuses receipts for good; agents do not see whether those messages arrived.',
      metric: createBridgeMetric(config, 'receipts-worker', 'ReceiptsRefused'),
      above: 0,
    });
  }
}
