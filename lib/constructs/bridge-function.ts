// The only way to make a function: runtime, layer, own log group, a role that starts with nothing but its own log.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Architecture,
  Code,
  type ILayerVersion,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

/** The one runtime of all functions and of their layer. */
export const bridgeRuntime = Runtime.NODEJS_24_X;
/** Cheaper per millisecond than x86 for the same work. */
export const bridgeArchitecture = Architecture.ARM_64;

/** How a function is made. */
export interface BridgeFunctionProps {
  /** Full name of the function. */
  name: string;
  /** Folder with the bundle, `index.js` exporting `handler`. */
  bundle: string;
  layer: ILayerVersion;
  memoryMegabytes: number;
  timeoutSeconds: number;
  logDays: number;
  /** Variables by name; names come from lambdas/runtime/env.ts. */
  environment: Record<string, string>;
}

/** A function that may do nothing but write its own log until `allow` is called. */
export class BridgeFunction extends Construct {
  readonly lambda: LambdaFunction;
  private readonly role: Role;

  constructor(scope: Construct, id: string, props: BridgeFunctionProps) {
    super(scope, id);
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${props.name}`,
      // CDK's enum of retentions is the number of days.
      retention: props.logDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup.logGroupArn]);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: props.name,
      runtime: bridgeRuntime,
      architecture: bridgeArchitecture,
      code: Code.fromAsset(props.bundle),
      handler: 'index.handler',
      layers: [props.layer],
      role: this.role,
      memorySize: props.memoryMegabytes,
      timeout: Duration.seconds(props.timeoutSeconds),
      environment: props.environment,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.DISABLED,
    });
  }

  /** Grants exactly these actions on exactly these resources. */
  allow(actions: readonly string[], resources: readonly string[]): void {
    this.role.addToPolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
  }
}
