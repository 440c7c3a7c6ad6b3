// A local run as a user starts it, in a process of its own, and the words the journeys speak to it in.
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assemblyFolder, journeysFolder } from './synthesize-once.ts';

export interface Endpoints {
  bridge: string;
  meta: string;
  genesys: string;
  control: string;
  aws: string;
  phoneNumberId: string;
  integrationId: string;
  numbers: string[];
  tables: string[];
  tenant: string;
  archiveBucket: string;
  secrets: { metaAppSecret: string; metaVerifyToken: string; genesysWebhookSecret: string };
}

/** A row of a stand-in's request log. */
export interface ProviderRequest {
  seq: number;
  at: number;
  method: string;
  path: string;
  query: Record<string, string>;
  status: number | null;
  applied?: boolean;
  body: OpenMessage;
  response: { id?: string; conversationId?: string };
}

export interface OpenMessage {
  channel: { messageId: string; time: string; from: { id: string; idType: string; nickname?: string } };
  text: string;
}

/** A ledger record as stored. */
export interface StoredRecord {
  pk: string;
  status: string;
  customer: string;
  messageId: string;
  ambiguous: number;
  attempts: number;
  crashes: number;
  reason?: string;
  placeholder?: boolean;
  correlationId: string;
  rawKey: string;
  sequence: string;
  conversationId?: string;
  genesysId?: string;
}

export interface AwsCall {
  seq: number;
  function: string;
  service: string;
  operation: string;
  resource: string;
}

/** An execution of a state machine. */
export interface Execution {
  name: string;
  machine: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED' | 'TIMED_OUT';
  input: Record<string, unknown>;
  output?: Record<string, unknown>;
  error?: string;
  cause?: string;
  startedAt: number;
  stoppedAt?: number;
}

/** Waits until `read` gives a value that `isGood` accepts. @throws Error with the last value after `timeoutMs`. */
export async function until<T>(
  read: () => Promise<T>,
  isGood: (value: T) => boolean,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (isGood(value)) return value;
    if (Date.now() > deadline)
      throw new Error(`still not so after ${timeoutMs} ms: ${JSON.stringify(value)?.slice(0, 2000)}`);
    await sleep(50);
  }
}

export class LocalRun {
  readonly endpoints: Endpoints;
  readonly #process: ChildProcess;
  /** Folder of this run. */
  readonly dir: string;

  private constructor(endpoints: Endpoints, process: ChildProcess, dir: string) {
    this.endpoints = endpoints;
    this.#process = process;
    this.dir = dir;
  }

  /** @param tenantFile a tenant of its own, for journeys that need other settings */
  static start(tenantFile?: string): Promise<LocalRun> {
    return tenantFile === undefined
      ? LocalRun.startAssembly(assemblyFolder)
      : LocalRun.launch(['--tenant', tenantFile]);
  }

  /** @throws Error with what the run said when it ends instead of getting ready */
  static startAssembly(folder: string): Promise<LocalRun> {
    return LocalRun.launch(['--assembly', folder]);
  }

  private static async launch(source: string[]): Promise<LocalRun> {
    const dir = `${journeysFolder}/${randomUUID()}`;
    const child = spawn(
      resolve('node_modules/.bin/node'),
      ['local/main.ts', '--port', '0', '--dir', dir, ...source],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const output: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => output.push(String(chunk)));
    try {
      await until(
        async () => {
          if (child.exitCode !== null) throw new Error(`the local run ended: ${output.join('')}`);
          return output.join('');
        },
        (text) => text.includes('Ready.'),
        50_000,
      );
    } catch (error) {
      // Nobody would stop it, and it would keep Jest from ending.
      child.kill('SIGKILL');
      throw error;
    }
    return new LocalRun(JSON.parse(readFileSync(`${dir}/endpoints.json`, 'utf8')), child, dir);
  }

