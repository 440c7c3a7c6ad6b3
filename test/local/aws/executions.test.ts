// Drives the interpreter itself, with functions that are played here and timers that are moved by hand.
import { type Execution, Executions } from '../../../local/aws/executions.ts';
import { readDefinition } from '../../../local/aws/machine-definition.ts';
import type { InvokeResult } from '../../../local/invocation.ts';

const machineArn = 'arn:aws:states:eu-west-1:000000000000:stateMachine:redelivery';
const functionArn = 'arn:aws:lambda:eu-west-1:000000000000:function:drain';
const retriesTwice = {
  Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10, BackoffRate: 2, MaxAttempts: 2 }],
};

let executions: Executions;
let calls: [string, unknown][];
let answer: (event: unknown) => InvokeResult | Promise<InvokeResult>;

const failed: InvokeResult = {
  ok: false,
  error: { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 3.00 seconds', trace: [] },
};

async function host(states: Record<string, unknown>, over: Record<string, unknown> = {}): Promise<void> {
  const text = JSON.stringify({ StartAt: Object.keys(states)[0], States: states, ...over });
  await executions.host(
    [{ name: 'redelivery', arn: machineArn, ...readDefinition(text, 'bridge/Redelivery') }],
    async (name, event) => {
      calls.push([name, event]);
      return answer(event);
    },
  );
}

async function settle(execution: Execution): Promise<Execution> {
  await jest.advanceTimersByTimeAsync(0);
  return execution;
}

beforeEach(() => {
  jest.useFakeTimers();
  executions = new Executions();
  calls = [];
  answer = (event) => ({ ok: true, value: event });
});

afterEach(() => {
  executions.close();
  jest.useRealTimers();
});

describe('a task', () => {
  it('hands its function the bare payload and takes its answer as it is', async () => {
    await host({ Drain: { Type: 'Task', Resource: functionArn, End: true } });
    answer = () => ({ ok: true, value: { state: 'open' } });

    const execution = await settle(executions.start(machineArn, 'a-1', { run: 1 }));

    expect(calls).toEqual([['drain', { run: 1 }]]);
    expect(execution).toMatchObject({
      status: 'SUCCEEDED',
      output: { state: 'open' },
      machine: 'redelivery',
    });
    expect(execution.stoppedAt).toBeGreaterThanOrEqual(execution.startedAt);
  });

  it('through lambda:invoke hands over the payload and wraps the answer', async () => {
    await host({
      Drain: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: functionArn, 'Payload.$': '$' },
        End: true,
      },
    });

    const execution = await settle(executions.start(machineArn, 'a-1', { run: 1 }));

    expect(calls).toEqual([['drain', { run: 1 }]]);
    expect(execution.output).toEqual({ Payload: { run: 1 }, StatusCode: 200, ExecutedVersion: '$LATEST' });
  });

  it('that fails gives the error by its type, and the cause as AWS writes it', async () => {
    await host({ Drain: { Type: 'Task', Resource: functionArn, End: true } });
    answer = () => failed;

    const execution = await settle(executions.start(machineArn, 'a-1', {}));

    expect(execution).toMatchObject({ status: 'FAILED', error: 'Sandbox.Timedout' });
    expect(JSON.parse(execution.cause ?? '')).toMatchObject({
      errorType: 'Sandbox.Timedout',
      errorMessage: 'Task timed out after 3.00 seconds',
    });
  });

  it('is retried by its rules, then caught with the input it had', async () => {
    await host({
      Drain: {
        Type: 'Task',
        Resource: functionArn,
        ...retriesTwice,
        Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Done' }],
        End: true,
      },
      Done: { Type: 'Succeed' },
    });
    answer = () => failed;

    const execution = await settle(executions.start(machineArn, 'a-1', { run: 1 }));
    await jest.advanceTimersByTimeAsync(9_999);
    expect(calls).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(calls).toHaveLength(2);
    await jest.advanceTimersByTimeAsync(20_000);

    expect(calls).toHaveLength(3);
    expect(execution).toMatchObject({
      status: 'SUCCEEDED',
      output: { run: 1, failure: { Error: 'Sandbox.Timedout' } },
    });
  });

  it('may take longer than a minute', async () => {
    await host({ Drain: { Type: 'Task', Resource: functionArn, End: true } });
    answer = () => new Promise((resolve) => setTimeout(() => resolve({ ok: true, value: 1 }), 3_600_000));

    const execution = executions.start(machineArn, 'a-1', {});
    await jest.advanceTimersByTimeAsync(3_600_000);

    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: 1 });
  });

  it('that takes longer than it may fails as timed out', async () => {
    await host({ Drain: { Type: 'Task', Resource: functionArn, TimeoutSeconds: 90, End: true } });
    answer = () => new Promise(() => undefined);

    const execution = executions.start(machineArn, 'a-1', {});
    await jest.advanceTimersByTimeAsync(90_000);

    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  });
});

