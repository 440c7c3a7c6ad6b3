// The state machine of redelivery, one execution per fenced customer: wait, drain, and again until the fence is open.
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type Deployment, nameOf } from '../config/names.ts';

/** What the machine is made from. */
export interface RedeliveryMachineProps {
  deployment: Deployment;
  /** Drains a customer's park once. */
  drain: IFunction;
  /** Longest time of one attempt. */
  drainSeconds: number;
  /** Wait after an attempt that failed as a whole, for example for want of a store. */
  failureWaitSeconds: number;
}

/** Made from names, since the function that drains starts the machine too: neither can wait for the other. */
export function arnOfRedeliveryMachine(stack: Stack, deployment: Deployment): string {
  return stack.formatArn({
    service: 'states',
    resource: 'stateMachine',
    resourceName: nameOf(deployment, 'redelivery'),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** Only what both AWS and the interpreter of the local run do alike: docs/adr/0031. */
export class RedeliveryMachine extends Construct {
  constructor(scope: Construct, id: string, props: RedeliveryMachineProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('states.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [props.drain.functionArn] }),
    );
    const machine = new CfnStateMachine(this, 'Machine', {
      stateMachineName: nameOf(props.deployment, 'redelivery'),
      stateMachineType: 'STANDARD',
      roleArn: role.roleArn,
      definitionString: Stack.of(this).toJsonString(describeMachine(props)),
    });
    // The policy is a resource of its own: without it the first executions would be refused.
    machine.node.addDependency(role);
  }
}

function describeMachine({ drain, drainSeconds, failureWaitSeconds }: RedeliveryMachineProps): object {
  return {
    Comment: 'Drains the parked messages of one customer and direction, in order',
    StartAt: 'Wait',
    States: {
      Wait: { Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Drain' },
      Drain: {
        Type: 'Task',
        Resource: drain.functionArn,
        // The function ends first, by its own time limit: what it did is known then.
        TimeoutSeconds: drainSeconds + 30,
        Retry: [
          {
            ErrorEquals: ['States.ALL'],
            IntervalSeconds: 1,
            BackoffRate: 3,
            MaxDelaySeconds: 60,
            MaxAttempts: 4,
            JitterStrategy: 'FULL',
          },
        ],
        // A customer's fence must not stay closed because of an attempt: it is made again, with the same input.
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'WaitAfterFailure' }],
        Next: 'Choose',
      },
      WaitAfterFailure: { Type: 'Wait', Seconds: failureWaitSeconds, Next: 'Drain' },
      Choose: {
        Type: 'Choice',
        Choices: [
          { Variable: '$.state', StringEquals: 'waiting', Next: 'Wait' },
          { Variable: '$.state', StringEquals: 'open', Next: 'Done' },
          { Variable: '$.state', StringEquals: 'stopped', Next: 'Done' },
        ],
        Default: 'UnknownAnswer',
      },
      Done: { Type: 'Succeed' },
      UnknownAnswer: { Type: 'Fail', Error: 'UnknownAnswer', Cause: 'The function answered no known state' },
    },
  };
}
