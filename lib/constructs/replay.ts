// Operators' replays: the function that plans and carries them out, and the state machine that takes it through both.
import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { Env } from '../../lambdas/runtime/env.ts';
import { pickBundle } from '../bundling/bundle.ts';
import { nameOf } from '../config/names.ts';
import { BridgeFunction } from './bridge-function.ts';
import { createBridgeMetric } from './bridge-metric.ts';
import { allowClaiming, allowParking, allowReadingPark, allowSecrets } from './function-grants.ts';
import {
  describeDelivery,
  describeDeployment,
  describeDesk,
  describeRedelivery,
  describeStores,
} from './function-variables.ts';
import type { PipelineProps } from './inbound-pipeline.ts';

/** The longest Lambda allows: a plan reads an archive of many days. */
const taskSeconds = 900;
const chunksAtOnce = 4;

/** Plans and carries out what `bridge replay` orders. */
export class Replay extends Construct {
  constructor(scope: Construct, id: string, props: PipelineProps) {
    super(scope, id);
    const { config, state, bundles, layer, watch, queues, publicUrl, machineArn } = props;
    const lambda = new BridgeFunction(this, 'Function', {
      name: nameOf(config, 'replay'),
      bundle: pickBundle(bundles, 'replay'),
      layer,
      memoryMegabytes: 1024,
      timeoutSeconds: taskSeconds,
      logDays: config.retention.logDays,
      environment: {
        ...describeDeployment(config),
        ...describeStores(config, state),
        ...describeDesk(config),
        ...describeRedelivery(config, machineArn),
        ...describeDelivery(config, state, publicUrl),
        [Env.archiveDays]: String(config.retention.rawDays),
        [Env.inboundQueueUrl]: queues.inbound.queue.queueUrl,
        [Env.outboundQueueUrl]: queues.outbound.queue.queueUrl,
      },
    });
    this.allowReplay(lambda, props);
    this.createMachine(lambda, props);
    watch.addAlarm({
      name: 'replay-failures',
      severity: 'warning',
      impact: 'Messages an operator wanted delivered again are where they were.',
      metric: createBridgeMetric(config, 'replay', 'ReplayFailures'),
      above: 0,
    });
    watch.addAlarm({
      name: 'replay-errors',
      severity: 'warning',
      impact: 'A replay an operator ordered was not carried out, or not to its end.',
      metric: lambda.lambda.metricErrors({ period: Duration.minutes(5) }),
      above: 0,
    });
  }

  private allowReplay(lambda: BridgeFunction, { state, queues, machineArn }: PipelineProps): void {
    const { ledger, archive } = state;
    allowSecrets(lambda, state);
    allowClaiming(lambda, state);
    allowParking(lambda, state, machineArn);
    allowReadingPark(lambda, state);
    lambda.allow(['dynamodb:BatchGetItem'], [ledger.tableArn]);
    lambda.allow(
      ['dynamodb:Query'],
      ['attention', 'timeline', 'genesys'].map((index) => `${ledger.tableArn}/index/${index}`),
    );
    // Without it a missing object could not be told from a forbidden one.
    lambda.allow(['s3:ListBucket'], [archive.bucketArn]);
    lambda.allow(['s3:GetObject'], [archive.arnForObjects('raw/*'), archive.arnForObjects('media/*')]);
    lambda.allow(['s3:GetObject', 's3:PutObject'], [archive.arnForObjects('replays/*')]);
    lambda.allow(['sqs:SendMessage'], [queues.inbound.queue.queueArn, queues.outbound.queue.queueArn]);
  }

  private createMachine({ lambda }: BridgeFunction, { config }: PipelineProps): void {
    const stack = Stack.of(this);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [lambda.functionArn] }),
    );
    const machine = new CfnStateMachine(this, 'Machine', {
      stateMachineName: nameOf(config, 'replay'),
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: stack.toJsonString(describeMachine(lambda.functionArn)),
    });
    machine.node.addDependency(role);
  }
}

function describeMachine(functionArn: string): object {
  const task = {
    Type: 'Task',
    Resource: functionArn,
    TimeoutSeconds: taskSeconds + 30,
    Retry: [
      {
        // An order that cannot be carried out stays one; whoever gave it reads why.
        ErrorEquals: ['ReplayRefused'],
        MaxAttempts: 0,
      },
      {
        ErrorEquals: ['States.ALL'],
        IntervalSeconds: 2,
        BackoffRate: 3,
        MaxDelaySeconds: 60,
        MaxAttempts: 3,
        JitterStrategy: 'FULL',
      },
    ],
  };
  return {
    Comment: 'Delivers again what an operator chose: plan, chunk by chunk, summary',
    StartAt: 'Plan',
    States: {
      Plan: { ...task, Next: 'EachChunk' },
      EachChunk: {
        Type: 'Map',
        ItemsPath: '$.chunks',
        MaxConcurrency: chunksAtOnce,
        ResultPath: '$.done',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'INLINE' },
          StartAt: 'Chunk',
          States: {
            Chunk: {
              ...task,
              // Trouble with one chunk does not stop the others; the summary tells.
              Catch: [{ ErrorEquals: ['States.ALL'], Next: 'GiveChunkUp' }],
              End: true,
            },
            GiveChunkUp: { Type: 'Pass', Result: { done: 'no' }, End: true },
          },
        },
        Next: 'Summary',
      },
      Summary: {
        ...task,
        Parameters: { task: 'summary', 'number.$': '$.number' },
        End: true,
      },
    },
  };
}
