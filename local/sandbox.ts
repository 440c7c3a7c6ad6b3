// The outside of a sandbox: one worker thread, one invocation at a time. Whatever the code in it does (throw late,
// exit, loop, eat the heap) ends that sandbox and nothing else.
import { Worker } from 'node:worker_threads';
import type {
  InvocationError,
  InvocationMessage,
  InvokeResult,
  SandboxMessage,
  SandboxSetup,
} from './invocation.ts';
import { splitLines } from './log-store.ts';

export interface SandboxOptions {
  /** Path of `function-sandbox.ts`. */
  file: string;
  setup: SandboxSetup;
  timeoutMs: number;
  /** Complete: nothing of this process's own environment is added. */
  environment: Record<string, string>;
  onLine: (line: string) => void;
}

interface InFlight {
  requestId: string;
  settle: (result: InvokeResult) => void;
}

const initTimeoutMs = 10_000;
/** Lambda's limit of a synchronous answer. */
const longestResultBytes = 6 * 1024 * 1024;
/** Small, because with the default of 48 MB every warm sandbox lets its garbage grow that far. */
const youngGenerationMb = 8;

export class Sandbox {
  readonly #options: SandboxOptions;
  readonly #worker: Worker;
  readonly #start: Promise<void>;
  #endStart: () => void = () => {};
  #inFlight: InFlight | undefined;
  #endedBy: InvocationError | undefined;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#start = new Promise((resolve) => {
      this.#endStart = resolve;
    });
    this.#worker = new Worker(options.file, {
      workerData: options.setup,
      env: options.environment,
      execArgv: [],
      stdout: true,
      stderr: true,
      resourceLimits: {
        maxOldGenerationSizeMb: options.setup.memoryMb,
        maxYoungGenerationSizeMb: youngGenerationMb,
      },
    });
    for (const stream of [this.#worker.stdout, this.#worker.stderr]) {
      const lines = splitLines(options.onLine);
      stream.setEncoding('utf8').on('data', lines.write).on('end', lines.end);
    }
    this.#worker.on('message', (message: SandboxMessage) => this.#receive(message));
    this.#worker.on('error', (error) => this.#fail(describeCrash(error)));
    this.#worker.on('exit', (code) => this.crash(describeExit(code)));
    const timer = setTimeout(() => this.crash(describeTimeout('Init', initTimeoutMs)), initTimeoutMs);
    void this.#start.then(() => clearTimeout(timer));
  }

  get alive(): boolean {
    return this.#endedBy === undefined;
  }

  /** Never rejects; must not be called while an invocation is running. `event` is JSON. */
  async invoke(requestId: string, event: string): Promise<InvokeResult> {
    await this.#start;
    if (this.#endedBy) return { ok: false, error: this.#endedBy };
    const { timeoutMs } = this.#options;
    const timer = setTimeout(() => this.crash(describeTimeout('Task', timeoutMs)), timeoutMs);
    const result = await new Promise<InvokeResult>((settle) => {
      this.#inFlight = { requestId, settle };
      const message: InvocationMessage = { requestId, event, deadlineAt: Date.now() + timeoutMs };
      this.#worker.postMessage(message);
    });
    clearTimeout(timer);
    return result;
  }

  /** Ends the sandbox at once; a running invocation ends with this error. */
  crash(error: InvocationError = describeExit(1)): void {
    if (this.#endedBy) return;
    this.#endedBy = error;
    this.#endStart();
    this.#settle({ ok: false, error });
    void this.#worker.terminate();
  }

  /** An error that belongs to no invocation would be seen nowhere else. */
  #fail(error: InvocationError): void {
    if (!this.#inFlight && this.alive) {
      this.#options.onLine(JSON.stringify({ level: 'ERROR', message: 'Uncaught Exception', ...error }));
    }
    this.crash(error);
  }

  #receive(message: SandboxMessage): void {
    if (message.kind === 'ready') {
      this.#endStart();
    } else if (message.kind === 'init-failed') {
      // At once: the thread ends now, and its exit must not pass for the reason.
      this.crash(message.error);
    } else if (message.requestId === this.#inFlight?.requestId) {
      this.#settle(toResult(message));
    }
  }

  #settle(result: InvokeResult): void {
    this.#inFlight?.settle(result);
    this.#inFlight = undefined;
  }
}

function toResult(message: Extract<SandboxMessage, { requestId: string }>): InvokeResult {
  if (message.kind === 'failed') return { ok: false, error: message.error };
  if (Buffer.byteLength(message.value) > longestResultBytes) {
    const errorMessage = `Response payload size exceeded maximum allowed payload size (${longestResultBytes} bytes).`;
    return { ok: false, error: { errorType: 'Function.ResponseSizeTooLarge', errorMessage, trace: [] } };
  }
  return { ok: true, value: JSON.parse(message.value) };
}

function describeCrash(error: unknown): InvocationError {
  const { name, message, stack = '', code } = error as Error & { code?: string };
  const errorType = code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'Runtime.OutOfMemory' : name;
  return { errorType, errorMessage: message, trace: stack.split('\n') };
}

function describeExit(code: number): InvocationError {
  const errorMessage = `Runtime exited with error: exit status ${code}`;
  return { errorType: 'Runtime.ExitError', errorMessage, trace: [] };
}

function describeTimeout(phase: 'Init' | 'Task', timeoutMs: number): InvocationError {
  const errorMessage = `${phase} timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
  return { errorType: 'Sandbox.Timedout', errorMessage, trace: [] };
}
