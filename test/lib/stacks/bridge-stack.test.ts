import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { flatten, listProperties, readPath, synthesize } from '../synthesized.ts';

const { bridge, state } = synthesize('prod');

describe('the inbound queue', () => {
  const queues = listProperties(bridge, 'AWS::SQS::Queue');
  const inbound = queues.find(({ QueueName }) => QueueName === 'acme-prod-inbound.fifo');

  it('is FIFO, and so are its dead letters', () => {
    expect(queues.map(({ QueueName }) => QueueName).sort()).toEqual([
      'acme-prod-inbound-dead.fifo',
      'acme-prod-inbound.fifo',
      'acme-prod-receipts-dead.fifo',
      'acme-prod-receipts.fifo',
    ]);
    for (const queue of queues) {
      expect(queue).toMatchObject({
        FifoQueue: true,
        ContentBasedDeduplication: false,
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: 14 * 86_400,
      });
    }
  });

  it('gives a message up after twenty receives', () => {
    expect(inbound?.RedrivePolicy).toMatchObject({ maxReceiveCount: 20 });
    expect(flatten(readPath(inbound, 'RedrivePolicy', 'deadLetterTargetArn'))).toMatch(/Dead.*\.Arn/);
  });

  it('hides a message at least as long as its claim and its function live', () => {
    const [worker] = listProperties(bridge, 'AWS::Lambda::Function').filter(
      ({ FunctionName }) => FunctionName === 'acme-prod-inbound-worker',
    );

    expect(inbound?.VisibilityTimeout).toBe(150);
    expect(Number(inbound?.VisibilityTimeout)).toBeGreaterThanOrEqual(Number(worker?.Timeout));
  });

  it('refuses calls without TLS, as its dead letters do', () => {
    const policies = listProperties(bridge, 'AWS::SQS::QueuePolicy');

    expect(policies).toHaveLength(4);
    for (const { PolicyDocument } of policies) {
      expect(PolicyDocument).toMatchObject({
        Statement: [
          { Action: 'sqs:*', Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        ],
      });
    }
  });

  it('is read in batches whose records fail one by one', () => {
    bridge.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 7 },
    });
  });
});

describe('the functions', () => {
  const functions = listProperties(bridge, 'AWS::Lambda::Function');

  function readVariables(name: string): Record<string, unknown> {
    const found = functions.find(({ FunctionName }) => FunctionName === name);
    return readPath(found, 'Environment', 'Variables') as Record<string, unknown>;
  }

  it('run on Node 24 for ARM, with the layer, JSON logs and no tracing', () => {
    expect(functions).toHaveLength(4);
    for (const lambda of functions) {
      expect(lambda).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: 512,
        LoggingConfig: { LogFormat: 'JSON' },
      });
      expect(lambda.Layers).toHaveLength(1);
      expect(lambda.TracingConfig).toBeUndefined();
    }
  });

  it('end in time: the doors before a provider hangs up, the worker as the tenant file says', () => {
    expect(functions.map(({ FunctionName, Timeout }) => [FunctionName, Timeout]).sort()).toEqual([
      ['acme-prod-health', 5],
      ['acme-prod-inbound-worker', 120],
      ['acme-prod-media-door', 5],
      ['acme-prod-meta-door', 10],
    ]);
  });

  it('log to groups of their own that forget', () => {
    const groups = listProperties(bridge, 'AWS::Logs::LogGroup');

    expect(groups.map(({ LogGroupName, RetentionInDays }) => [LogGroupName, RetentionInDays]).sort()).toEqual(
      [
        ['/aws/lambda/acme-prod-health', 14],
        ['/aws/lambda/acme-prod-inbound-worker', 14],
        ['/aws/lambda/acme-prod-media-door', 14],
        ['/aws/lambda/acme-prod-meta-door', 14],
        ['/aws/vendedlogs/acme-prod-webhooks', 14],
      ],
    );
  });

  it('are told what they need: the door', () => {
    expect(Object.keys(readVariables('acme-prod-meta-door')).sort()).toEqual([
      'ARCHIVE_BUCKET',
      'INBOUND_QUEUE_URL',
      'NUMBERS',
      'RECEIPTS_QUEUE_URL',
      'STAGE',
      'TENANT',
    ]);
  });

  it('are told what they need: the worker', () => {
    const variables = readVariables('acme-prod-inbound-worker');

    expect(Object.keys(variables).sort()).toEqual([
      'ARCHIVE_BUCKET',
      'CUSTOMERS_TABLE',
      'GENESYS_REGION',
      'INBOUND_QUEUE_URL',
      'LEDGER_TABLE',
      'NUMBERS',
      'PHRASES',
      'PUBLIC_URL',
      'REQUESTS_PER_MINUTE',
      'STAGE',
      'SWITCHES_PARAMETER',
      'TENANT',
      'TIMING',
    ]);
    expect(JSON.parse(String(variables.TIMING))).toMatchObject({ postTimeoutMs: 10_000, ledgerDays: 35 });
    expect(JSON.parse(String(variables.NUMBERS))).toHaveLength(2);
  });
});

