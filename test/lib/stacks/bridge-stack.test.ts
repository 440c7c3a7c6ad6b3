import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Match } from 'aws-cdk-lib/assertions';
import { flatten, listProperties, readPath, synthesize } from '../synthesized.ts';

const { bridge, state } = synthesize('prod');

describe('the queues', () => {
  const queues = listProperties(bridge, 'AWS::SQS::Queue');
  const inbound = queues.find(({ QueueName }) => QueueName === 'acme-prod-inbound.fifo');

  it('are FIFO, and so are their dead letters', () => {
    expect(queues.map(({ QueueName }) => QueueName).sort()).toEqual([
      'acme-prod-inbound-dead.fifo',
      'acme-prod-inbound.fifo',
      'acme-prod-outbound-dead.fifo',
      'acme-prod-outbound.fifo',
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

  it('give a message up after twenty receives, and what became of one after a hundred', () => {
    const receives = ['inbound', 'outbound', 'receipts'].map((thing) => {
      const queue = queues.find(({ QueueName }) => QueueName === `acme-prod-${thing}.fifo`);
      return readPath(queue, 'RedrivePolicy', 'maxReceiveCount');
    });

    expect(receives).toEqual([20, 20, 100]);
    expect(flatten(readPath(inbound, 'RedrivePolicy', 'deadLetterTargetArn'))).toMatch(/Dead.*\.Arn/);
  });

  it('hide a message at least as long as its claim and its function live, dead letters too', () => {
    const [worker] = listProperties(bridge, 'AWS::Lambda::Function').filter(
      ({ FunctionName }) => FunctionName === 'acme-prod-inbound-worker',
    );

    for (const { VisibilityTimeout } of queues) {
      expect(VisibilityTimeout).toBe(150);
      expect(Number(VisibilityTimeout)).toBeGreaterThanOrEqual(Number(worker?.Timeout));
    }
  });

  it('refuse calls without TLS', () => {
    const policies = listProperties(bridge, 'AWS::SQS::QueuePolicy');

    expect(policies).toHaveLength(6);
    for (const { PolicyDocument } of policies) {
      expect(PolicyDocument).toMatchObject({
        Statement: [
          { Action: 'sqs:*', Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
        ],
      });
    }
  });

  it('are read in batches whose records fail one by one', () => {
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
    expect(functions).toHaveLength(11);
    for (const lambda of functions) {
      expect(lambda).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        MemorySize: lambda.FunctionName === 'acme-prod-replay' ? 1024 : 512,
        LoggingConfig: { LogFormat: 'JSON' },
      });
      expect(lambda.Layers).toHaveLength(1);
      expect(lambda.TracingConfig).toBeUndefined();
    }
  });

  it('end in time: the doors before a provider hangs up, the worker as the tenant file says', () => {
    expect(functions.map(({ FunctionName, Timeout }) => [FunctionName, Timeout]).sort()).toEqual([
      ['acme-prod-dead-letters', 120],
      ['acme-prod-genesys-door', 9],
      ['acme-prod-health', 5],
      ['acme-prod-inbound-worker', 120],
      ['acme-prod-media-door', 5],
      ['acme-prod-meta-door', 10],
      ['acme-prod-outbound-worker', 120],
      ['acme-prod-receipts-worker', 120],
      ['acme-prod-redelivery', 135],
      ['acme-prod-replay', 900],
      ['acme-prod-sweep', 120],
    ]);
  });

  it('log to groups of their own that forget', () => {
    const groups = listProperties(bridge, 'AWS::Logs::LogGroup');

    expect(groups.map(({ LogGroupName }) => LogGroupName).sort()).toEqual([
      ...functions.map(({ FunctionName }) => `/aws/lambda/${FunctionName}`).sort(),
      '/aws/vendedlogs/acme-prod-webhooks',
    ]);
    for (const { RetentionInDays } of groups) expect(RetentionInDays).toBe(14);
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
      'CONVERSATIONS',
      'CUSTOMERS_TABLE',
      'GENESYS_REGION',
      'INBOUND_QUEUE_URL',
      'LEDGER_TABLE',
      'NUMBERS',
      'OUTBOUND',
      'PHRASES',
      'PUBLIC_URL',
      'REDELIVERY',
      'REDELIVERY_MACHINE_ARN',
      'REQUESTS_PER_MINUTE',
      'STAGE',
      'SWITCHES_PARAMETER',
      'TENANT',
      'TIMING',
    ]);
    expect(JSON.parse(String(variables.TIMING))).toMatchObject({ postTimeoutMs: 10_000, ledgerDays: 35 });
    expect(JSON.parse(String(variables.NUMBERS))).toHaveLength(2);
  });

  it('have room in their environment for what a tenant file may hold', () => {
    // 4 KB in all; the settings that grow with the tenant file may take 2,596 bytes of it.
    const growing = ['NUMBERS', 'PHRASES', 'OUTBOUND', 'CONVERSATIONS', 'REDELIVERY'];
    for (const { FunctionName } of functions) {
      const fixed = Object.entries(readVariables(String(FunctionName))).filter(
        ([name]) => !growing.includes(name),
      );
      const bytes = fixed.reduce((sum, [name, value]) => sum + name.length + flatten(value).length + 6, 0);
      const longestNames = fixed.length * 20;

      expect(bytes + longestNames + growing.join('').length + 30).toBeLessThan(1500);
    }
  });
});

describe('redelivery', () => {
  const [machine] = listProperties(bridge, 'AWS::StepFunctions::StateMachine').filter(
    ({ StateMachineName }) => StateMachineName === 'acme-prod-redelivery',
  );
  const { States: states } = JSON.parse(flatten(machine?.DefinitionString));

  it('waits as its input says, drains, and goes on until there is nothing to wait for', () => {
    expect(machine?.StateMachineType).toBe('STANDARD');
    expect(states.Wait).toEqual({ Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Drain' });
    expect(states.Drain).toMatchObject({ Type: 'Task', TimeoutSeconds: 165, Next: 'Choose' });
    expect(states.Drain.Resource).toMatch(/RedeliveryDrainFunction.*\.Arn/);
    expect(states.Choose).toMatchObject({
      Choices: [
        { StringEquals: 'waiting', Next: 'Wait' },
        { StringEquals: 'open', Next: 'Done' },
        { StringEquals: 'stopped', Next: 'Done' },
      ],
      Default: 'UnknownAnswer',
    });
  });

  it('survives whatever happens to an attempt: retried with jitter, then made again with the same input', () => {
    const everything = ['States.ALL'];
    expect(states.Drain.Retry).toMatchObject([{ ErrorEquals: everything, JitterStrategy: 'FULL' }]);
    expect(states.Drain.Catch).toEqual([
      { ErrorEquals: everything, ResultPath: null, Next: 'WaitAfterFailure' },
    ]);
    expect(states.WaitAfterFailure).toEqual({ Type: 'Wait', Seconds: 300, Next: 'Drain' });
  });

  it('has a machine of the name that functions are told', () => {
    const [worker] = listProperties(bridge, 'AWS::Lambda::Function').filter(
      ({ FunctionName }) => FunctionName === 'acme-prod-inbound-worker',
    );

    expect(readPath(worker, 'Environment', 'Variables', 'REDELIVERY_MACHINE_ARN')).toBe(
      'arn:aws:states:eu-west-2:123456789012:stateMachine:acme-prod-redelivery',
    );
  });

  it('is swept every five minutes', () => {
    bridge.hasResourceProperties('AWS::Events::Rule', {
      Name: 'acme-prod-sweep',
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
    });
  });

  it('takes dead letters of both directions one at a time', () => {
    const mappings = listProperties(bridge, 'AWS::Lambda::EventSourceMapping').filter(({ EventSourceArn }) =>
      /Dead/.test(flatten(EventSourceArn)),
    );

    expect(mappings).toHaveLength(2);
    for (const mapping of mappings) {
      expect(mapping).toMatchObject({ BatchSize: 1, FunctionResponseTypes: ['ReportBatchItemFailures'] });
    }
  });
});

describe('the end of conversations', () => {
  it('is heard of only where the tenant file names an event source', () => {
    const { bridge: listening } = synthesize('events');

    bridge.resourcePropertiesCountIs('AWS::Events::Rule', { EventPattern: Match.anyValue() }, 0);
    listening.hasResourceProperties('AWS::Events::Rule', {
      Name: 'acme-events-conversation-end',
      EventBusName: 'aws.partner/genesys.com/cloud/org/bridge',
      EventPattern: {
        source: ['aws.partner/genesys.com/cloud/org/bridge'],
        'detail-type': [
          'v2.detail.events.conversation.{id}.customer.start',
          'v2.detail.events.conversation.{id}.customer.end',
        ],
        detail: { eventBody: { messageType: ['OPEN'] } },
      },
    });
  });
});

describe('the webhooks', () => {
  it('have these routes', () => {
    const routes = listProperties(bridge, 'AWS::ApiGatewayV2::Route');

    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual([
      'GET /health',
      'GET /media/{token}',
      'GET /webhook/meta',
      'POST /webhook/genesys/{integrationId}',
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
      'GenesysWebhookUrl',
      'HealthUrl',
      'MetaWebhookUrl',
      'Numbers',
      'Stage',
      'Tenant',
    ]);
    expect(flatten(outputs.MetaWebhookUrl?.Value)).toMatch(/ApiEndpoint>\/webhook\/meta$/);
    expect(flatten(outputs.GenesysWebhookUrl?.Value)).toMatch(/ApiEndpoint>\/webhook\/genesys$/);
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
  const endAlarms = listProperties(synthesize('events').bridge, 'AWS::CloudWatch::Alarm').filter(
    ({ AlarmName }) => String(AlarmName).includes('conversation-end'),
  );
  const runbook = readFileSync(resolve(__dirname, '../../../docs/runbook.md'), 'utf8');

  it('watch dead letters, waiting messages, crashes and refused webhooks', () => {
    expect(alarms.map(({ AlarmName }) => AlarmName).sort()).toEqual([
      'acme-prod-critical-dead-letters-errors',
      'acme-prod-critical-fences-overdue',
      'acme-prod-critical-genesys-circuit',
      'acme-prod-critical-genesys-door-errors',
      'acme-prod-critical-identity-conflict',
      'acme-prod-critical-inbound-dead-letters',
      'acme-prod-critical-inbound-dead-letters-age',
      'acme-prod-critical-messages-expired',
      'acme-prod-critical-messages-failed',
      'acme-prod-critical-messages-quarantined',
      'acme-prod-critical-meta-door-errors',
      'acme-prod-critical-operator-events',
      'acme-prod-critical-outbound-dead-letters',
      'acme-prod-critical-outbound-dead-letters-age',
      'acme-prod-critical-receipts-dead-letters',
      'acme-prod-critical-receipts-dead-letters-age',
      'acme-prod-critical-redelivery-executions',
      'acme-prod-critical-webhook-server-errors',
      'acme-prod-critical-whatsapp-circuit',
      'acme-prod-warning-deliveries-ambiguous',
      'acme-prod-warning-genesys-throttling',
      'acme-prod-warning-inbound-queue-age',
      'acme-prod-warning-inbound-worker-errors',
      'acme-prod-warning-media-failures',
      'acme-prod-warning-messages-held',
      'acme-prod-warning-messages-parked',
      'acme-prod-warning-outbound-queue-age',
      'acme-prod-warning-outbound-worker-errors',
      'acme-prod-warning-receipts-failing',
      'acme-prod-warning-receipts-queue-age',
      'acme-prod-warning-receipts-worker-errors',
      'acme-prod-warning-redelivery-errors',
      'acme-prod-warning-replay-errors',
      'acme-prod-warning-replay-failures',
      'acme-prod-warning-sweep-errors',
      'acme-prod-warning-switches-unreadable',
    ]);
  });

  it.each([...alarms, ...endAlarms].map((alarm) => [String(alarm.AlarmName), alarm]))(
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
    expect(() => synthesize('prod', ['genesys-door', 'meta-door', 'media-door', 'health'])).toThrow(
      'lambdas/handlers/inbound-worker.ts',
    );
  });
});
