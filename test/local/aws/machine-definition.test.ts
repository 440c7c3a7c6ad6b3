import { longestWaitSeconds, readDefinition } from '../../../local/aws/machine-definition.ts';

const functionArn = 'arn:aws:lambda:eu-west-1:000000000000:function:drain';
const aTask = { Type: 'Task', Resource: functionArn, End: true };
const catchesAll = { Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Done' }] };
const done = { Done: { Type: 'Succeed' } };

function read(machine: Record<string, unknown>) {
  return readDefinition(JSON.stringify(machine), 'bridge/Redelivery');
}

function readState(state: Record<string, unknown>) {
  return read({ StartAt: 'One', States: { One: state } });
}

function aMap(item: Record<string, unknown>, over: Record<string, unknown> = {}) {
  return {
    Type: 'Map',
    ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: 'Item', States: { Item: item, ...done } },
    End: true,
    ...over,
  };
}

describe('a definition', () => {
  it('names its tasks and their functions, those inside a Map too', () => {
    const invoke = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: functionArn, 'Payload.$': '$' },
      End: true,
    };

    const { tasks } = read({
      StartAt: 'Plan',
      States: { Plan: { ...aTask, End: undefined, Next: 'Each' }, Each: aMap({ ...invoke, ...catchesAll }) },
    });

    expect(tasks).toEqual({
      Plan: { form: 'payload', functionArn },
      Item: { form: 'invoke', functionArn },
    });
  });

  it('gives a task the time it has on AWS, where the interpreter would end it after a minute', () => {
    expect(readState(aTask).definition.States.One).toMatchObject({ TimeoutSeconds: longestWaitSeconds });
    expect(readState({ ...aTask, TimeoutSeconds: 5_000_000 }).definition.States.One).toMatchObject({
      TimeoutSeconds: longestWaitSeconds,
    });
    expect(readState({ ...aTask, TimeoutSeconds: 90 }).definition.States.One).toMatchObject({
      TimeoutSeconds: 90,
    });
    const byPath = readState({ ...aTask, TimeoutSecondsPath: '$.t' }).definition.States.One;
    expect(byPath).not.toHaveProperty('TimeoutSeconds');
  });

  it('loses a time limit of its own that no timer can hold, and keeps one that fits', () => {
    const states = { StartAt: 'One', States: { One: aTask } };

    expect(read({ ...states, TimeoutSeconds: 30 * 86_400 }).definition.TimeoutSeconds).toBeUndefined();
    expect(read({ ...states, TimeoutSeconds: 86_400 }).definition.TimeoutSeconds).toBe(86_400);
  });
});

describe('a definition is refused for', () => {
  const refusals: [string, Record<string, unknown>, string][] = [
    [
      'JSONata in the machine',
      { QueryLanguage: 'JSONata', StartAt: 'One', States: { One: aTask } },
      'QueryLanguage',
    ],
    ...['QueryLanguage', 'Assign', 'Output', 'Arguments', 'Credentials', 'HeartbeatSeconds'].map(
      (key): [string, Record<string, unknown>, string] => [
        `${key} of a state`,
        { StartAt: 'One', States: { One: { ...aTask, [key]: {} } } },
        `state One: the local run cannot run ${key}`,
      ],
    ),
    [
      'Assign of a Catch',
      { StartAt: 'One', States: { One: { ...aTask, Catch: [{ ErrorEquals: ['States.ALL'], Assign: {} }] } } },
      'Assign',
    ],
    [
      'a ResultPath of $',
      { StartAt: 'One', States: { One: { ...aTask, ResultPath: '$' } } },
      'ResultPath $; leave it out',
    ],
    [
      'a Result that the interpreter takes for none',
      { StartAt: 'One', States: { One: { Type: 'Pass', Result: false, End: true } } },
      'a Result of false',
    ],
    [
      'a wait that no timer can hold',
      { StartAt: 'One', States: { One: { Type: 'Wait', Seconds: 3_000_000, End: true } } },
      'a wait of 3000000 s',
    ],
    ['branches', { StartAt: 'One', States: { One: { Type: 'Parallel', Branches: [] } } }, 'type Parallel'],
    ...['.sync', '.waitForTaskToken'].map((suffix): [string, Record<string, unknown>, string] => [
      `the pattern ${suffix}`,
      {
        StartAt: 'One',
        States: { One: { ...aTask, Resource: `arn:aws:states:::lambda:invoke${suffix}` } },
      },
      suffix,
    ]),
    [
      'a service other than Lambda',
      { StartAt: 'One', States: { One: { ...aTask, Resource: 'arn:aws:states:::sqs:sendMessage' } } },
      'sqs:sendMessage',
    ],
    [
      'a function chosen while it runs',
      {
        StartAt: 'One',
        States: {
          One: {
            ...aTask,
            Resource: 'arn:aws:states:::lambda:invoke',
            Parameters: { 'FunctionName.$': '$.f' },
          },
        },
      },
      'without the ARN of its function',
    ],
    [
      'facts of the state that the interpreter does not know',
      { StartAt: 'One', States: { One: { ...aTask, Parameters: { 'at.$': '$$.State.EnteredTime' } } } },
      '$$.State',
    ],
    [
      'a Map without items to process',
      { StartAt: 'One', States: { One: { Type: 'Map', End: true } } },
      'ItemProcessor',
    ],
    [
      'a distributed Map',
      {
        StartAt: 'One',
        States: { One: aMap(aTask, { ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' } } }) },
      },
      'mode DISTRIBUTED',
    ],
    [
      'a Map that tolerates failures',
      { StartAt: 'One', States: { One: aMap({ ...aTask, ...catchesAll }, { ToleratedFailureCount: 1 }) } },
      'ToleratedFailureCount',
    ],
    [
      'a Map that reads its items elsewhere',
      { StartAt: 'One', States: { One: aMap({ ...aTask, ...catchesAll }, { ItemReader: {} }) } },
      'ItemReader',
    ],
    [
      'an item whose failure would leave the others running',
      { StartAt: 'One', States: { One: aMap(aTask) } },
      'state Item: the local run cannot run a task in a Map without a Catch',
    ],
    [
      'two tasks of one name',
      { StartAt: 'Item', States: { Item: { ...aTask }, One: aMap({ ...aTask, ...catchesAll }) } },
      'a second task of that name',
    ],
  ];

  it.each(refusals)('%s', (_what, machine, says) => {
    expect(() => read(machine)).toThrow(says);
    expect(() => read(machine)).toThrow('bridge/Redelivery');
  });

  it.each(['', '[]', '{'])('being no JSON object: %j', (text) => {
    expect(() => readDefinition(text, 'bridge/Redelivery')).toThrow('is not a JSON object');
  });
});
