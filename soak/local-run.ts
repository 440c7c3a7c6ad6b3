// The local run as its users start it, and the calls the soak makes to it.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

interface Endpoints {
  bridge: string;
  meta: string;
  genesys: string;
  control: string;
  aws: string;
  tenant: string;
  stage: string;
  phoneNumberId: string;
  integrationId: string;
  secrets: { metaAppSecret: string; genesysWebhookSecret: string };
}

export interface LocalRun extends Endpoints {
  /** Its folder, by which the command line finds it. */
  dir: string;
  /** The last lines it printed. */
  printed(): string;
  stop(): Promise<void>;
}

const readyWithinMs = 120_000;
const shownCharacters = 5000;

/** @throws Error with what the run printed when it does not get ready. */
export async function startLocalRun(root: string, assembly: string | undefined): Promise<LocalRun> {
  const dir = mkdtempSync(join(tmpdir(), 'bridge-soak-'));
  const file = join(dir, 'endpoints.json');
  const source = assembly === undefined ? [] : ['--assembly', assembly];
  const run = spawn(process.execPath, ['local/main.ts', '--port', '0', '--dir', dir, ...source], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [run.stdout, run.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(-shownCharacters);
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
    await sleep(50);
  }
  const endpoints: Endpoints = JSON.parse(readFileSync(file, 'utf8'));
  return { ...endpoints, dir, printed: () => printed, stop };
}

/** Sends JSON, or nothing, and answers the JSON that comes back. @throws Error naming the call that was refused. */
export async function callJson<T>(method: string, url: string, body?: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { headers, body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return JSON.parse(text) as T;
}

/** Posts a webhook as Meta signs it; answers the status, or 0 when there was no answer. */
export function postAsMeta(run: LocalRun, body: string, secret = run.secrets.metaAppSecret): Promise<number> {
  const digest = createHmac('sha256', secret).update(body).digest('hex');
  return post(`${run.bridge}/webhook/meta`, body, digest);
}

/** Posts a webhook as Genesys signs it; answers the status, or 0 when there was no answer. */
export function postAsGenesys(run: LocalRun, body: string): Promise<number> {
  const digest = createHmac('sha256', run.secrets.genesysWebhookSecret).update(body).digest('base64');
  return post(`${run.bridge}/webhook/genesys/${run.integrationId}`, body, digest);
}

async function post(url: string, body: string, digest: string): Promise<number> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${digest}` },
      body,
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}
