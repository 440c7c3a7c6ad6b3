// `npm start`: synthesizes the template and runs it on this computer until it is told to stop.
import { fileURLToPath } from 'node:url';
import { renderFirstScreen } from './first-screen.ts';
import { parseOptions, StartError, usage } from './options.ts';
import { makePrivateDir } from './secrets-file.ts';
import { assignPorts, readExternalEndpoint, requireFreePorts, requireNode24 } from './start-checks.ts';

/** Within this time a repeated signal is the same Ctrl-C, sent to us by the terminal and once more by npm. */
const sameSignalMs = 500;
const parentCheckMs = 200;

const stopping = new AbortController();
let stoppedAt = 0;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted && Date.now() - stoppedAt > sameSignalMs) process.exit(130);
    stoppedAt ||= Date.now();
    stopping.abort();
  });
}
stopWithNpm();

try {
  await main();
} catch (error) {
  if (!stopping.signal.aborted) report(error);
}

async function main(): Promise<void> {
  requireNode24(process.versions.node);
  const options = parseOptions(process.argv.slice(2), process.cwd());
  if (options === 'help') return console.log(usage);
  const externalEndpoint = readExternalEndpoint(process.env.AWS_ENDPOINT_URL, options.allowRemote);
  const ports = assignPorts(options.port);
  await requireFreePorts(ports);
  makePrivateDir(options.dir);
  // Functions run on UTC, and worker threads share the time zone of this process.
  process.env.TZ = 'UTC';
  const { tenantFile, dir } = options;
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { synthesize } = await import('./synth.ts');
  const assembly =
    options.assembly ??
    (await synthesize({ root, tenantFile, dir, onProgress: console.log, signal: stopping.signal }));
  console.log('Starting …');
  const { startRun } = await import('./run.ts');
  const sandboxFile = fileURLToPath(new URL('./function-sandbox.ts', import.meta.url));
  const run = await startRun({
    assembly,
    dir,
    ports,
    externalEndpoint,
    sandboxFile,
    onTrouble: console.error,
  });
  console.log(renderFirstScreen(run.urls, dir));
  await untilStopped();
  console.log('Stopping …');
  await run.stop();
}

/** npm puts a shell between itself and us, which dies of a signal without passing it on. */
function stopWithNpm(): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) stopping.abort();
  }, parentCheckMs);
  watch.unref();
}

function untilStopped(): Promise<void> {
  const { signal } = stopping;
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
}

/** Mistakes are told in one line; only what looks like a fault of the program shows where it happened. */
function report(error: unknown): void {
  const isFault = error instanceof TypeError || error instanceof RangeError || !(error instanceof Error);
  console.error(isFault ? error : error.message);
  process.exitCode = error instanceof StartError ? error.exitCode : 1;
}
