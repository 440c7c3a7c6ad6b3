// Templates → plan: functions, routes and event sources here, what stores data in storage-reader.ts.
import type { StackTemplate } from './assembly.ts';
import type { AwsService } from './aws/local-aws.ts';
import { createResolver, type Resolve } from './intrinsics.ts';
import type { FunctionPlan, NumberPlan, Plan, RoutePlan, SourcePlan, Throttle } from './plan.ts';
import { findKind, type World } from './resource-kinds.ts';
import { readMachines, readRules } from './rule-reader.ts';
import { readStorage } from './storage-reader.ts';

/** A resource whose properties hold no intrinsics any more. */
export interface ResolvedResource {
  type: string;
  /** `stack/logicalId`, for messages. */
  where: string;
  stack: StackTemplate;
  /** What `Ref` gives. */
  ref: string;
  properties: Record<string, unknown>;
}

interface FunctionProperties {
  FunctionName: string;
  Handler?: string;
  Runtime?: string;
  Code: { S3Key?: string };
  Layers?: string[];
  MemorySize?: number;
  Timeout?: number;
  Environment?: { Variables?: Record<string, unknown> };
}

interface IntegrationProperties {
  IntegrationType?: string;
  IntegrationUri?: string;
  PayloadFormatVersion?: string;
  TimeoutInMillis?: number;
}

interface SourceProperties {
  FunctionName: string;
  EventSourceArn?: string;
  Enabled?: boolean;
  BatchSize?: number;
  FunctionResponseTypes?: string[];
  ScalingConfig?: { MaximumConcurrency?: number };
}

const longestIntegrationMs = 30_000;
/** What AWS takes when the template says nothing; for concurrency, the pollers a mapping starts with. */
const defaults = { memoryMb: 128, timeoutSeconds: 3, batchSize: 10, maxConcurrency: 5 };

/** The services functions may call, so that all others can be refused. @throws Error on an unknown resource type. */
export function findServices(stacks: StackTemplate[]): Set<AwsService> {
  const services = new Set<AwsService>();
  for (const stack of stacks) {
    for (const [id, { Type }] of Object.entries(stack.resources)) {
      const { service } = findKind(Type, `${stack.name}/${id}`);
      if (service) services.add(service);
    }
  }
  return services;
}

/** @throws Error naming stack and resource on anything the local run would have to pass over. */
export function readPlan(stacks: StackTemplate[], world: World): Plan {
  const resolve = createResolver(stacks, world);
  const resources = stacks.flatMap((stack) => resolveResources(stack, resolve));
  const ofType = (...types: string[]) => resources.filter(({ type }) => types.includes(type));
  const functions = readFunctions(ofType('AWS::Lambda::Function'), ofType('AWS::Lambda::LayerVersion'));
  const storage = readStorage(resources);
  const throttle = readThrottle(ofType('AWS::ApiGatewayV2::Stage'));
  return {
    ...readOutputs(stacks, resolve),
    ...storage,
    functions,
    routes: readRoutes(
      ofType('AWS::ApiGatewayV2::Route'),
      ofType('AWS::ApiGatewayV2::Integration'),
      functions,
    ),
    sources: readSources(
      ofType('AWS::Lambda::EventSourceMapping'),
      functions,
      storage.queues.map(({ name }) => name),
    ),
    machines: readMachines(ofType('AWS::StepFunctions::StateMachine'), functions),
    rules: readRules(ofType('AWS::Events::Rule'), functions),
    ...(throttle ? { throttle } : {}),
  };
}

function resolveResources(stack: StackTemplate, resolve: Resolve): ResolvedResource[] {
  return Object.entries(stack.resources).flatMap(([id, { Type, Properties = {} }]) => {
    const where = `${stack.name}/${id}`;
    // Roles, alarms and the like are never looked into.
    if (!findKind(Type, where).active && !runTypes.has(Type)) return [];
    return {
      type: Type,
      where,
      stack,
      ref: String(resolve(stack, { Ref: id })),
      properties: resolve(stack, Properties) as Record<string, unknown>,
    };
  });
}

const runTypes = new Set([
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::EventSourceMapping',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
]);

