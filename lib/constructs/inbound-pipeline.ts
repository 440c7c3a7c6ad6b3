// Customer → agent: the inbound queue, its dead letters and the worker that delivers to Genesys.
import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Env } from '../../lambdas/runtime/env.ts';
import { toNumberConfigs, toPhraseConfig, toTimingConfig } from '../config/function-settings.ts';
import { nameOf } from '../config/names.ts';
import type { StageConfig } from '../config/tenant-file.ts';
import { BridgeFunction } from './bridge-function.ts';
import { createBridgeMetric } from './bridge-metric.ts';
import type { BridgeState } from './bridge-state.ts';
import { OrderedQueue } from './ordered-queue.ts';
import { watchSwitches } from './runtime-switches.ts';
import type { Watch } from './watch.ts';

/** What the pipeline is made from. */
export interface InboundPipelineProps {
  config: StageConfig;
  state: BridgeState;
  /** Folder with the worker's bundle. */
  bundle: string;
  layer: ILayerVersion;
  watch: Watch;
}

/** Delivers what doors put on `queue`, in order per message group. */
export class InboundPipeline extends Construct {
  readonly queue: Queue;
  private readonly worker: BridgeFunction;

  constructor(scope: Construct, id: string, { config, state, bundle, layer, watch }: InboundPipelineProps) {
    super(scope, id);
    this.queue = new OrderedQueue(this, 'Inbound', {
      deployment: config,
      thing: 'inbound',
      visibilitySeconds: config.timing.visibilitySeconds,
      watch,
    }).queue;

    this.worker = new BridgeFunction(this, 'Worker', {
      name: nameOf(config, 'inbound-worker'),
      bundle,
      layer,
      memoryMegabytes: 512,
      timeoutSeconds: config.timing.workerTimeoutSeconds,
      logDays: config.retention.logDays,
      environment: {
        [Env.tenant]: config.tenant,
        [Env.stage]: config.stage,
        [Env.numbers]: JSON.stringify(toNumberConfigs(config, config.numbers)),
        [Env.genesysRegion]: config.genesys.region,
        [Env.ledgerTable]: state.ledger.tableName,
        [Env.customersTable]: state.customers.tableName,
        [Env.archiveBucket]: state.archive.bucketName,
        [Env.switchesParameter]: state.switches.parameterName,
        [Env.inboundQueueUrl]: this.queue.queueUrl,
        [Env.timing]: JSON.stringify(toTimingConfig(config)),
        [Env.requestsPerMinute]: String(config.pacing.requestsPerMinute),
        [Env.phrases]: JSON.stringify(toPhraseConfig(config)),
      },
    });
    this.allowDelivery(this.worker, state);
    watchSwitches(config, watch);

    new EventSourceMapping(this, 'Source', {
      target: this.worker.lambda,
      eventSourceArn: this.queue.queueArn,
      batchSize: 10,
      reportBatchItemFailures: true,
      maxConcurrency: config.limits.workerConcurrency,
    });
    watch.addAlarm({
      name: 'inbound-worker-errors',
      severity: 'warning',
      impact:
        'The inbound worker crashed or timed out; its messages are tried again and customers wait longer.',
      metric: this.worker.lambda.metricErrors({ period: Duration.minutes(5) }),
      above: 0,
    });
    watch.addAlarm({
      name: 'messages-failed',
      severity: 'critical',
      impact: 'Messages of customers were given up; the agent saw a notice in their place, or not even that.',
      metric: createBridgeMetric(config, 'inbound-worker', 'Messages.FAILED'),
      above: 0,
    });
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
    this.watchDesk(config, watch);
  }

  private watchDesk(config: StageConfig, watch: Watch): void {
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

  /** Links to large media begin with `publicUrl`, whose API needs this pipeline's queue and so comes later. */
  linkMediaTo(publicUrl: string): void {
    this.worker.lambda.addEnvironment(Env.publicUrl, publicUrl);
  }

  private allowDelivery(
    worker: BridgeFunction,
    { ledger, customers, archive, secrets, switches }: BridgeState,
  ): void {
    worker.allow(
      ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
      [this.queue.queueArn],
    );
    worker.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [ledger.tableArn, customers.tableArn]);
    worker.allow(['s3:GetObject'], [archive.arnForObjects('claims/*'), archive.arnForObjects('media/*')]);
    worker.allow(['s3:PutObject', 's3:AbortMultipartUpload'], [archive.arnForObjects('media/*')]);
    worker.allow(['ssm:GetParameter'], [switches.parameterArn]);
    worker.allow(
      ['secretsmanager:GetSecretValue'],
      secrets.map((secret) => secret.secretArn),
    );
  }
}
