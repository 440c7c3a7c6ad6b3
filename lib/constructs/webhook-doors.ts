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
import { toNumberConfigs } from '../config/function-settings.ts';
import { nameOf } from '../config/names.ts';
import type { StageConfig } from '../config/tenant-file.ts';
import { BridgeFunction } from './bridge-function.ts';
import { createBridgeMetric } from './bridge-metric.ts';
import type { BridgeState } from './bridge-state.ts';
import type { Watch } from './watch.ts';

/** Route of Meta's webhook: GET to verify, POST to deliver. */
export const metaWebhookPath = '/webhook/meta';
/** Route of the links to media that was too large to attach. */
export const mediaLinkPath = '/media/{token}';
/** Route that says whether this deployment is reachable. */
export const healthPath = '/health';

/** What the doors are made from. */
export interface WebhookDoorsProps {
  config: StageConfig;
  state: BridgeState;
  /** Where the doors put what customers wrote. */
  inboundQueue: Queue;
  /** Where the doors put what became of messages sent to customers. */
  receiptsQueue: Queue;
  /** Folders with the doors' bundles. */
  bundles: { metaDoor: string; mediaDoor: string; health: string };
  layer: ILayerVersion;
  watch: Watch;
}

/** The HTTP API and its doors. */
export class WebhookDoors extends Construct {
  /** Base URL without a trailing slash. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: WebhookDoorsProps) {
    super(scope, id);
    const { config, watch } = props;
    const api = new HttpApi(this, 'Api', { apiName: nameOf(config, 'webhooks'), createDefaultStage: false });
    this.url = api.apiEndpoint;
    this.addStage(api, config);

    const metaDoor = this.createMetaDoor(props);
    api.addRoutes({
      path: metaWebhookPath,
      methods: [HttpMethod.GET, HttpMethod.POST],
      integration: new HttpLambdaIntegration('Meta', metaDoor.lambda),
    });
    api.addRoutes({
      path: mediaLinkPath,
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration('Media', this.createMediaDoor(props).lambda),
    });
    api.addRoutes({
      path: healthPath,
      methods: [HttpMethod.GET],
      integration: new HttpLambdaIntegration('Health', this.createHealthDoor(props).lambda),
    });

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

  private createMetaDoor({
    config,
    state,
    inboundQueue,
    receiptsQueue,
    bundles,
    layer,
  }: WebhookDoorsProps): BridgeFunction {
    const door = new BridgeFunction(this, 'MetaDoor', {
      name: nameOf(config, 'meta-door'),
      bundle: bundles.metaDoor,
      layer,
      memoryMegabytes: 512,
      timeoutSeconds: 10,
      logDays: config.retention.logDays,
      environment: {
        ...this.describeDeployment(config),
        [Env.inboundQueueUrl]: inboundQueue.queueUrl,
        [Env.receiptsQueueUrl]: receiptsQueue.queueUrl,
        [Env.archiveBucket]: state.archive.bucketName,
      },
    });
    door.allow(['sqs:SendMessage'], [inboundQueue.queueArn, receiptsQueue.queueArn]);
    door.allow(
      ['s3:PutObject'],
      [state.archive.arnForObjects('raw/*'), state.archive.arnForObjects('claims/*')],
    );
    door.allow(
      ['secretsmanager:GetSecretValue'],
      state.secrets.map((secret) => secret.secretArn),
    );
    return door;
  }

  private createMediaDoor({ config, state, bundles, layer }: WebhookDoorsProps): BridgeFunction {
    const door = new BridgeFunction(this, 'MediaDoor', {
      name: nameOf(config, 'media-door'),
      bundle: bundles.mediaDoor,
      layer,
      memoryMegabytes: 512,
      timeoutSeconds: 5,
      logDays: config.retention.logDays,
      environment: { ...this.describeDeployment(config), [Env.archiveBucket]: state.archive.bucketName },
    });
    // The addresses it signs are good for what it may do itself.
    door.allow(['s3:GetObject'], [state.archive.arnForObjects('media/*')]);
    door.allow(
      ['secretsmanager:GetSecretValue'],
      state.secrets.map((secret) => secret.secretArn),
    );
    return door;
  }

  private createHealthDoor({ config, bundles, layer }: WebhookDoorsProps): BridgeFunction {
    return new BridgeFunction(this, 'Health', {
      name: nameOf(config, 'health'),
      bundle: bundles.health,
      layer,
      memoryMegabytes: 512,
      timeoutSeconds: 5,
      logDays: config.retention.logDays,
      environment: this.describeDeployment(config),
    });
  }

  private describeDeployment(config: StageConfig): Record<string, string> {
    return {
      [Env.tenant]: config.tenant,
      [Env.stage]: config.stage,
      [Env.numbers]: JSON.stringify(toNumberConfigs(config, config.numbers)),
    };
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
