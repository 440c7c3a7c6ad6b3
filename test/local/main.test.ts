import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { aTemplatePair, makeTempDir, writeAssembly } from './an-assembly.ts';

jest.setTimeout(30_000);

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
}

interface Started {
  child: ChildProcess;
  ended: Promise<Ended>;
  output: () => string;
}

const started: Started[] = [];
afterEach(async () => {
  for (const { child, ended } of started.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
});

function startMain(args: string[], env: Record<string, string> = {}): Started {
  const child = spawn(process.execPath, ['local/main.ts', ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal, output }));
  });
  const run = { child, ended, output: () => output };
  started.push(run);
  return run;
}

/** Echoes through queue and worker: the door sends the body to the queue, the worker prints what it got. */
const door = `
const { createHash, createHmac } = require('node:crypto');
const { vendor } = require('vendor');
exports.handler = async (event) => {
  if (event.body === 'wait') await new Promise(() => {});
  const body = JSON.stringify({ QueueUrl: process.env.QUEUE_URL, MessageBody: event.body,
    MessageGroupId: 'g', MessageDeduplicationId: event.requestContext.requestId });
  const { access, region } = { access: process.env.AWS_ACCESS_KEY_ID, region: process.env.AWS_REGION };
  const response = await fetch(process.env.AWS_ENDPOINT_URL_SQS, { method: 'POST', body, headers: {
    'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.SendMessage',
    'x-amz-date': new Date().toISOString().replace(/[-:]|\\.\\d+/g, ''),
    authorization: 'AWS4-HMAC-SHA256 Credential=' + access + '/20261120/' + region +
      '/sqs/aws4_request, SignedHeaders=host, Signature=' + createHash('sha256').update('x').digest('hex') } });
  return { statusCode: response.status, body: vendor + ' ' + event.pathParameters.channel + ' ' + Object.keys(process.env)
    .filter((name) => name.startsWith('LOCAL_')).sort() };
};`;
const worker = `exports.handler = async ({ Records }) => {
  for (const { body } of Records) console.log(JSON.stringify({ worked: body })); };`;

const anAssembly = () => {
  const { state, bridge } = aTemplatePair();
  return writeAssembly({
    assets: {
      door1: { 'index.js': door },
      worker1: { 'index.js': worker },
      layer1: {
        'nodejs/node_modules/vendor/package.json': '{"name":"vendor","main":"index.js"}',
        'nodejs/node_modules/vendor/index.js': 'exports.vendor = "from the layer"',
      },
    },
    stacks: {
      'acme-local-state': { template: state },
      'acme-local-bridge': { template: bridge, dependsOn: ['acme-local-state'] },
    },
  });
};

