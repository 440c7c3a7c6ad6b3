// Step Functions as far as functions and tests use it.

import type { Execution, Executions } from './executions.ts';
import { type JsonInput, type JsonOperations, JsonServiceError, readText } from './json-service.ts';

const longestName = 80;
const mostListed = 1000;

/** StartExecution, StopExecution, DescribeExecution, ListExecutions, DescribeStateMachine. */
export function createStateOperations(executions: Executions): JsonOperations {
  return {
    StartExecution: (input) => {
      const arn = readText(input, 'stateMachineArn');
      const { arn: executionArn, startedAt } = executions.start(arn, readName(input), readInput(input));
      return { executionArn, startDate: startedAt / 1000 };
    },
    StopExecution: (input) => {
      const { stoppedAt = Date.now() } = executions.stop(
        readText(input, 'executionArn'),
        readOptional(input, 'error'),
        readOptional(input, 'cause'),
      );
      return { stopDate: stoppedAt / 1000 };
    },
    DescribeExecution: (input) => {
      const execution = executions.find(readText(input, 'executionArn'));
      const { output, error, cause } = execution;
      return {
        ...describe(execution),
        input: JSON.stringify(execution.input),
        ...(execution.status === 'SUCCEEDED' && { output: JSON.stringify(output) }),
        ...(error !== undefined && { error }),
        ...(cause !== undefined && { cause }),
      };
    },
    ListExecutions: (input) => {
      const { arn } = executions.machine(readText(input, 'stateMachineArn'));
      const status = readOptional(input, 'statusFilter');
      const most =
        typeof input.maxResults === 'number' && input.maxResults > 0 ? input.maxResults : mostListed;
      const wanted = executions.list(arn).filter((one) => status === undefined || one.status === status);
      return { executions: wanted.slice(0, most).map(describe) };
    },
    DescribeStateMachine: (input) => {
      const { arn, name, definition } = executions.machine(readText(input, 'stateMachineArn'));
      return {
        stateMachineArn: arn,
        name,
        status: 'ACTIVE',
        type: 'STANDARD',
        definition: JSON.stringify(definition),
      };
    },
  };
}

function describe({ arn, machineArn, name, status, startedAt, stoppedAt }: Execution): object {
  return {
    executionArn: arn,
    stateMachineArn: machineArn,
    name,
    status,
    startDate: startedAt / 1000,
    ...(stoppedAt !== undefined && { stopDate: stoppedAt / 1000 }),
  };
}

function readName(input: JsonInput): string | undefined {
  const name = readOptional(input, 'name');
  if (name === undefined || (name.length <= longestName && /^[\w-]+$/.test(name))) return name;
  throw new JsonServiceError('InvalidName', `Invalid Name: '${name}'`);
}

function readInput(input: JsonInput): unknown {
  const text = readOptional(input, 'input');
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new JsonServiceError('InvalidExecutionInput', 'Invalid State Machine Execution Input');
  }
}

function readOptional(input: JsonInput, field: string): string | undefined {
  const value = input[field];
  return typeof value === 'string' ? value : undefined;
}
