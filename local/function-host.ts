// Stands for the Lambda service: keeps a few warm sandboxes per function and lets further invocations wait.
import { randomUUID } from 'node:crypto';
import type { InvocationError, InvokeResult } from './invocation.ts';
import type { FunctionPlan } from './plan.ts';
import { Sandbox } from './sandbox.ts';

/** More than this per function made the whole run slower: the cores are shared with everything else. */
export const sandboxesPerFunction = 4;

export interface FunctionHostOptions {
  functions: FunctionPlan[];
  region: string;
  accountId: string;
  /** Added to what the template and the Lambda runtime set. */
  extraEnvironment: (functionName: string) => Record<string, string>;
  /** Path of `function-sandbox.ts`. */
  sandboxFile: string;
  onLine: (functionName: string, line: string) => void;
}

export interface FunctionHost {
  /** Never rejects for what the function does. @throws Error for an unknown function. */
  invoke(functionName: string, event: unknown): Promise<InvokeResult>;
  /** Ends the function's sandboxes at once, as a crash; tells how many. @throws Error for an unknown function. */
  kill(functionName: string): number;
  close(): void;
}

interface Pool {
  plan: FunctionPlan;
  idle: Sandbox[];
  busy: Set<Sandbox>;
  waiting: ((sandbox: Sandbox) => void)[];
}

/** Starts no sandbox before the first invocation. */
export function createFunctionHost(options: FunctionHostOptions): FunctionHost {
  const pools = new Map<string, Pool>(
    options.functions.map((plan) => [plan.name, { plan, idle: [], busy: new Set(), waiting: [] }]),
  );
  let closed = false;

  function findPool(functionName: string): Pool {
    const pool = pools.get(functionName);
    if (!pool)
      throw new Error(`there is no function ${functionName}; there are: ${[...pools.keys()].join(', ')}`);
    return pool;
  }

  function startSandbox({ plan }: Pool): Sandbox {
    return new Sandbox({
      file: options.sandboxFile,
      setup: {
        functionName: plan.name,
        handler: plan.handler,
        codeFolder: plan.codeFolder,
        layerFolders: plan.layerFolders,
        memoryMb: plan.memoryMb,
        functionArn: `arn:aws:lambda:${options.region}:${options.accountId}:function:${plan.name}`,
      },
      timeoutMs: plan.timeoutMs,
      environment: { ...makeRuntimeEnv(plan), ...plan.environment, ...options.extraEnvironment(plan.name) },
      onLine: (line) => options.onLine(plan.name, line),
    });
  }

  function takeIdle(pool: Pool): Sandbox | undefined {
    pool.idle = pool.idle.filter((sandbox) => sandbox.alive);
    if (pool.idle.length > 0) return pool.idle.pop();
    return pool.busy.size < sandboxesPerFunction ? startSandbox(pool) : undefined;
  }

  async function acquire(pool: Pool): Promise<Sandbox> {
    const sandbox = takeIdle(pool);
    if (!sandbox) return new Promise((resolve) => pool.waiting.push(resolve));
    pool.busy.add(sandbox);
    return sandbox;
  }

  function release(pool: Pool, sandbox: Sandbox): void {
    pool.busy.delete(sandbox);
    if (sandbox.alive) pool.idle.push(sandbox);
    if (closed || pool.waiting.length === 0) return;
    const next = takeIdle(pool);
    if (!next) return;
    pool.busy.add(next);
    pool.waiting.shift()?.(next);
  }

  return {
    invoke: async (functionName, event) => {
      const pool = findPool(functionName);
      if (closed) return { ok: false, error: stopped };
      const sandbox = await acquire(pool);
      const requestId = randomUUID();
      const result = await sandbox.invoke(requestId, JSON.stringify(event ?? {}));
      release(pool, sandbox);
      if (!result.ok && !closed) options.onLine(functionName, describeFailure(requestId, result.error));
      return result;
    },
    kill: (functionName) => {
      const pool = findPool(functionName);
      const sandboxes = [...pool.busy, ...pool.idle].filter((sandbox) => sandbox.alive);
      for (const sandbox of sandboxes) sandbox.crash();
      return sandboxes.length;
    },
    close: () => {
      closed = true;
      for (const pool of pools.values()) {
        for (const sandbox of [...pool.busy, ...pool.idle]) sandbox.crash(stopped);
      }
    },
  };
}

const stopped: InvocationError = {
  errorType: 'Runtime.ExitError',
  errorMessage: 'the run was stopped',
  trace: [],
};

/** What the Lambda runtime itself puts into every environment. */
function makeRuntimeEnv(plan: FunctionPlan): Record<string, string> {
  return {
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: plan.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(plan.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${plan.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${randomUUID().replaceAll('-', '')}`,
    LAMBDA_TASK_ROOT: plan.codeFolder,
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    _HANDLER: plan.handler,
  };
}

/** The line that Lambda itself writes when an invocation fails. */
function describeFailure(requestId: string, error: InvocationError): string {
  return JSON.stringify({ level: 'ERROR', message: 'Invoke Error', requestId, ...error });
}
