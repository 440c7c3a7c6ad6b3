// What goes wrong and is put right by itself: parked messages are drained, fences left behind are swept, dead letters
// are parked. The protocol: docs/adr/0026.
import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { nameOf } from '../config/names.ts';
import type { StageConfig } from '../config/tenant-file.ts';
import type { BridgeFunction } from './bridge-function.ts';
import { createBridgeMetric, sumMetrics } from './bridge-metric.ts';
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
import { RedeliveryMachine } from './redelivery-machine.ts';

const sweepEvery = Duration.minutes(5);
/** Longest wait after an attempt that failed as a whole; a store is back sooner than Genesys. */
const longestFailureWaitSeconds = 300;
const longestFunctionSeconds = 900;

/** A worker's time for a message, and some to plan the next attempt; no queue waits for it. */
function toDrainSeconds({ timing }: StageConfig): number {
  return Math.min(timing.workerTimeoutSeconds + 15, longestFunctionSeconds);
}

/** Redelivery, its sweep, and the reader of dead letters. */
export class Redelivery extends Construct {
  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    const { config, machineArn } = props;
    const drain = this.createDrain(props);
    new RedeliveryMachine(this, 'Runs', {
      deployment: config,
      drain: drain.lambda,
      drainSeconds: toDrainSeconds(config),
      failureWaitSeconds: Math.min(config.redelivery.scheduleSeconds.at(-1) ?? 60, longestFailureWaitSeconds),
    });
    this.createSweep(props);
    this.createDeadLetters(props);
    this.watchParked(props);
    this.watchRuns(props, machineArn);
  }

  private createDrain(props: PipelineProps): BridgeFunction {
    const { config, state, machineArn } = props;
    const drain = createMover(this, 'Drain', props, {
      thing: 'redelivery',
      timeoutSeconds: toDrainSeconds(config),
      variables: this.describeBothWays(props),
      impact: 'Redelivery crashed or timed out; it is tried again, and customers with parked messages wait.',
    });
    allowClaiming(drain, state);
    allowParking(drain, state, machineArn);
    allowReadingPark(drain, state);
    allowSending(drain, state);
    allowMedia(drain, state);
    allowSwitches(drain, state);
    allowSecrets(drain, state);
    return drain;
  }

  private describeBothWays({ config, state, publicUrl, machineArn }: PipelineProps): Record<string, string> {
    return {
      ...describeStores(config, state),
      ...describeDesk(config),
      ...describeRedelivery(config, machineArn),
      ...describeDelivery(config, state, publicUrl),
    };
  }

  private createSweep(props: PipelineProps): void {
    const { config, state, machineArn } = props;
    const sweep = createMover(this, 'Sweep', props, {
      thing: 'sweep',
      variables: { ...describeStores(config, state), ...describeRedelivery(config, machineArn) },
      impact: 'The sweep failed; redelivery that died is not started again until it works.',
    });
    const { customers } = state;
    sweep.allow(['dynamodb:GetItem', 'dynamodb:UpdateItem', 'dynamodb:PutItem'], [customers.tableArn]);
    sweep.allow(
      ['dynamodb:Query'],
      ['in-fences', 'out-fences'].map((index) => `${customers.tableArn}/index/${index}`),
    );
    sweep.allow(['states:StartExecution'], [machineArn]);
    allowSecrets(sweep, state);
    new Rule(this, 'SweepSchedule', {
      ruleName: nameOf(config, 'sweep'),
      schedule: Schedule.rate(sweepEvery),
      targets: [new LambdaFunction(sweep.lambda)],
    });
  }

  private createDeadLetters(props: PipelineProps): void {
    const { state, queues, machineArn } = props;
    const reader = createMover(this, 'DeadLetters', props, {
      thing: 'dead-letters',
      variables: this.describeBothWays(props),
      impact: 'Dead letters cannot be parked; they stay in their queue, and their customers wait.',
      severity: 'critical',
    });
    // One at a time: what crashed a worker must not take others with it.
    const limits = { batchSize: 1, maxConcurrency: 2 };
    readQueue(reader, 'Inbound', queues.inbound.deadLetters, limits);
    readQueue(reader, 'Outbound', queues.outbound.deadLetters, limits);
    allowClaiming(reader, state);
    allowParking(reader, state, machineArn);
    allowReadingPark(reader, state);
    reader.allow(['s3:PutObject'], [state.archive.arnForObjects('unreadable/*')]);
    allowSwitches(reader, state);
    allowSecrets(reader, state);
  }

  private watchParked({ config, watch }: PipelineProps): void {
    const across = (name: string, ...functions: string[]) =>
      sumMetrics(
        name,
        functions.map((thing) => createBridgeMetric(config, thing, name)),
      );
    watch.addAlarm({
      name: 'messages-parked',
      severity: 'warning',
      impact: 'Messages wait behind the fences of their customers, in order, until they can be delivered.',
      metric: across('MessagesParked', 'inbound-worker', 'outbound-worker', 'dead-letters'),
      above: 0,
    });
    watch.addAlarm({
      name: 'messages-expired',
      severity: 'critical',
      impact:
        'Messages could not be delivered within their horizon and are given up; their readers were told.',
      metric: across('Messages.EXPIRED', 'redelivery', 'inbound-worker', 'outbound-worker'),
      above: 0,
    });
    watch.addAlarm({
      name: 'messages-failed',
      severity: 'critical',
      impact: 'Messages were given up; a notice or a failed receipt stands in their place, or not even that.',
      metric: across('Messages.FAILED', 'inbound-worker', 'outbound-worker', 'redelivery', 'dead-letters'),
      above: 0,
    });
    watch.addAlarm({
      name: 'deliveries-ambiguous',
      severity: 'warning',
      impact:
        'The outcome of attempts is not known; messages of customers may be there twice, replies wait for a status.',
      metric: sumMetrics('Unknown outcomes', [
        createBridgeMetric(config, 'inbound-worker', 'DeliveriesAmbiguous'),
        createBridgeMetric(config, 'redelivery', 'DeliveriesAmbiguous'),
        createBridgeMetric(config, 'outbound-worker', 'SendsOfUnknownOutcome'),
        createBridgeMetric(config, 'redelivery', 'SendsOfUnknownOutcome'),
      ]),
      above: 0,
    });
    watch.addAlarm({
      name: 'fences-overdue',
      severity: 'critical',
      impact: 'Redelivery of some customers stood still and was started again; if this goes on they wait.',
      metric: createBridgeMetric(config, 'sweep', 'FencesOpenOverdue'),
      above: 0,
      periods: 3,
    });
  }

  private watchRuns({ config, watch }: PipelineProps, machineArn: string): void {
    const failures = ['ExecutionsFailed', 'ExecutionsAborted', 'ExecutionsTimedOut'].map(
      (metricName) =>
        new Metric({
          namespace: 'AWS/States',
          metricName,
          dimensionsMap: { StateMachineArn: machineArn },
          statistic: 'Sum',
          period: sweepEvery,
        }),
    );
    watch.addAlarm({
      name: 'redelivery-executions',
      severity: 'critical',
      impact:
        'Redelivery runs ended before the fences of their customers were open; the sweep starts new ones.',
      metric: sumMetrics(`Failed runs of ${nameOf(config, 'redelivery')}`, failures),
      above: 0,
    });
  }
}
