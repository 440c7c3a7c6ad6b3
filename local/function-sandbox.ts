// The inside of a sandbox, run as a worker thread: loads one bundle the way the Lambda runtime does and answers
// invocations one after another.
import { createRequire, isBuiltin, registerHooks } from 'node:module';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import type { InvocationError, InvocationMessage, SandboxMessage, SandboxSetup } from './invocation.ts';

type Handler = (event: unknown, context: unknown) => unknown;

const setup = workerData as SandboxSetup;
const port = parentPort;
if (!port) throw new Error('a sandbox runs as a worker thread only');
const send = (message: SandboxMessage) => port.postMessage(message);

resolvePackagesAsOnAws(setup.codeFolder, setup.layerFolders);
try {
  const handler = loadHandler(setup);
  send({ kind: 'ready' });
  port.on('message', async (message: InvocationMessage) => send(await answer(handler, message)));
} catch (error) {
  send({ kind: 'init-failed', error: toInvocationError(error) });
}

/** Packages come from the bundle's own folder, then from the layers, and never from what is installed around them. */
function resolvePackagesAsOnAws(codeFolder: string, layerFolders: string[]): void {
  const roots = [codeFolder, ...layerFolders.map((folder) => join(folder, 'nodejs'))].map((folder) => ({
    prefix: folder + sep,
    require: createRequire(folder + sep),
  }));
  const find = (specifier: string): string | undefined => {
    for (const root of roots) {
      try {
        const file = root.require.resolve(specifier);
        if (file.startsWith(root.prefix)) return file;
      } catch {
        // Not in this root; the next one is asked.
      }
    }
    return undefined;
  };
  let searching = false;
  registerHooks({
    resolve: (specifier, context, next) => {
      const isPath = /^(\.|\/|[a-z]+:)/i.test(specifier);
      if (searching || isPath || isBuiltin(specifier)) return next(specifier, context);
      searching = true;
      try {
        const file = find(specifier);
        if (file) return { url: pathToFileURL(file).href, shortCircuit: true };
      } finally {
        searching = false;
      }
      throw Object.assign(new Error(`Cannot find module '${specifier}'`), { code: 'MODULE_NOT_FOUND' });
    },
  });
}

function loadHandler({ codeFolder, handler }: SandboxSetup): Handler {
  const dot = handler.lastIndexOf('.');
  const [file, exported] = [handler.slice(0, dot), handler.slice(dot + 1)];
  const loaded = loadBundle(codeFolder, file)[exported];
  if (typeof loaded !== 'function')
    throw named('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  if (loaded.length >= 3) {
    throw named(
      'Runtime.CallbackHandlerDeprecated',
      `${handler} takes a callback, which nodejs24.x does not call`,
    );
  }
  return loaded as Handler;
}

function loadBundle(codeFolder: string, file: string): Record<string, unknown> {
  try {
    return createRequire(codeFolder + sep)(`./${file}`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error instanceof SyntaxError) throw named('Runtime.UserCodeSyntaxError', String(error), error);
    if ('code' in error && error.code === 'MODULE_NOT_FOUND') {
      throw named('Runtime.ImportModuleError', error.message, error);
    }
    throw error;
  }
}

async function answer(handler: Handler, message: InvocationMessage): Promise<SandboxMessage> {
  const { requestId, event } = message;
  try {
    const value = await handler(JSON.parse(event), createContext(message));
    return { kind: 'done', requestId, value: JSON.stringify(value) ?? 'null' };
  } catch (error) {
    return { kind: 'failed', requestId, error: toInvocationError(error) };
  }
}

function createContext({ requestId, deadlineAt }: InvocationMessage) {
  return {
    functionName: setup.functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: setup.functionArn,
    memoryLimitInMB: String(setup.memoryMb),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${setup.functionName}`,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineAt - Date.now()),
  };
}

function toInvocationError(error: unknown): InvocationError {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
}

function named(name: string, message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { name });
}