describe('a loop of wait, task and choice', () => {
  beforeEach(() =>
    host({
      Wait: { Type: 'Wait', SecondsPath: '$.waitSeconds', Next: 'Drain' },
      Drain: { Type: 'Task', Resource: functionArn, Next: 'Choose' },
      Choose: {
        Type: 'Choice',
        Choices: [{ Variable: '$.state', StringEquals: 'waiting', Next: 'Wait' }],
        Default: 'Done',
      },
      Done: { Type: 'Succeed' },
    }),
  );

  it('waits as long as each answer says, and ends with the choice', async () => {
    const answers = [
      { state: 'waiting', waitSeconds: 5 },
      { state: 'open', waitSeconds: 0 },
    ];
    answer = () => ({ ok: true, value: answers.shift() });

    const execution = executions.start(machineArn, 'a-1', { waitSeconds: 60 });
    await jest.advanceTimersByTimeAsync(59_999);
    expect(calls).toHaveLength(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(calls).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(5_000);

    expect(calls).toHaveLength(2);
    expect(execution).toMatchObject({ status: 'SUCCEEDED', output: { state: 'open' } });
  });

  it('fails rather than end a wait at once that no timer can hold', async () => {
    const execution = await settle(executions.start(machineArn, 'a-1', { waitSeconds: 3_000_000 }));
    await jest.advanceTimersByTimeAsync(1_000);

    expect(calls).toHaveLength(0);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.cause).toContain('cannot wait 3000000 s');
  });
});

describe('a name', () => {
  beforeEach(() => host({ Wait: { Type: 'Wait', Seconds: 60, End: true } }));

  it('leads to the execution that runs, for the same input only', () => {
    const first = executions.start(machineArn, 'a-1', { b: 1, a: [2] });

    expect(executions.start(machineArn, 'a-1', { a: [2], b: 1 })).toBe(first);
    expect(() => executions.start(machineArn, 'a-1', { run: 2 })).toThrow('Execution Already Exists');
    expect(executions.list()).toHaveLength(1);
  });

  it('is used up when its execution has ended', async () => {
    executions.start(machineArn, 'a-1', {});
    await jest.advanceTimersByTimeAsync(60_000);

    expect(() => executions.start(machineArn, 'a-1', {})).toThrow(
      expect.objectContaining({ name: 'ExecutionAlreadyExists' }),
    );
  });

  it('is made up when none is given', () => {
    const names = [executions.start(machineArn), executions.start(machineArn)].map(({ name }) => name);

    expect(new Set(names).size).toBe(2);
  });

  it('needs a machine that exists', () => {
    expect(() => executions.start(`${machineArn}x`)).toThrow(
      expect.objectContaining({ name: 'StateMachineDoesNotExist' }),
    );
    expect(() => executions.find('arn:aws:states:a:b:execution:redelivery:c')).toThrow(
      expect.objectContaining({ name: 'ExecutionDoesNotExist' }),
    );
  });
});

