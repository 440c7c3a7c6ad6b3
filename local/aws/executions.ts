// Executions of state machines, run by an interpreter inside this process: nothing of them survives the end of the run.

import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { StateMachine } from 'aws-local-stepfunctions';
import type { InvokeResult } from '../invocation.ts';
import { JsonServiceError } from './json-service.ts';
import { longestWaitSeconds, type MachinePlan, nameOfFunction, type TaskPlan } from './machine-definition.ts';

export interface Execution {
  arn: string;
  name: string;
  machine: string;
  machineArn: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT';
  input: unknown;
  output?: unknown;
  error?: string;
  cause?: string;
  /** Epoch ms. */
  startedAt: number;
  stoppedAt?: number;
}

type Invoke = (functionName: string, event: unknown) => Promise<InvokeResult>;

/** What the interpreter takes for JSON; what comes in here was parsed from JSON. */
type Json = Parameters<StateMachine['run']>[0];

interface Running {
  execution: Execution;
  abort: () => void;
}

interface Machine extends MachinePlan {
  interpreter: StateMachine;
  invoke: Invoke;
}

/** Runs state machines; their tasks call functions through the `invoke` that comes with the machines. */
export class Executions {
  readonly #machines = new Map<string, Machine>();
  readonly #running = new Map<string, Running>();
  /** By ARN and in order of their start; closed ones stay, as their names may never be used again. */
  readonly #executions = new Map<string, Execution>();

  /** Takes the machines that can be started from now on. @throws Error when the interpreter finds one invalid. */
  async host(machines: readonly MachinePlan[], invoke: Invoke): Promise<void> {
    if (machines.length === 0) return;
    // Loaded only where there is a machine: it takes longer than all the rest of the start.
    const { StateMachine } = await import('aws-local-stepfunctions');
    for (const machine of machines) {
      const interpreter = new StateMachine(machine.definition, {
        validationOptions: { checkPaths: true, checkArn: true },
      });
      this.#machines.set(machine.arn, { ...machine, interpreter, invoke });
    }
  }

  machine(arn: string): MachinePlan {
    return this.#findMachine(arn);
  }

