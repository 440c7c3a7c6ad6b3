// What passes between the host of the functions and a sandbox. Events and results travel as JSON text, as on AWS:
// what JSON cannot carry is lost here too.

export interface InvocationError {
  errorType: string;
  errorMessage: string;
  trace: string[];
}

export type InvokeResult = { ok: true; value: unknown } | { ok: false; error: InvocationError };

/** Given to a sandbox when it starts. */
export interface SandboxSetup {
  functionName: string;
  /** `file.export`. */
  handler: string;
  codeFolder: string;
  layerFolders: string[];
  memoryMb: number;
  functionArn: string;
}

export interface InvocationMessage {
  requestId: string;
  /** JSON. */
  event: string;
  /** Epoch milliseconds at which the function is ended. */
  deadlineAt: number;
}

export type SandboxMessage =
  | { kind: 'ready' }
  | { kind: 'init-failed'; error: InvocationError }
  | { kind: 'done'; requestId: string; value: string }
  | { kind: 'failed'; requestId: string; error: InvocationError };