describe('an execution that is stopped', () => {
  it('during the pause before a retry calls its function no more', async () => {
    await host({ Drain: { Type: 'Task', Resource: functionArn, ...retriesTwice, End: true } });
    answer = () => failed;
    const execution = await settle(executions.start(machineArn, 'a-1', {}));

    executions.stop(execution.arn, 'Operator', 'enough');
    await jest.advanceTimersByTimeAsync(3_600_000);

    expect(calls).toHaveLength(1);
    expect(execution).toMatchObject({ status: 'ABORTED', error: 'Operator', cause: 'enough' });
  });

  it('during a call begins nothing after it, not even what it would have caught', async () => {
    await host({
      Drain: {
        Type: 'Task',
        Resource: functionArn,
        Catch: [{ ErrorEquals: ['States.ALL'], Next: 'After' }],
        Next: 'After',
      },
      After: { Type: 'Task', Resource: functionArn, End: true },
    });
    let finish: (result: InvokeResult) => void = () => undefined;
    answer = () => new Promise((resolve) => (finish = resolve));
    const execution = await settle(executions.start(machineArn, 'a-1', {}));

    executions.close();
    finish(failed);
    await jest.advanceTimersByTimeAsync(3_600_000);

    expect(calls).toHaveLength(1);
    expect(execution.status).toBe('ABORTED');
  });

  it('inside a Map begins no further item', async () => {
    await host({
      Each: {
        Type: 'Map',
        MaxConcurrency: 2,
        ItemProcessor: {
          StartAt: 'Item',
          States: {
            Item: {
              Type: 'Task',
              Resource: functionArn,
              Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Told' }],
              End: true,
            },
            Told: { Type: 'Pass', End: true },
          },
        },
        End: true,
      },
    });
    answer = () => new Promise(() => undefined);
    const execution = await settle(executions.start(machineArn, 'a-1', [1, 2, 3, 4, 5]));

    executions.stop(execution.arn);
    await jest.advanceTimersByTimeAsync(3_600_000);

    expect(calls).toHaveLength(2);
    expect(execution.status).toBe('ABORTED');
  });

  it('leaves no timer behind that would keep the process alive', async () => {
    await host({ Drain: { Type: 'Task', Resource: functionArn, ...retriesTwice, End: true } });
    answer = () => failed;
    await settle(executions.start(machineArn, 'a-1', {}));

    executions.close();
    await jest.advanceTimersByTimeAsync(0);

    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a Map', () => {
  it('runs all its items through functions and keeps their order', async () => {
    await host({
      Each: {
        Type: 'Map',
        MaxConcurrency: 5,
        ItemProcessor: {
          StartAt: 'Item',
          States: {
            Item: {
              Type: 'Task',
              Resource: functionArn,
              Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Told' }],
              End: true,
            },
            Told: { Type: 'Pass', Result: { told: true }, End: true },
          },
        },
        End: true,
      },
    });
    answer = (event) => (event === 3 ? failed : { ok: true, value: Number(event) * 10 });

    const execution = executions.start(machineArn, 'a-1', [1, 2, 3, 4, 5, 6, 7]);
    await jest.advanceTimersByTimeAsync(100);

    expect(execution.output).toEqual([10, 20, { told: true }, 40, 50, 60, 70]);
  });
});

describe('a machine', () => {
  it('ends an execution that takes too long', async () => {
    await host({ Wait: { Type: 'Wait', Seconds: 60, End: true } }, { TimeoutSeconds: 30 });

    const execution = executions.start(machineArn, 'a-1', {});
    await jest.advanceTimersByTimeAsync(30_000);

    expect(execution.status).toBe('TIMED_OUT');
  });

  it('that is invalid is refused when it is taken', async () => {
    await expect(host({ Wait: { Type: 'Wait', Seconds: 60, Next: 'Nowhere' } })).rejects.toThrow(
      'State machine definition is invalid',
    );
  });
});