  #findMachine(arn: string): Machine {
    const machine = this.#machines.get(arn);
    if (machine) return machine;
    throw new JsonServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
  }

  /** The same name with the same input answers the execution that runs; any other use of a name is refused. */
  start(machineArn: string, name: string = randomUUID(), input: unknown = {}): Execution {
    const machine = this.#findMachine(machineArn);
    const arn = `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
    const known = this.#executions.get(arn);
    if (known?.status === 'RUNNING' && isDeepStrictEqual(known.input, input)) return known;
    if (known) {
      throw new JsonServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${arn}'`);
    }
    const { name: machineName } = machine;
    const execution: Execution = {
      arn,
      name,
      machine: machineName,
      machineArn,
      status: 'RUNNING',
      input,
      startedAt: Date.now(),
    };
    this.#executions.set(arn, execution);
    this.#run(machine, execution);
    return execution;
  }

  /** @throws JsonServiceError ExecutionDoesNotExist */
  find(arn: string): Execution {
    const execution = this.#executions.get(arn);
    if (execution) return execution;
    throw new JsonServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }

  /** Newest first. */
  list(machineArn?: string): Execution[] {
    const all = [...this.#executions.values()].reverse();
    return machineArn === undefined ? all : all.filter((execution) => execution.machineArn === machineArn);
  }

  stop(arn: string, error?: string, cause?: string): Execution {
    const execution = this.find(arn);
    this.#close(execution, { status: 'ABORTED', ...(error && { error }), ...(cause && { cause }) });
    return execution;
  }

  /** Ends all of them. */
  close(): void {
    for (const { execution } of [...this.#running.values()]) this.#close(execution, { status: 'ABORTED' });
  }

  #run(machine: Machine, execution: Execution): void {
    const { arn, name, startedAt } = execution;
    const { result, abort, eventLogs } = machine.interpreter.run(copy(execution.input), {
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(
          Object.entries(machine.tasks).map(([state, task]) => [
            state,
            callFunction(machine, execution, task),
          ]),
        ),
      },
      context: {
        Execution: { Id: arn, Name: name, RoleArn: '', StartTime: new Date(startedAt).toISOString() },
        StateMachine: { Id: machine.arn, Name: machine.name },
      },
    });
    this.#running.set(arn, { execution, abort });
    // Handled at once, since a failure that nobody waits for would end this process.
    result.then(
      (output) => this.#close(execution, { status: 'SUCCEEDED', output }),
      (error: unknown) => this.#close(execution, describeEnd(error)),
    );
    void this.#watchWaits(machine, execution, eventLogs);
  }

  /** A wait that a timer cannot hold would end at once. Following the events also keeps them from piling up. */
  async #watchWaits(
    machine: Machine,
    execution: Execution,
    events: ReturnType<StateMachine['run']>['eventLogs'],
  ): Promise<void> {
    for await (const event of events) {
      if (event.type !== 'StateEntered' || event.state.type !== 'Wait') continue;
      const state = machine.definition.States[event.state.name];
      const path = state?.Type === 'Wait' ? state.SecondsPath : undefined;
      const seconds = path === undefined ? 0 : readPath(event.state.input, path);
      if (typeof seconds !== 'number' || seconds <= longestWaitSeconds) continue;
      const cause = `the local run cannot wait ${seconds} s, only ${longestWaitSeconds}`;
      this.#close(execution, { status: 'FAILED', error: 'States.Runtime', cause });
    }
  }

  #close(execution: Execution, end: Partial<Execution>): void {
    // What ended it first counts.
    if (execution.status !== 'RUNNING') return;
    Object.assign(execution, end, { stoppedAt: Date.now() });
    const running = this.#running.get(execution.arn);
    this.#running.delete(execution.arn);
    running?.abort();
  }
}

function callFunction(
  { invoke }: Machine,
  execution: Execution,
  task: TaskPlan,
): (input: Json) => Promise<Json> {
  return async (input) => {
    // A stopped execution goes through its remaining retries at once: none of them may reach a function.
    if (execution.status !== 'RUNNING') throw new StoppedError();
    const event: unknown = task.form === 'payload' ? input : Object(input).Payload;
    const result = await invoke(nameOfFunction(task), event ?? {});
    if (execution.status !== 'RUNNING') throw new StoppedError();
    if (!result.ok) throw toTaskError(result.error);
    const payload = copy(result.value);
    if (task.form === 'payload') return payload;
    return { Payload: payload, StatusCode: 200, ExecutedVersion: '$LATEST' };
  };
}

/** Ends a task of an execution that has ended; the interpreter asks an error whether it may be retried and caught. */
class StoppedError extends Error {
  readonly isRetryable = false;
  readonly isCatchable = false;
}

/** Name and message become `Error` and `Cause`, as for a function called by Step Functions. */
function toTaskError(error: { errorType: string; errorMessage: string; trace: string[] }): Error {
  const failure = new Error(JSON.stringify(error));
  failure.name = error.errorType;
  return failure;
}

function describeEnd(error: unknown): Partial<Execution> {
  if (!(error instanceof Error)) return { status: 'FAILED', error: 'States.Runtime', cause: String(error) };
  if (error.name === 'ExecutionTimeoutError') return { status: 'TIMED_OUT' };
  if (error.name === 'ExecutionAbortedError') return { status: 'ABORTED' };
  const { name, message } = error.cause instanceof Error ? error.cause : error;
  return { status: 'FAILED', error: name, cause: message };
}

function readPath(input: unknown, path: string): unknown {
  let value = input;
  for (const key of path.split('.').slice(1)) value = Object(value)[key];
  return value;
}

function copy(value: unknown): Json {
  return JSON.parse(JSON.stringify(value ?? null));
}
