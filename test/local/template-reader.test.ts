import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { markAsCommonJs, readAssembly } from '../../local/assembly.ts';
import { findServices, readPlan } from '../../local/template-reader.ts';
import {
  type AnyTemplate,
  aTemplatePair,
  makeTempDir,
  sub,
  writeAssembly,
  writeFiles,
} from './an-assembly.ts';

const world = { awsUrl: 'http://127.0.0.1:4003', region: 'eu-west-1', accountId: '000000000000' };
const assets = { door1: {}, worker1: {}, layer1: {} };

function writePair(change: (pair: { state: AnyTemplate; bridge: AnyTemplate }) => void = () => {}): string {
  const pair = aTemplatePair();
  change(pair);
  return writeAssembly({
    assets,
    stacks: {
      'acme-local-bridge': { template: pair.bridge, dependsOn: ['acme-local-state'] },
      'acme-local-state': { template: pair.state },
    },
  });
}

function readPair(change?: Parameters<typeof writePair>[0]) {
  return readPlan(readAssembly(writePair(change)), world);
}

function resourceOf(template: AnyTemplate, id: string): Record<string, unknown> {
  const resource = template.Resources[id];
  if (!resource) throw new Error(`the fixture has no ${id}`);
  return resource.Properties;
}

describe('readAssembly', () => {
  it('puts a stack after the stacks it depends on', () => {
    const names = readAssembly(writePair()).map(({ name }) => name);

    expect(names).toEqual(['acme-local-state', 'acme-local-bridge']);
  });

  it('says so when the folder is no assembly, is damaged or holds what it does not know', () => {
    const empty = makeTempDir();
    const damaged = writeFiles(makeTempDir(), { 'manifest.json': '{' });
    const nested = writeFiles(makeTempDir(), {
      'manifest.json': JSON.stringify({ artifacts: { Prod: { type: 'cdk:cloud-assembly' } } }),
    });

    expect(() => readAssembly(empty)).toThrow(/manifest\.json is missing/);
    expect(() => readAssembly(damaged)).toThrow(/not readable JSON/);
    expect(() => readAssembly(nested)).toThrow(/Prod is of type cdk:cloud-assembly/);
  });

  it('marks the assembly as CommonJS and keeps a mark that is there', () => {
    const dir = makeTempDir();
    markAsCommonJs(dir);
    expect(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))).toEqual({ type: 'commonjs' });

    const marked = writeFiles(makeTempDir(), { 'package.json': '{"mine":1}' });
    markAsCommonJs(marked);
    expect(existsSync(join(marked, 'package.json'))).toBe(true);
    expect(readFileSync(join(marked, 'package.json'), 'utf8')).toBe('{"mine":1}');
  });
});