function readFunctions(functions: ResolvedResource[], layers: ResolvedResource[]): FunctionPlan[] {
  const layerFolders = new Map(
    layers.map((layer) => [
      layer.ref,
      findAsset(layer, (layer.properties.Content as { S3Key?: string })?.S3Key),
    ]),
  );
  return functions.map((resource) => {
    const properties = resource.properties as unknown as FunctionProperties;
    if (!properties.Runtime?.startsWith('nodejs')) {
      throw new Error(
        `${resource.where}: the local run hosts Node functions only, not ${properties.Runtime}`,
      );
    }
    const variables = Object.entries(properties.Environment?.Variables ?? {});
    return {
      name: properties.FunctionName,
      handler: properties.Handler ?? 'index.handler',
      codeFolder: findAsset(resource, properties.Code.S3Key),
      layerFolders: (properties.Layers ?? []).map((ref) => {
        const folder = layerFolders.get(ref);
        if (!folder) throw new Error(`${resource.where}: layer ${ref} is not in the templates`);
        return folder;
      }),
      memoryMb: properties.MemorySize ?? defaults.memoryMb,
      timeoutMs: (properties.Timeout ?? defaults.timeoutSeconds) * 1000,
      environment: Object.fromEntries(variables.map(([name, value]) => [name, String(value)])),
    };
  });
}

function findAsset({ where, stack }: ResolvedResource, s3Key: string | undefined): string {
  const folder = s3Key && stack.assetFolders[s3Key.replace(/\.zip$/, '')];
  if (!folder)
    throw new Error(`${where}: its code (${s3Key ?? 'inline'}) is not among the assets of ${stack.name}`);
  return folder;
}

function readRoutes(
  routes: ResolvedResource[],
  integrations: ResolvedResource[],
  functions: FunctionPlan[],
): RoutePlan[] {
  return routes.map(({ where, properties }) => {
    const { RouteKey, Target, AuthorizationType = 'NONE' } = properties as Record<string, string | undefined>;
    if (AuthorizationType !== 'NONE')
      throw new Error(`${where}: authorization ${AuthorizationType} is not known`);
    const integration = integrations.find(({ ref }) => Target === `integrations/${ref}`);
    const target = (integration?.properties ?? {}) as IntegrationProperties;
    if (target.IntegrationType !== 'AWS_PROXY' || target.PayloadFormatVersion !== '2.0') {
      throw new Error(`${where}: only integrations of type AWS_PROXY with payload format 2.0 are known`);
    }
    return {
      routeKey: String(RouteKey),
      functionName: findFunction(functions, target.IntegrationUri, where),
      timeoutMs: target.TimeoutInMillis ?? longestIntegrationMs,
    };
  });
}

function readSources(
  mappings: ResolvedResource[],
  functions: FunctionPlan[],
  queueNames: string[],
): SourcePlan[] {
  return mappings.map(({ where, properties }) => {
    const source = properties as unknown as SourceProperties;
    const queueArn = source.EventSourceArn ?? '';
    const queueName = queueArn.split(':').at(-1) ?? '';
    if (!queueArn.startsWith('arn:aws:sqs:') || !queueNames.includes(queueName)) {
      throw new Error(`${where}: event source ${queueArn} is not a queue of the templates`);
    }
    return {
      queueName,
      queueArn,
      functionName: findFunction(functions, source.FunctionName, where),
      enabled: source.Enabled ?? true,
      batchSize: source.BatchSize ?? defaults.batchSize,
      reportsItemFailures: source.FunctionResponseTypes?.includes('ReportBatchItemFailures') ?? false,
      maxConcurrency: source.ScalingConfig?.MaximumConcurrency ?? defaults.maxConcurrency,
    };
  });
}

/** Accepts the name or the ARN of a function. */
function findFunction(functions: FunctionPlan[], nameOrArn: string | undefined, where: string): string {
  const name = nameOrArn?.split(':').at(-1);
  if (!functions.some((one) => one.name === name)) {
    throw new Error(`${where}: function ${nameOrArn} is not in the templates`);
  }
  return String(name);
}

function readThrottle(stages: ResolvedResource[]): Throttle | undefined {
  const settings = stages[0]?.properties.DefaultRouteSettings as
    | { ThrottlingRateLimit?: number; ThrottlingBurstLimit?: number }
    | undefined;
  if (!settings?.ThrottlingRateLimit) return undefined;
  return {
    requestsPerSecond: settings.ThrottlingRateLimit,
    burst: settings.ThrottlingBurstLimit ?? settings.ThrottlingRateLimit,
  };
}

function readOutputs(stacks: StackTemplate[], resolve: Resolve): Pick<Plan, 'tenant' | 'stage' | 'numbers'> {
  const find = (name: string) => {
    const stack = stacks.find(({ outputs }) => Object.hasOwn(outputs, name));
    if (!stack) throw new Error(`no stack has the output ${name}, which the local run needs`);
    return String(resolve(stack, stack.outputs[name]?.Value));
  };
  return { tenant: find('Tenant'), stage: find('Stage'), numbers: parseNumbers(find('Numbers')) };
}

function parseNumbers(text: string): NumberPlan[] {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`the output Numbers is not a JSON list: ${text}`);
  }
}