  async stop(): Promise<void> {
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    await exited;
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** A signed webhook; answers the HTTP status. */
  async post(
    body: unknown,
    over: { raw?: string | Buffer; headers?: Record<string, string> } = {},
  ): Promise<Response> {
    const bytes = Buffer.from(over.raw ?? JSON.stringify(body));
    return fetch(`${this.endpoints.bridge}/webhook/meta`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': this.sign(bytes),
        ...over.headers,
      },
      body: new Uint8Array(bytes),
    });
  }

  sign(bytes: Buffer, secret = this.endpoints.secrets.metaAppSecret): string {
    return `sha256=${createHmac('sha256', secret).update(bytes).digest('hex')}`;
  }

  /** Everything posted to Genesys as a message that had an effect, in order. */
  async delivered(): Promise<ProviderRequest[]> {
    const rows = await this.deskRequests();
    return rows.filter(({ status, applied }) => applied ?? status === 200);
  }

  /** Every attempt to post a message to Genesys. */
  async deskRequests(): Promise<ProviderRequest[]> {
    const rows = await this.get<ProviderRequest[]>(`${this.endpoints.genesys}/_requests`);
    return rows.filter(({ path }) => path.endsWith('/inbound/open/message'));
  }

  /** Waits for messages at Genesys whose text passes `filter`. */
  async untilDelivered(
    count: number,
    filter: (text: string) => boolean = () => true,
    timeoutMs?: number,
  ): Promise<string[]> {
    const texts = async () => (await this.delivered()).map(({ body }) => body.text).filter(filter);
    return until(texts, (found) => found.length >= count, timeoutMs);
  }

  async recordOf(id: string): Promise<StoredRecord | undefined> {
    return (
      await this.get<StoredRecord[]>(`${this.endpoints.control}/_ledger?id=${encodeURIComponent(id)}`)
    )[0];
  }

  async untilStatus(id: string, status: string, timeoutMs?: number): Promise<StoredRecord> {
    const record = await until(
      () => this.recordOf(id),
      (found) => found?.status === status,
      timeoutMs,
    );
    if (!record) throw new Error('no record');
    return record;
  }

  async calls(functionName: string, since = 0): Promise<AwsCall[]> {
    const calls = await this.get<AwsCall[]>(`${this.endpoints.control}/_calls?since=${since}`);
    return calls.filter((call) => call.function.endsWith(functionName));
  }

  async metrics(): Promise<Record<string, number>> {
    const all = await this.get<Record<string, Record<string, number>>>(`${this.endpoints.control}/_metrics`);
    return all.WhatsAppGenesysBridge ?? {};
  }

  async get<T>(url: string): Promise<T> {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`GET ${url} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as T;
  }

  async tell(method: 'POST' | 'PUT' | 'DELETE', url: string, body?: unknown): Promise<unknown> {
    const response = await fetch(url, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    if (!response.ok)
      throw new Error(`${method} ${url} answered ${response.status}: ${await response.text()}`);
    const text = await response.text();
    return text === '' ? undefined : JSON.parse(text);
  }

  /** The customer writes a text through the Meta stand-in; answers its wamid. */
  async send(text: string, from: { from?: string; userId?: string; name?: string } = {}): Promise<string> {
    const answer = await this.tell('POST', `${this.endpoints.meta}/_send`, {
      ...from,
      message: { type: 'text', text: { body: text } },
    });
    return (answer as { id: string }).id;
  }

  /** Executions of state machines, in order of their start. */
  async executions(machine = 'redelivery'): Promise<Execution[]> {
    const all = await this.get<Execution[]>(`${this.endpoints.control}/_executions`);
    return all.filter((execution) => execution.machine.endsWith(machine));
  }

  /** Invokes a function as a schedule or an event would; answers what it answers. */
  async invoke(functionName: string, event: unknown = {}): Promise<unknown> {
    return this.tell('POST', `${this.endpoints.control}/_invoke`, {
      function: await this.findFunction(functionName),
      event,
    });
  }

  /** Ends the function's sandboxes at once, as a crash; answers how many. */
  async kill(functionName: string): Promise<number> {
    const body = { function: await this.findFunction(functionName) };
    return ((await this.tell('POST', `${this.endpoints.control}/_kill`, body)) as { killed: number }).killed;
  }

  private async findFunction(ending: string): Promise<string> {
    const functions = await this.get<{ name: string }[]>(`${this.endpoints.control}/_functions`);
    const found = functions.find(({ name }) => name.endsWith(`-${ending}`));
    if (!found) throw new Error(`no function is called …-${ending}`);
    return found.name;
  }

  /** Back to a run without faults, special settings or log. */
  async calm(): Promise<void> {
    const { meta, genesys, control } = this.endpoints;
    await Promise.all([
      this.tell('DELETE', `${meta}/_faults`),
      this.tell('DELETE', `${genesys}/_faults`),
      this.tell('DELETE', `${control}/_faults`),
      this.tell('PUT', `${genesys}/_settings`, {}),
    ]);
    await this.tell('DELETE', `${genesys}/_requests`);
  }
}

let people = 0;

/** Phone of somebody nobody has written as before. */
export function aPhone(): string {
  people += 1;
  return `4477${String(process.pid % 10_000).padStart(4, '0')}${String(people).padStart(4, '0')}`;
}

let messages = 0;

export function aMessage(from: string, body: string, over: Record<string, unknown> = {}) {
  messages += 1;
  return {
    from,
    id: `wamid.${process.pid}.${messages}`,
    timestamp: String(Math.floor(Date.now() / 1000)),
    type: 'text',
    text: { body },
    ...over,
  };
}

export function aWebhook(phoneNumberId: string, messageList: unknown[], value: Record<string, unknown> = {}) {
  return {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '419561257915477',
        changes: [
          {
            field: 'messages',
            value: {
              messaging_product: 'whatsapp',
              metadata: { display_phone_number: '15550783881', phone_number_id: phoneNumberId },
              messages: messageList,
              ...value,
            },
          },
        ],
      },
    ],
  };
}