describe('the webhooks', () => {
  it('have these routes', () => {
    const routes = listProperties(bridge, 'AWS::ApiGatewayV2::Route');

    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual([
      'GET /health',
      'GET /media/{token}',
      'GET /webhook/meta',
      'POST /webhook/meta',
    ]);
  });

  it('are throttled as the tenant file says', () => {
    bridge.hasResourceProperties('AWS::ApiGatewayV2::Stage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 75 },
    });
  });

  it('are logged without path, query string or caller', () => {
    const [stage] = listProperties(bridge, 'AWS::ApiGatewayV2::Stage');
    const format = String(readPath(stage, 'AccessLogSettings', 'Format'));

    expect(Object.keys(JSON.parse(format))).toContain('status');
    expect(format).not.toMatch(/context\.(path|identity|customDomain)|queryString|sourceIp/i);
  });
});

describe('the outputs', () => {
  it('say where the bridge is and for whom', () => {
    const outputs = bridge.findOutputs('*');

    expect(Object.keys(outputs).sort()).toEqual([
      'HealthUrl',
      'MetaWebhookUrl',
      'Numbers',
      'Stage',
      'Tenant',
    ]);
    expect(flatten(outputs.MetaWebhookUrl?.Value)).toMatch(/ApiEndpoint>\/webhook\/meta$/);
    expect(flatten(outputs.HealthUrl?.Value)).toMatch(/ApiEndpoint>\/health$/);
    expect([outputs.Tenant?.Value, outputs.Stage?.Value]).toEqual(['acme', 'prod']);
    expect(JSON.parse(outputs.Numbers?.Value)).toEqual([
      { channel: 'meta', phoneNumberId: '111111', integrationId: '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10' },
      { channel: 'meta', phoneNumberId: '222222', integrationId: '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b11' },
    ]);
  });
});

describe('the alarms', () => {
  const alarms = listProperties(bridge, 'AWS::CloudWatch::Alarm');
  const runbook = readFileSync(resolve(__dirname, '../../../docs/runbook.md'), 'utf8');

  it('watch dead letters, waiting messages, crashes and refused webhooks', () => {
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual([
      'acme-prod-critical-genesys-circuit',
      'acme-prod-critical-identity-conflict',
      'acme-prod-critical-inbound-dead-letters',
      'acme-prod-critical-inbound-dead-letters-age',
      'acme-prod-critical-messages-failed',
      'acme-prod-critical-messages-quarantined',
      'acme-prod-critical-meta-door-errors',
      'acme-prod-critical-operator-events',
      'acme-prod-critical-receipts-dead-letters',
      'acme-prod-critical-receipts-dead-letters-age',
      'acme-prod-critical-webhook-server-errors',
      'acme-prod-warning-genesys-throttling',
      'acme-prod-warning-inbound-queue-age',
      'acme-prod-warning-inbound-worker-errors',
      'acme-prod-warning-media-failures',
      'acme-prod-warning-messages-held',
      'acme-prod-warning-switches-unreadable',
    ]);
  });

  it.each(alarms.map((alarm) => [String(alarm.AlarmName), alarm]))(
    '%s says how bad it is, rings, and has its page in the runbook',
    (_, alarm) => {
      const description = String(alarm.AlarmDescription);
      const anchor = /docs\/runbook\.md#([a-z-]+)$/.exec(description)?.[1];

      expect(description).toMatch(/^(CRITICAL|WARNING): \w/);
      expect(alarm.AlarmActions).toHaveLength(1);
      expect(alarm.TreatMissingData).toBe('notBreaching');
      const section = runbook.split(/^## /m).find((text) => text.startsWith(`${anchor}\n`));
      for (const part of ['Description', 'Investigation', 'Resolution']) {
        expect(section).toContain(`### ${part}\n`);
      }
    },
  );

  it('ring on a topic that only CloudWatch of this account may publish to, over TLS', () => {
    bridge.hasResourceProperties('AWS::SNS::Topic', { TopicName: 'acme-prod-alarms' });
    bridge.hasResourceProperties('AWS::SNS::TopicPolicy', {
      PolicyDocument: {
        Statement: [
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({
            Effect: 'Allow',
            Action: 'sns:Publish',
            Principal: { Service: 'cloudwatch.amazonaws.com' },
            Condition: { StringEquals: { 'aws:SourceAccount': '123456789012' } },
          }),
        ],
      },
    });
  });
});

describe('the templates', () => {
  it('use only the intrinsics that the local run understands', () => {
    const understood = ['Ref', 'Fn::GetAtt', 'Fn::Join', 'Fn::Sub', 'Fn::ImportValue'];
    const used = new Set<string>();
    const walk = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, child] of Object.entries(value)) {
        if (key === 'Ref' || key.startsWith('Fn::')) used.add(key);
        walk(child);
      }
    };

    for (const template of [bridge, state]) {
      const { Resources, Outputs } = template.toJSON();
      walk([Resources, Outputs]);
    }

    expect([...used].filter((name) => !understood.includes(name))).toEqual([]);
  });

  it('cannot be made without the bundle of a function', () => {
    expect(() => synthesize('prod', ['meta-door', 'media-door', 'health'])).toThrow(
      'lambdas/handlers/inbound-worker.ts',
    );
  });
});
