// The local run as its users start it: a process of its own, known by what it writes into its folder.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What of `endpoints.json` is needed here. */
interface Endpoints {
  bridge: string;
  meta: string;
  genesys: string;
  control: string;
  tenant: string;
  stage: string;
  phoneNumberId: string;
  integrationId: string;
  secrets: { metaAppSecret: string; genesysWebhookSecret: string };
}

export interface LocalRun extends Endpoints {
  stop(): Promise<void>;
}

const readyWithinMs = 120_000;
const pollMs = 50;
/** A hundred messages of one customer take a while on a busy machine. */
const patienceMs = 120_000;

/** @param root folder of the project. @throws Error with what the run printed when it does not get ready. */
export async function startLocalRun(root: string): Promise<LocalRun> {
  const dir = mkdtempSync(join(tmpdir(), 'bridge-bench-'));
  const file = join(dir, 'endpoints.json');
  const run = spawn(process.execPath, ['local/main.ts', '--port', '0', '--dir', dir], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [run.stdout, run.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  const ended = new Promise<void>((resolve) => run.once('close', () => resolve()));
  const killWithUs = () => run.kill();
  process.once('exit', killWithUs);

  const stop = async (): Promise<void> => {
    run.kill();
    await ended;
    process.removeListener('exit', killWithUs);
    rmSync(dir, { recursive: true, force: true });
  };
  const deadline = Date.now() + readyWithinMs;
  while (!existsSync(file)) {
    if (run.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the local run did not get ready:\n${printed}`);
    }
    await sleep(pollMs);
  }
  return { ...(JSON.parse(readFileSync(file, 'utf8')) as Endpoints), stop };
}

/** Sends JSON, or nothing, and answers the JSON that comes back. @throws Error naming the call that was refused. */
export async function callJson<T>(method: string, url: string, body?: unknown): Promise<T> {
  const response = await fetch(url, {
    method,
    ...(body === undefined
      ? {}
      : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}

/** Asks again until the answer is what is waited for. @throws Error naming what did not come in time. */
export async function waitFor<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + patienceMs;
  while (Date.now() < deadline) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(pollMs);
  }
  throw new Error(`waited in vain for ${what}`);
}
