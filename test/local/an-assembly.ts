// Writes a small cloud assembly, in the shape `cdk synth` gives it, for tests that need one.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface AssemblyParts {
  /** Asset hash → file path inside it → text. */
  assets?: Record<string, Record<string, string>>;
  /** Stack name → template and the stacks it depends on. */
  stacks: Record<string, { template: object; dependsOn?: string[] }>;
}

/** A placeholder of Fn::Sub. */
export function sub(name: string): string {
  return `\${${name}}`;
}

export function makeTempDir(): string {
  return mkdtempSync(join(tmpdir(), 'bridge-test-'));
}

export function writeFiles(folder: string, files: Record<string, string>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/** @returns the folder; the stacks are listed in the order given, whatever they depend on. */
export function writeAssembly({ assets = {}, stacks }: AssemblyParts): string {
  const dir = makeTempDir();
  const artifacts: Record<string, object> = { Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } } };
  for (const [name, { template, dependsOn = [] }] of Object.entries(stacks)) {
    const files = Object.keys(assets).map((hash) => [hash, { source: { path: `asset.${hash}` } }]);
    writeFiles(dir, {
      [`${name}.template.json`]: JSON.stringify(template),
      [`${name}.assets.json`]: JSON.stringify({ files: Object.fromEntries(files) }),
    });
    artifacts[name] = {
      type: 'aws:cloudformation:stack',
      properties: { templateFile: `${name}.template.json` },
      dependencies: [...dependsOn, `${name}.assets`],
    };
    artifacts[`${name}.assets`] = { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } };
  }
  for (const [hash, files] of Object.entries(assets)) writeFiles(join(dir, `asset.${hash}`), files);
  writeFiles(dir, { 'manifest.json': JSON.stringify({ artifacts }) });
  return dir;
}

/** State and bridge stack with one resource of every kind that does something locally. */
export function aTemplatePair(): { state: AnyTemplate; bridge: AnyTemplate } {
  const state: AnyTemplate = {
    Resources: {
      Ledger: {
        Type: 'AWS::DynamoDB::GlobalTable',
        Properties: {
          TableName: 'acme-local-ledger',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
          Replicas: [{ Region: { Ref: 'AWS::Region' } }],
        },
      },
      Customers: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'acme-local-customers',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        },
      },
      Archive: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          BucketName: { 'Fn::Sub': `acme-local-archive-${sub('AWS::AccountId')}-${sub('AWS::Region')}` },
        },
      },
      Secret: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: { Name: 'acme-local-number-1001', GenerateSecretString: {} },
      },
    },
    Outputs: {
      ExportLedger: { Value: { Ref: 'Ledger' }, Export: { Name: 'acme-local-state:Ledger' } },
      ExportArchive: { Value: { Ref: 'Archive' }, Export: { Name: 'acme-local-state:Archive' } },
    },
  };
  const bridge: AnyTemplate = {
    Resources: {
      Dead: {
        Type: 'AWS::SQS::Queue',
        Properties: { QueueName: 'acme-local-inbound-dead.fifo', FifoQueue: true },
      },
      Inbound: {
        Type: 'AWS::SQS::Queue',
        Properties: {
          QueueName: 'acme-local-inbound.fifo',
          FifoQueue: true,
          VisibilityTimeout: 3,
          RedrivePolicy: { maxReceiveCount: 20, deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] } },
          Tags: [{ Key: 'a', Value: 'b' }],
        },
      },
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { 'Fn::Unread': 1 } } },
      Layer: {
        Type: 'AWS::Lambda::LayerVersion',
        Properties: { Content: { S3Bucket: 'x', S3Key: 'layer1.zip' } },
      },
      Door: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'acme-local-door',
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Code: { S3Bucket: { 'Fn::Sub': `assets-${sub('AWS::AccountId')}` }, S3Key: 'door1.zip' },
          Layers: [{ Ref: 'Layer' }],
          MemorySize: 128,
          Timeout: 5,
          Environment: {
            Variables: {
              QUEUE_URL: { Ref: 'Inbound' },
              TABLE: { 'Fn::ImportValue': 'acme-local-state:Ledger' },
              BUCKET: { 'Fn::ImportValue': 'acme-local-state:Archive' },
            },
          },
        },
      },
      Worker: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'acme-local-worker',
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Code: { S3Key: 'worker1.zip' },
        },
      },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: { Ref: 'Worker' },
          EventSourceArn: { 'Fn::GetAtt': ['Inbound', 'Arn'] },
          BatchSize: 7,
          FunctionResponseTypes: ['ReportBatchItemFailures'],
          ScalingConfig: { MaximumConcurrency: 9 },
        },
      },
      Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'x', ProtocolType: 'HTTP' } },
      Integration: {
        Type: 'AWS::ApiGatewayV2::Integration',
        Properties: {
          IntegrationType: 'AWS_PROXY',
          IntegrationUri: { 'Fn::GetAtt': ['Door', 'Arn'] },
          PayloadFormatVersion: '2.0',
        },
      },
      Route: {
        Type: 'AWS::ApiGatewayV2::Route',
        Properties: {
          RouteKey: 'POST /webhook/{channel}',
          Target: { 'Fn::Join': ['', ['integrations/', { Ref: 'Integration' }]] },
        },
      },
      Stage: {
        Type: 'AWS::ApiGatewayV2::Stage',
        Properties: {
          StageName: '$default',
          DefaultRouteSettings: { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 },
        },
      },
    },
    Outputs: {
      Tenant: { Value: 'acme' },
      Stage: { Value: 'local' },
      Numbers: {
        Value: JSON.stringify([
          { channel: 'meta', phoneNumberId: '1001', integrationId: '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10' },
        ]),
      },
    },
  };
  return { state, bridge };
}

export interface AnyTemplate {
  Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  Outputs: Record<string, { Value: unknown; Export?: { Name: string } }>;
}