describe('readPlan', () => {
  it('reads who is served', () => {
    const { tenant, stage, numbers, throttle } = readPair();

    expect({ tenant, stage }).toEqual({ tenant: 'acme', stage: 'local' });
    expect(numbers.map(({ phoneNumberId }) => phoneNumberId)).toEqual(['1001']);
    expect(throttle).toEqual({ requestsPerSecond: 200, burst: 400 });
  });

  it('reads functions with code, layers, limits and resolved variables', () => {
    const [door, worker] = readPair().functions;

    expect(door).toMatchObject({
      name: 'acme-local-door',
      handler: 'index.handler',
      memoryMb: 128,
      timeoutMs: 5000,
      environment: {
        QUEUE_URL: 'http://127.0.0.1:4003/000000000000/acme-local-inbound.fifo',
        TABLE: 'acme-local-ledger',
        BUCKET: 'acme-local-archive-000000000000-eu-west-1',
      },
    });
    expect(door?.codeFolder).toMatch(/asset\.door1$/);
    expect(door?.layerFolders).toEqual([expect.stringMatching(/asset\.layer1$/)]);
    expect(worker).toMatchObject({ memoryMb: 128, timeoutMs: 3000, layerFolders: [], environment: {} });
  });

  it('reads routes and event sources with the function they lead to', () => {
    const { routes, sources } = readPair();

    expect(routes).toEqual([
      { routeKey: 'POST /webhook/{channel}', functionName: 'acme-local-door', timeoutMs: 30_000 },
    ]);
    expect(sources).toEqual([
      {
        queueName: 'acme-local-inbound.fifo',
        queueArn: 'arn:aws:sqs:eu-west-1:000000000000:acme-local-inbound.fifo',
        functionName: 'acme-local-worker',
        enabled: true,
        batchSize: 7,
        reportsItemFailures: true,
        maxConcurrency: 9,
      },
    ]);
  });

  it('uses the numbers of AWS where a mapping names none', () => {
    const { sources } = readPair(({ bridge }) => {
      const mapping = resourceOf(bridge, 'Mapping');
      for (const name of ['BatchSize', 'FunctionResponseTypes', 'ScalingConfig']) delete mapping[name];
      mapping.Enabled = false;
    });

    expect(sources[0]).toMatchObject({
      enabled: false,
      batchSize: 10,
      reportsItemFailures: false,
      maxConcurrency: 5,
    });
  });

  it('reads queues with text attributes and what they need to find their dead-letter queue', () => {
    const { queues } = readPair();

    expect(queues[1]).toEqual({
      name: 'acme-local-inbound.fifo',
      attributes: {
        FifoQueue: 'true',
        VisibilityTimeout: '3',
        RedrivePolicy: expect.any(String),
      },
    });
    expect(JSON.parse(queues[1]?.attributes.RedrivePolicy ?? '')).toEqual({
      maxReceiveCount: 20,
      deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:000000000000:acme-local-inbound-dead.fifo',
    });
  });

  it('reads tables, indexes, buckets and secrets', () => {
    const plan = readPair(({ state }) => {
      Object.assign(resourceOf(state, 'Customers'), {
        GlobalSecondaryIndexes: [
          {
            IndexName: 'byGenesysId',
            KeySchema: [{ AttributeName: 'genesysId', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
          {
            IndexName: 'byState',
            KeySchema: [{ AttributeName: 'state', KeyType: 'HASH' }],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['at'] },
          },
        ],
      });
    });

    expect(plan.tables[0]).toEqual({
      name: 'acme-local-ledger',
      attributes: [{ name: 'pk', type: 'S' }],
      keys: [{ name: 'pk', type: 'HASH' }],
      indexes: [],
      ttlAttribute: 'ttl',
    });
    expect(plan.tables[1]?.indexes.map(({ projection }) => projection)).toEqual([
      'KEYS_ONLY',
      { include: ['at'] },
    ]);
    expect(plan.buckets).toEqual([{ name: 'acme-local-archive-000000000000-eu-west-1' }]);
    expect(plan.secrets).toEqual([{ name: 'acme-local-number-1001' }]);
  });

  it('resolves every form of Fn::Sub', () => {
    const { functions } = readPair(({ bridge }) => {
      const variables = {
        REF: { 'Fn::Sub': sub('Inbound') },
        ATTRIBUTE: { 'Fn::Sub': sub('Inbound.QueueName') },
        LITERAL: { 'Fn::Sub': sub('!Inbound') },
        OWN: { 'Fn::Sub': [`${sub('a')}-${sub('AWS::StackName')}`, { a: { Ref: 'Door' } }] },
        NOTHING: { Ref: 'AWS::NoValue' },
        NUMBER: 7,
      };
      resourceOf(bridge, 'Door').Environment = { Variables: variables };
    });

    expect(functions[0]?.environment).toEqual({
      REF: 'http://127.0.0.1:4003/000000000000/acme-local-inbound.fifo',
      ATTRIBUTE: 'acme-local-inbound.fifo',
      LITERAL: sub('Inbound'),
      OWN: 'acme-local-door-acme-local-bridge',
      NUMBER: '7',
    });
  });

  it('finds the services that functions may call', () => {
    const services = findServices(readAssembly(writePair()));

    expect([...services].toSorted()).toEqual(['dynamodb', 's3', 'secretsmanager', 'sqs']);
  });

  const setVariable = (value: unknown) => (pair: { bridge: AnyTemplate }) => {
    resourceOf(pair.bridge, 'Door').Environment = { Variables: { X: value } };
  };

  it.each<[string, RegExp, NonNullable<Parameters<typeof writePair>[0]>]>([
    ['an unknown intrinsic', /intrinsic Fn::Split/, setVariable({ 'Fn::Split': [',', 'a,b'] })],
    [
      'an unknown attribute',
      /GetAtt StreamArn of AWS::SQS::Queue/,
      setVariable({ 'Fn::GetAtt': ['Inbound', 'StreamArn'] }),
    ],
    [
      'an inherited attribute name',
      /GetAtt toString/,
      setVariable({ 'Fn::GetAtt': ['Inbound', 'toString'] }),
    ],
    ['a dangling reference', /nothing is called Gone/, setVariable({ Ref: 'Gone' })],
    ['a missing export', /no stack exports gone/, setVariable({ 'Fn::ImportValue': 'gone' })],
    ['a malformed join', /Fn::Join needs/, setVariable({ 'Fn::Join': ['x'] })],
    [
      'an unknown resource type',
      /acme-local-state\/New.*AWS::Kinesis::Stream/,
      ({ state }) => {
        state.Resources.New = { Type: 'AWS::Kinesis::Stream', Properties: {} };
      },
    ],
    [
      'a table without a name',
      /Ledger: AWS::DynamoDB::GlobalTable needs an explicit TableName/,
      ({ state }) => delete resourceOf(state, 'Ledger').TableName,
    ],
    [
      'a local index',
      /Customers: local secondary indexes/,
      ({ state }) => {
        resourceOf(state, 'Customers').LocalSecondaryIndexes = [{}];
      },
    ],
    [
      'a function that is not Node',
      /Node functions only, not python3.13/,
      ({ bridge }) => {
        resourceOf(bridge, 'Door').Runtime = 'python3.13';
      },
    ],
    [
      'code that is no asset',
      /its code \(inline\)/,
      ({ bridge }) => {
        resourceOf(bridge, 'Door').Code = { ZipFile: 'x' };
      },
    ],
    [
      'a layer of elsewhere',
      /layer arn:elsewhere is not/,
      ({ bridge }) => {
        resourceOf(bridge, 'Door').Layers = ['arn:elsewhere'];
      },
    ],
    [
      'a route with an authorizer',
      /authorization JWT/,
      ({ bridge }) => {
        resourceOf(bridge, 'Route').AuthorizationType = 'JWT';
      },
    ],
    [
      'another payload format',
      /payload format 2\.0/,
      ({ bridge }) => {
        resourceOf(bridge, 'Integration').PayloadFormatVersion = '1.0';
      },
    ],
    [
      'an integration with an unknown function',
      /function arn:x:gone is not/,
      ({ bridge }) => {
        resourceOf(bridge, 'Integration').IntegrationUri = 'arn:x:gone';
      },
    ],
    [
      'an event source that is no queue',
      /event source arn:aws:kinesis/,
      ({ bridge }) => {
        resourceOf(bridge, 'Mapping').EventSourceArn = 'arn:aws:kinesis:x:y:inbound';
      },
    ],
    ['a missing output', /output Tenant/, ({ bridge }) => delete bridge.Outputs.Tenant],
    [
      'numbers that are no list',
      /Numbers is not a JSON list/,
      ({ bridge }) => {
        bridge.Outputs.Numbers = { Value: 'x' };
      },
    ],
  ])('stops at %s', (_what, message, change) => {
    expect(() => readPair(change)).toThrow(message);
  });
});
