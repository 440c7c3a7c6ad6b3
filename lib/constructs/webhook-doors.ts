// The public side: HTTP routes, throttling, access log, and the door functions behind them.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { Env } from '../../lambdas/runtime/env.ts';
import { type Bundles, pickBundle } from '../bundling/bundle.ts';
import { nameOf } from '../config/names.ts';
import type { StageConfig } from '../config/tenant-file.ts';
import { BridgeFunction } from './bridge-function.ts';
import { createBridgeMetric } from './bridge-metric.ts';
import type { BridgeQueues } from './bridge-queues.ts';
import type { BridgeState } from './bridge-state.ts';
import { allowSecrets } from './function-grants.ts';
import { describeDeployment } from './function-variables.ts';
import type { Watch } from './watch.ts';

/** Route of Meta's webhook: GET to verify, POST to deliver. */
export const metaWebhookPath = '/webhook/meta';
/** Below it, one route per integration: the webhooks of Genesys' Open Messaging. */
export const genesysWebhookPath = '/webhook/genesys';
/** Route of the links to media that was too large to attach. */
export const mediaLinkPath = '/media/{token}';
/** Route that says whether this deployment is reachable. */
export const healthPath = '/health';

/** What the doors are made from. */
export interface WebhookDoorsProps {
  config: StageConfig;
  state: BridgeState;
  queues: BridgeQueues;
  bundles: Bundles;
  layer: ILayerVersion;
  watch: Watch;
}

/** The HTTP API and its doors. */
export class WebhookDoors extends Construct {
  /** Base URL without a trailing slash. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: WebhookDoorsProps) {
    super(scope, id);
    const { config } = props;
    const api = new HttpApi(this, 'Api', { apiName: nameOf(config, 'webhooks'), createDefaultStage: false });
    this.url = api.apiEndpoint;
    this.addStage(api, config);

    const metaDoor = this.createMetaDoor(props);
    const genesysDoor = this.createGenesysDoor(props);
    const addRoute = (path: string, methods: HttpMethod[], id: string, door: BridgeFunction) =>
      api.addRoutes({ path, methods, integration: new HttpLambdaIntegration(id, door.lambda) });
    addRoute(metaWebhookPath, [HttpMethod.GET, HttpMethod.POST], 'Meta', metaDoor);
    addRoute(`${genesysWebhookPath}/{integrationId}`, [HttpMethod.POST], 'Genesys', genesysDoor);
    addRoute(mediaLinkPath, [HttpMethod.GET], 'Media', this.createMediaDoor(props));
    addRoute(healthPath, [HttpMethod.GET], 'Health', this.createDoor('Health', 'health', 5, props));
    this.watchDoors(api, metaDoor, genesysDoor, props);
  }

  private watchDoors(
    api: HttpApi,
    metaDoor: BridgeFunction,
    genesysDoor: BridgeFunction,
    { config, watch }: WebhookDoorsProps,
  ): void {
    const period = Duration.minutes(5);
    watch.addAlarm({
      name: 'meta-door-errors',
      severity: 'critical',
      impact:
        'The Meta door crashed or timed out; Meta sends those webhooks again, later and later, for seven days.',
      metric: metaDoor.lambda.metricErrors({ period }),
      above: 0,
    });
    watch.addAlarm({
      name: 'genesys-door-errors',
      severity: 'critical',
      impact:
        'The Genesys door crashed or timed out; Genesys sends a webhook six times within seconds, then the reply is lost.',
      metric: genesysDoor.lambda.metricErrors({ period }),
      above: 0,
    });
    watch.addAlarm({
      name: 'webhook-server-errors',
      severity: 'critical',
      impact:
        'Webhooks are answered with 5xx, so nothing of them is accepted; providers send them again for a while.',
      metric: api.metricServerError({ period, statistic: 'Sum' }),
      above: 0,
    });
    watch.addAlarm({
      name: 'operator-events',
      severity: 'critical',
      impact:
        'Meta restricts or bans the account or a template, rates its quality as low, or reports a changed PIN; customers may soon not be reached.',
      metric: createBridgeMetric(config, 'meta-door', 'OperatorEventsSevere'),
      above: 0,
    });
  }

  private createMetaDoor(props: WebhookDoorsProps): BridgeFunction {
    const { queues, state } = props;
    const [inbound, receipts] = [queues.inbound.queue, queues.receipts.queue];
    const door = this.createDoor('MetaDoor', 'meta-door', 10, props, {
      [Env.inboundQueueUrl]: inbound.queueUrl,
      [Env.receiptsQueueUrl]: receipts.queueUrl,
      [Env.archiveBucket]: state.archive.bucketName,
    });
    this.allowAccepting(door, [inbound, receipts], state);
    return door;
  }

  private createGenesysDoor(props: WebhookDoorsProps): BridgeFunction {
    const { queues, state } = props;
    const [outbound, receipts] = [queues.outbound.queue, queues.receipts.queue];
    // Genesys waits ten seconds, and gives a message up after five tries.
    const door = this.createDoor('GenesysDoor', 'genesys-door', 9, props, {
      [Env.outboundQueueUrl]: outbound.queueUrl,
      [Env.receiptsQueueUrl]: receipts.queueUrl,
      [Env.archiveBucket]: state.archive.bucketName,
    });
    this.allowAccepting(door, [outbound, receipts], state);
    return door;
  }

  private createMediaDoor(props: WebhookDoorsProps): BridgeFunction {
    const { archive } = props.state;
    const door = this.createDoor('MediaDoor', 'media-door', 5, props, {
      [Env.archiveBucket]: archive.bucketName,
    });
    // The addresses it signs are good for what it may do itself.
    door.allow(['s3:GetObject'], [archive.arnForObjects('media/*')]);
    allowSecrets(door, props.state);
    return door;
  }

  private createDoor(
    id: string,
    thing: string,
    timeoutSeconds: number,
    { config, bundles, layer }: WebhookDoorsProps,
    variables: Record<string, string> = {},
  ): BridgeFunction {
    return new BridgeFunction(this, id, {
      name: nameOf(config, thing),
      bundle: pickBundle(bundles, thing),
      layer,
      memoryMegabytes: 512,
      timeoutSeconds,
      logDays: config.retention.logDays,
      environment: { ...describeDeployment(config), ...variables },
    });
  }

  /** A webhook is verified, archived and put on a queue, claim checks of long ones included. */
  private allowAccepting(door: BridgeFunction, queues: readonly Queue[], state: BridgeState): void {
    door.allow(
      ['sqs:SendMessage'],
      queues.map((queue) => queue.queueArn),
    );
    const { archive } = state;
    door.allow(['s3:PutObject'], [archive.arnForObjects('raw/*'), archive.arnForObjects('claims/*')]);
    allowSecrets(door, state);
  }

  private addStage(api: HttpApi, config: StageConfig): void {
    const log = new LogGroup(this, 'AccessLog', {
      // API Gateway adds no resource policy of its own for names under vendedlogs; the account may hold only ten.
      logGroupName: `/aws/vendedlogs/${nameOf(config, 'webhooks')}`,
      retention: config.retention.logDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: config.limits.requestsPerSecond, burstLimit: config.limits.burst },
      accessLogSettings: { destination: new LogGroupLogDestination(log), format: accessLogFormat },
    });
  }
}

/** Route instead of path and no caller: query strings carry the verify token, addresses are personal data. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTime',
    route: '$context.routeKey',
    status: '$context.status',
    responseBytes: '$context.responseLength',
    latencyMs: '$context.responseLatency',
    integrationStatus: '$context.integrationStatus',
    integrationError: '$context.integrationErrorMessage',
  }),
);
