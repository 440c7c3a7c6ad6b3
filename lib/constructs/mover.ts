// The functions that move messages: made alike, named as their handlers, each with an alarm for its crashes.
import { Duration } from 'aws-cdk-lib';
import { EventSourceMapping, type ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { type Bundles, pickBundle } from '../bundling/bundle.ts';
import { nameOf } from '../config/names.ts';
import type { StageConfig } from '../config/tenant-file.ts';
import { BridgeFunction } from './bridge-function.ts';
import type { BridgeState } from './bridge-state.ts';
import { describeDeployment } from './function-variables.ts';
import type { Watch } from './watch.ts';

/** What all movers are made from. */
export interface MoverContext {
  config: StageConfig;
  state: BridgeState;
  bundles: Bundles;
  layer: ILayerVersion;
  watch: Watch;
}

export interface MoverProps {
  /** File of its handler, its own name and that of its alarm. */
  thing: string;
  /** What it is told besides whose bridge it is. */
  variables: Record<string, string>;
  /** What it means for people when it crashes. */
  impact: string;
  severity?: 'critical' | 'warning';
  /** @default the worker's of the tenant file */
  timeoutSeconds?: number;
}

/** Makes a mover that may do nothing yet. */
export function createMover(
  scope: Construct,
  id: string,
  { config, bundles, layer, watch }: MoverContext,
  props: MoverProps,
): BridgeFunction {
  const { thing, variables, impact, severity = 'warning' } = props;
  const { timeoutSeconds = config.timing.workerTimeoutSeconds } = props;
  const mover = new BridgeFunction(scope, id, {
    name: nameOf(config, thing),
    bundle: pickBundle(bundles, thing),
    layer,
    memoryMegabytes: 512,
    timeoutSeconds,
    logDays: config.retention.logDays,
    environment: { ...describeDeployment(config), ...variables },
  });
  watch.addAlarm({
    name: `${thing}-errors`,
    severity,
    impact,
    metric: mover.lambda.metricErrors({ period: Duration.minutes(5) }),
    above: 0,
  });
  return mover;
}

/** Lets a mover be invoked with what comes through a queue; records fail one by one. */
export function readQueue(
  mover: BridgeFunction,
  id: string,
  queue: Queue,
  { batchSize, maxConcurrency }: { batchSize: number; maxConcurrency: number },
): void {
  mover.allow(
    ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility', 'sqs:GetQueueAttributes'],
    [queue.queueArn],
  );
  new EventSourceMapping(mover, id, {
    target: mover.lambda,
    eventSourceArn: queue.queueArn,
    batchSize,
    reportBatchItemFailures: true,
    maxConcurrency,
  });
}
