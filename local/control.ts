// The control server: lets a person or a test look into the run and make trouble in it. Never for the internet:
// it answers loopback names only, and no web page.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LocalAws } from './aws/local-aws.ts';
import { nameOfFunction } from './aws/machine-definition.ts';
import type { FunctionHost } from './function-host.ts';
import type { LedgerQuery } from './ledger-query.ts';
import type { LogStore } from './log-store.ts';
import type { MetricStore } from './metric-store.ts';
import type { ObjectList } from './object-list.ts';
import type { Plan } from './plan.ts';
import { isLoopback } from './start-checks.ts';

export interface ControlOptions {
  port: number;
  plan: Plan;
  aws: Pick<LocalAws, 'calls' | 'putFaults' | 'clearFaults' | 'executions'>;
  host: Pick<FunctionHost, 'invoke' | 'kill'>;
  logs: LogStore;
  metrics: MetricStore;
  ledger: LedgerQuery;
  objects: ObjectList;
  /** What happens by itself as time passes. */
  time: { fireSchedules(): Promise<string[]>; expire(): Promise<number> };
}

export interface ControlServer {
  url: string;
  close(): Promise<void>;
}

type Answer = (query: URLSearchParams, body: unknown) => unknown;

class ControlError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const bodyLimitBytes = 8 * 1024 * 1024;

/** @throws Error when the port is taken. */
export async function startControl(options: ControlOptions): Promise<ControlServer> {
  const answers = createAnswers(options);
  const server = createServer((request, response) => {
    handle(request, answers).then(
      (value) => send(response, 200, value),
      (error) => send(response, error instanceof ControlError ? error.status : 500, { error: error.message }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function createAnswers({
  plan,
  aws,
  host,
  logs,
  metrics,
  ledger,
  objects,
  time,
}: ControlOptions): Record<string, Answer> {
  const requireFunction = (body: unknown): string => {
    const { function: name } = requireObject(body);
    if (typeof name !== 'string')
      throw new ControlError(400, 'the body needs "function": the name of a function');
    const names = plan.functions.map((one) => one.name);
    if (!names.includes(name)) {
      throw new ControlError(404, `there is no function ${name}; there are: ${names.join(', ')}`);
    }
    return name;
  };
  return {
    'GET /_calls': (query) => aws.calls(readSince(query)),
    'GET /_logs': (query) => logs.since(readSince(query)),
    'GET /_metrics': () => metrics.read(),
    'GET /_functions': () => describeFunctions(plan),
    'GET /_executions': () => aws.executions(),
    'GET /_objects': (query) => objects.list(query.get('prefix') ?? ''),
    'GET /_ledger': (query) => {
      const [customer, id] = [query.get('customer'), query.get('id')];
      if (customer && !id) return ledger.byCustomer(customer);
      if (id && !customer) return ledger.byMessage(id);
      throw new ControlError(
        400,
        'give either ?customer= (phone, BSUID or customer id) or ?id= (a message id)',
      );
    },
    'PUT /_faults': (_query, body) => {
      if (!Array.isArray(body)) throw new ControlError(400, 'the body must be a list of faults');
      try {
        aws.putFaults(body);
      } catch (error) {
        throw new ControlError(400, error instanceof Error ? error.message : String(error));
      }
      return { faults: body.length };
    },
    'DELETE /_faults': () => {
      aws.clearFaults();
      return { faults: 0 };
    },
    'POST /_due': async () => ({ rules: await time.fireSchedules(), expired: await time.expire() }),
    'POST /_kill': (_query, body) => ({ killed: host.kill(requireFunction(body)) }),
    'POST /_invoke': (_query, body) => host.invoke(requireFunction(body), requireObject(body).event ?? {}),
  };
}

async function handle(request: IncomingMessage, answers: Record<string, Answer>): Promise<unknown> {
  if (!isLoopback((request.headers.host ?? '').replace(/:\d+$/, ''))) {
    throw new ControlError(403, 'only 127.0.0.1 and localhost are answered');
  }
  if (request.headers.origin !== undefined)
    throw new ControlError(403, 'requests of web pages are not answered');
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  const key = `${request.method} ${url.pathname}`;
  const answer = Object.hasOwn(answers, key) ? answers[key] : undefined;
  if (!answer)
    throw new ControlError(404, `${key} is not known; known are: ${Object.keys(answers).join(', ')}`);
  const text = await readText(request);
  return answer(url.searchParams, text === '' ? undefined : parseJson(text));
}

function describeFunctions({ functions, routes, sources, machines, rules }: Plan) {
  return functions.map(({ name, handler, environment }) => ({
    name,
    handler,
    routes: routes.filter(({ functionName }) => functionName === name).map(({ routeKey }) => routeKey),
    sources: [
      ...sources.filter(({ functionName }) => functionName === name).map(({ queueName }) => queueName),
      ...machines
        .filter(({ tasks }) => Object.values(tasks).some((task) => nameOfFunction(task) === name))
        .map((machine) => machine.name),
      ...rules
        .filter(({ targets }) => targets.some((one) => one.functionName === name))
        .map((rule) => rule.name),
    ],
    environment: Object.keys(environment),
  }));
}

function readSince(query: URLSearchParams): number {
  const text = query.get('since') ?? '0';
  if (!/^\d+$/.test(text)) throw new ControlError(400, `?since= needs a number, not "${text}"`);
  return Number(text);
}

function requireObject(body: unknown): Record<string, unknown> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body))
    return body as Record<string, unknown>;
  throw new ControlError(400, 'the body must be a JSON object');
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimitBytes) throw new ControlError(413, `the body is over ${bodyLimitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ControlError(
      400,
      `the body is not JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = JSON.stringify(value ?? null, (_key, item) => {
    if (item instanceof Set) return [...item];
    return item instanceof Uint8Array ? { base64: Buffer.from(item).toString('base64') } : item;
  });
  response.writeHead(status, { 'content-type': 'application/json' }).end(text);
}
