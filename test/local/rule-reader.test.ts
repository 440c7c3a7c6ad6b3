import { readAssembly } from '../../local/assembly.ts';
import { findServices, readPlan } from '../../local/template-reader.ts';
import { aTemplatePair, writeAssembly } from './an-assembly.ts';

const world = { awsUrl: 'http://127.0.0.1:4003', region: 'eu-west-1', accountId: '000000000000' };
const workerArn = { 'Fn::GetAtt': ['Worker', 'Arn'] };
const definition = {
  'Fn::Join': [
    '',
    ['{"StartAt":"Drain","States":{"Drain":{"Type":"Task","Resource":"', workerArn, '","End":true}}}'],
  ],
};

const machine = { StateMachineName: 'acme-local-redelivery', DefinitionString: definition };
const rule = { Name: 'acme-local-sweep', ScheduleExpression: 'rate(5 minutes)', State: 'ENABLED' };
const target = { Id: 'Target0', Arn: workerArn };

function stacksWith(over: { machine?: object; rule?: object }) {
  const { state, bridge } = aTemplatePair();
  bridge.Resources.Redelivery = {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: { ...machine, ...over.machine },
  };
  bridge.Resources.Sweep = {
    Type: 'AWS::Events::Rule',
    Properties: { ...rule, Targets: [target], ...over.rule },
  };
  const variables = { MACHINE: { Ref: 'Redelivery' }, NAME: { 'Fn::GetAtt': ['Redelivery', 'Name'] } };
  Object.assign(bridge.Resources.Door?.Properties ?? {}, { Environment: { Variables: variables } });
  return readAssembly(
    writeAssembly({
      assets: { door1: {}, worker1: {}, layer1: {} },
      stacks: {
        'acme-local-state': { template: state },
        'acme-local-bridge': { template: bridge, dependsOn: ['acme-local-state'] },
      },
    }),
  );
}

function readWith(over: { machine?: object; rule?: object } = {}) {
  return readPlan(stacksWith(over), world);
}

describe('a state machine of the templates', () => {
  it('is known by its name and its ARN, which functions are told, and so is what it calls', () => {
    const { machines, functions } = readWith();

    const arn = 'arn:aws:states:eu-west-1:000000000000:stateMachine:acme-local-redelivery';
    expect(machines).toMatchObject([
      {
        name: 'acme-local-redelivery',
        arn,
        tasks: { Drain: { functionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:acme-local-worker' } },
      },
    ]);
    expect(functions[0]?.environment).toEqual({ MACHINE: arn, NAME: 'acme-local-redelivery' });
  });

  it('lets functions call Step Functions', () => {
    expect(findServices(stacksWith({}))).toContain('states');
  });

  it.each([
    ['an express one', { StateMachineType: 'EXPRESS' }, /type EXPRESS/],
    [
      'a definition kept elsewhere',
      { DefinitionString: undefined, DefinitionS3Location: {} },
      /DefinitionString/,
    ],
    ['substitutions', { DefinitionSubstitutions: { a: 'b' } }, /without substitutions/],
    ['no name', { StateMachineName: undefined }, /needs an explicit StateMachineName/],
    [
      'what the interpreter cannot run',
      { DefinitionString: '{"StartAt":"A","States":{"A":{"Type":"Parallel"}}}' },
      /acme-local-bridge\/Redelivery, state A: the local run cannot run type Parallel/,
    ],
    [
      'a function of elsewhere',
      {
        DefinitionString:
          '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:lambda:eu-west-1:000000000000:function:gone","End":true}}}',
      },
      /function:gone is no function of the templates/,
    ],
  ])('stops the run for %s', (_what, over, says) => {
    expect(() => readWith({ machine: over })).toThrow(says);
  });
});

describe('a rule of the templates', () => {
  it('with a schedule says when it is due and what it invokes', () => {
    const [sweep] = readWith().rules;

    expect(sweep).toMatchObject({
      name: 'acme-local-sweep',
      enabled: true,
      targets: [{ functionName: 'acme-local-worker' }],
    });
    expect(sweep?.nextDue?.(0)).toBe(300_000);
  });

  it('may be switched off, and give its function an input of its own', () => {
    const [sweep] = readWith({
      rule: { State: 'DISABLED', Targets: [{ ...target, Input: '{"kind":"sweep"}' }] },
    }).rules;

    expect(sweep).toMatchObject({ enabled: false, targets: [{ input: { kind: 'sweep' } }] });
  });

  it('with a pattern is known with its target, and is never due', () => {
    const [ended] = readWith({
      rule: { ScheduleExpression: undefined, EventPattern: { source: ['x'] }, EventBusName: 'aws.partner/x' },
    }).rules;

    expect(ended).toMatchObject({ targets: [{ functionName: 'acme-local-worker' }] });
    expect(ended?.nextDue).toBeUndefined();
  });

  it.each([
    [
      'neither schedule nor pattern',
      { ScheduleExpression: undefined },
      /either a schedule or an event pattern/,
    ],
    ['both', { EventPattern: {} }, /either a schedule or an event pattern/],
    ['a schedule it cannot follow', { ScheduleExpression: 'cron(0 3 1 * ? *)' }, /Sweep: .*schedule cron/],
    ['a target that is a queue', { Targets: [{ Id: 'a', Arn: 'arn:aws:sqs:a:1:b' }] }, /is no function/],
    ['a transformed input', { Targets: [{ ...target, InputTransformer: {} }] }, /know InputTransformer/],
  ])('stops the run for %s', (_what, over, says) => {
    expect(() => readWith({ rule: over })).toThrow(says);
  });
});
