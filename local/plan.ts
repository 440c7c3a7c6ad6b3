// What is to be run, as read from the templates: plain data, nothing of CloudFormation left in it.
import type { MachinePlan } from './aws/machine-definition.ts';
import type { BucketSpec, ParameterSpec, QueueSpec, TableSpec } from './aws/provision.ts';
import type { NextDue } from './schedule-time.ts';

export interface FunctionPlan {
  name: string;
  /** `file.export`, as in the template. */
  handler: string;
  codeFolder: string;
  /** In the order of the template; what is `/opt` on AWS. */
  layerFolders: string[];
  memoryMb: number;
  timeoutMs: number;
  environment: Record<string, string>;
}

export interface RoutePlan {
  /** `METHOD /path/{parameter}`, `ANY /path` or `$default`. */
  routeKey: string;
  functionName: string;
  timeoutMs: number;
}

export interface SourcePlan {
  queueName: string;
  queueArn: string;
  functionName: string;
  enabled: boolean;
  batchSize: number;
  /** Whether the answer may name the records that failed. */
  reportsItemFailures: boolean;
  maxConcurrency: number;
}

/** A rule of EventBridge: a schedule, or a pattern of events that tests send by hand. */
export interface RulePlan {
  name: string;
  enabled: boolean;
  /** Missing for a rule with a pattern. */
  nextDue?: NextDue;
  /** `input`: what the function gets instead of the event. */
  targets: { functionName: string; input?: unknown }[];
}

export interface SecretPlan {
  name: string;
  /** The value in the template; without it the runner makes one. */
  value?: string;
}

export interface NumberPlan {
  channel: string;
  phoneNumberId: string;
  integrationId: string;
}

export interface Throttle {
  requestsPerSecond: number;
  burst: number;
}

export interface Plan {
  tenant: string;
  stage: string;
  numbers: NumberPlan[];
  tables: TableSpec[];
  queues: QueueSpec[];
  buckets: BucketSpec[];
  secrets: SecretPlan[];
  parameters: ParameterSpec[];
  functions: FunctionPlan[];
  routes: RoutePlan[];
  sources: SourcePlan[];
  machines: MachinePlan[];
  rules: RulePlan[];
  /** Of the public routes; read, not enforced locally. */
  throttle?: Throttle;
}