async function until<T>(find: () => Promise<T | undefined> | T | undefined, run: Started): Promise<T> {
  let isOver = false;
  void run.ended.then(() => {
    isOver = true;
  });
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (isOver) throw new Error(`ended too early:\n${run.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function startReady(dir = join(makeTempDir(), 'run')) {
  const run = startMain(['--port', '0', '--assembly', anAssembly(), '--dir', dir]);
  const file = join(dir, 'endpoints.json');
  await until(() => (existsSync(file) ? true : undefined), run);
  const endpoints = JSON.parse(readFileSync(file, 'utf8'));
  const getJson = async (url: string) => Object(await (await fetch(url)).json());
  return { run, dir, file, endpoints, getJson };
}

function isListening(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.unref();
  });
}

describe('a run', () => {
  it('writes where everything is, for its owner only', async () => {
    const { file, dir, endpoints, run } = await startReady();

    const loopback = expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(endpoints).toEqual({
      archiveBucket: 'acme-local-archive-000000000000-eu-west-1',
      integrations: { 1001: '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10' },
      bridge: loopback,
      meta: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/meta$/),
      genesys: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/genesys$/),
      twilio: null,
      control: loopback,
      aws: loopback,
      tables: ['acme-local-ledger', 'acme-local-customers'],
      numbers: ['1001'],
      tenant: 'acme',
      stage: 'local',
      phoneNumberId: '1001',
      integrationId: '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10',
      secrets: {
        metaAppSecret: expect.any(String),
        metaVerifyToken: expect.any(String),
        genesysWebhookSecret: expect.any(String),
        twilioAuthToken: null,
      },
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const part of ['bridge', 'meta', 'genesys', 'control', 'aws']) {
      expect(run.output()).toContain(endpoints[part]);
    }
    expect(run.output()).toMatch(/curl .*\/meta\/_send /);
    expect(run.output()).toMatch(/curl .*\/genesys\/_requests/);
  });

  it('carries a request from the door through the queue to the worker and records the call', async () => {
    const { run, endpoints, getJson } = await startReady();

    const response = await fetch(`${endpoints.bridge}/webhook/meta`, { method: 'POST', body: 'hello' });

    expect({ status: response.status, text: await response.text() }).toEqual({
      status: 200,
      text: 'from the layer meta LOCAL_GENESYS_URL,LOCAL_META_URL',
    });
    const isWorked = (row: { function: string; line: { worked?: string } }) =>
      row.function === 'acme-local-worker' && row.line.worked === 'hello';
    await until(async () => (await getJson(`${endpoints.control}/_logs`)).find(isWorked), run);
    expect(await getJson(`${endpoints.control}/_calls`)).toEqual([
      expect.objectContaining({
        seq: 1,
        function: 'acme-local-door',
        service: 'sqs',
        operation: 'SendMessage',
        resource: 'acme-local-inbound.fifo',
      }),
    ]);
  });

  it('crashes a running function on demand', async () => {
    const { run, endpoints } = await startReady();
    const waiting = fetch(`${endpoints.bridge}/webhook/meta`, {
      method: 'POST',
      body: 'wait',
      headers: { 'content-type': 'text/plain' },
    });
    const kill = async () => {
      const body = JSON.stringify({ function: 'acme-local-door' });
      const answer = await fetch(`${endpoints.control}/_kill`, { method: 'POST', body });
      return Object(await answer.json()).killed > 0 ? true : undefined;
    };

    await until(kill, run);

    expect((await waiting).status).toBe(500);
  });

  it.each<NodeJS.Signals>(['SIGINT', 'SIGTERM'])(
    'ends by itself on %s, leaving nothing open',
    async (signal) => {
      const { run, file, endpoints } = await startReady();
      // A long poll, a kept connection and a running function are all there when the signal comes.
      void fetch(`${endpoints.bridge}/webhook/meta`, { method: 'POST', body: 'wait' }).catch(() => {});
      const signalledAt = Date.now();

      run.child.kill(signal);
      // The terminal and npm each send one.
      run.child.kill(signal);
      const { code, signal: endedBy } = await run.ended;

      expect({ code, endedBy }).toEqual({ code: 0, endedBy: null });
      expect(Date.now() - signalledAt).toBeLessThan(2000);
      expect(existsSync(file)).toBe(false);
      for (const part of ['bridge', 'meta', 'control', 'aws']) {
        expect(await isListening(endpoints[part])).toBe(false);
      }
    },
  );

  it('ends when npm, which started it, is gone', async () => {
    const dir = join(makeTempDir(), 'run');
    const command = `"${process.execPath}" local/main.ts --port 0 --assembly ${anAssembly()} --dir ${dir}; true`;
    const shell = spawn('/bin/sh', ['-c', command], {
      env: { PATH: process.env.PATH ?? '', npm_lifecycle_event: 'start' },
      stdio: 'ignore',
    });
    const file = join(dir, 'endpoints.json');
    while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
    const { control } = JSON.parse(readFileSync(file, 'utf8'));

    shell.kill('SIGTERM');

    while (existsSync(file) || (await isListening(control))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('keeps its secrets from one start to the next', async () => {
    const first = await startReady();
    first.run.child.kill('SIGTERM');
    await first.run.ended;

    const second = await startReady(first.dir);

    expect(second.endpoints.secrets).toEqual(first.endpoints.secrets);
  });
});

describe('a start that cannot succeed', () => {
  const anywhere = () => ['--port', '0', '--dir', makeTempDir()];

  it.each<[string, () => string[], Record<string, string>, number, RegExp]>([
    ['an unknown option', () => ['--prot'], {}, 2, /^unknown option --prot/],
    ['a bad port', () => ['--port', 'x'], {}, 2, /^option --port needs a number/],
    [
      'an assembly that is none',
      () => [...anywhere(), '--assembly', makeTempDir()],
      {},
      1,
      /manifest\.json is missing/,
    ],
    [
      'a missing tenant file',
      () => [...anywhere(), '--tenant', 'gone.json'],
      {},
      1,
      /gone\.json does not exist/,
    ],
    [
      'an endpoint of elsewhere',
      anywhere,
      { AWS_ENDPOINT_URL: 'https://sqs.eu-west-1.amazonaws.com' },
      1,
      /^AWS_ENDPOINT_URL points at .*--allow-remote/,
    ],
  ])('tells %s without a stack trace', async (_what, args, env, code, message) => {
    const ended = await startMain(args(), env).ended;

    expect(ended.code).toBe(code);
    expect(ended.output).toMatch(message);
    expect(ended.output).not.toMatch(/^\s+at /m);
  });

  it('names a port that is in use', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });

    const ended = await startMain([
      '--port',
      String(port),
      '--assembly',
      anAssembly(),
      '--dir',
      makeTempDir(),
    ]).ended;
    await new Promise((resolve) => taken.close(resolve));

    expect(ended).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^port \d+ \(bridge\) is in use; .*--port/),
    });
  });

  it('closes what it had started already', async () => {
    const { state, bridge } = aTemplatePair();
    delete state.Resources.Secret;
    const assembly = writeAssembly({
      assets: { door1: { 'index.js': '' }, worker1: { 'index.js': '' }, layer1: { file: '' } },
      stacks: { a: { template: state }, b: { template: bridge, dependsOn: ['a'] } },
    });

    const ended = await startMain([...anywhere(), '--assembly', assembly]).ended;

    expect(ended).toMatchObject({ code: 1, output: expect.stringContaining('no secret for number 1001') });
  });

  it('shows the options when asked', async () => {
    const ended = await startMain(['--help']).ended;

    expect(ended).toMatchObject({ code: 0, output: expect.stringContaining('--tenant FILE') });
  });
});
