import { join, resolve } from 'node:path';
import { createFunctionHost, type FunctionHost, sandboxesPerFunction } from '../../local/function-host.ts';
import type { FunctionPlan } from '../../local/plan.ts';
import { makeTempDir, writeFiles } from './an-assembly.ts';

const sandboxFile = resolve('local/function-sandbox.ts');
const lines: { name: string; line: string }[] = [];
const hosts: FunctionHost[] = [];

afterEach(() => {
  for (const host of hosts.splice(0)) host.close();
  lines.length = 0;
});

/** Hosts one function `f` made of this code. */
function host(code: string, change: Partial<FunctionPlan> = {}): FunctionHost {
  const codeFolder = writeFiles(makeTempDir(), {
    'package.json': '{"type":"commonjs"}',
    'index.js': code,
  });
  const plan: FunctionPlan = {
    name: 'f',
    handler: 'index.handler',
    codeFolder,
    layerFolders: [],
    memoryMb: 128,
    timeoutMs: 5000,
    environment: { FROM_TEMPLATE: 't' },
    ...change,
  };
  const made = createFunctionHost({
    functions: [plan],
    region: 'eu-west-1',
    accountId: '000000000000',
    extraEnvironment: (name) => ({ AWS_ACCESS_KEY_ID: name }),
    sandboxFile,
    onLine: (name, line) => lines.push({ name, line }),
  });
  hosts.push(made);
  return made;
}

const failure = (errorType: string, errorMessage: unknown = expect.any(String)) => ({
  ok: false,
  error: { errorType, errorMessage, trace: expect.any(Array) },
});

async function until(isReached: () => boolean): Promise<void> {
  while (!isReached()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const linesWith = (text: string) => lines.filter(({ line }) => line.includes(text));

describe('an invocation', () => {
  it('passes event and result as JSON', async () => {
    const { invoke } = host(
      'exports.handler = async (event) => ({ ...event, lost: undefined, at: new Date(0) })',
    );

    const result = await invoke('f', { text: 'Grüße 👋', none: undefined });

    expect(result).toEqual({ ok: true, value: { text: 'Grüße 👋', at: '1970-01-01T00:00:00.000Z' } });
  });

  it('gives an empty event for none and null for no result', async () => {
    const { invoke } = host('exports.handler = async (event) => event.a');

    expect(await invoke('f', undefined)).toEqual({ ok: true, value: null });
  });

  it('gives the context of Lambda', async () => {
    const { invoke } = host(
      'exports.handler = async (_, context) => ({ ...context, left: context.getRemainingTimeInMillis() })',
      { timeoutMs: 3000 },
    );

    const result = await invoke('f', {});

    expect(result).toMatchObject({
      value: {
        functionName: 'f',
        awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        invokedFunctionArn: 'arn:aws:lambda:eu-west-1:000000000000:function:f',
        memoryLimitInMB: '128',
        logGroupName: '/aws/lambda/f',
      },
    });
    const { left } = Object(result.ok && result.value);
    expect(left).toBeGreaterThan(2000);
    expect(left).toBeLessThanOrEqual(3000);
  });

  it('sees a complete environment of its own and nothing of this process', async () => {
    process.env.OF_THE_RUNNER = 'leaked';
    const { invoke } = host('exports.handler = async () => process.env');

    const { value } = Object(await invoke('f', {}));

    delete process.env.OF_THE_RUNNER;
    expect(value).toMatchObject({
      FROM_TEMPLATE: 't',
      AWS_ACCESS_KEY_ID: 'f',
      AWS_LAMBDA_FUNCTION_NAME: 'f',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
      TZ: ':UTC',
      _HANDLER: 'index.handler',
    });
    expect(value).not.toHaveProperty('OF_THE_RUNNER');
    expect(value).not.toHaveProperty('PATH');
  });

  it('keeps a sandbox warm for the next one', async () => {
    const { invoke } = host('let count = 0; exports.handler = async () => ++count');

    expect(await invoke('f', {})).toEqual({ ok: true, value: 1 });
    expect(await invoke('f', {})).toEqual({ ok: true, value: 2 });
  });

  it('runs a few at once and lets the others wait', async () => {
    const { invoke } = host(`
      const { threadId } = require('node:worker_threads');
      exports.handler = async ({ ms }) => { await new Promise((r) => setTimeout(r, ms)); return threadId; }`);

    const results = await Promise.all(Array.from({ length: 12 }, () => invoke('f', { ms: 50 })));

    expect(results.every(({ ok }) => ok)).toBe(true);
    expect(new Set(results.map((result) => result.ok && result.value)).size).toBe(sandboxesPerFunction);
  });

  it('sends every line that is printed to the log, also those before an exit', async () => {
    const { invoke } = host(`exports.handler = async () => {
      console.log('one'); console.error('two'); process.stdout.write('three'); process.exit(3); }`);

    await invoke('f', {});
    await until(() => linesWith('three').length > 0);

    expect(lines).toEqual(
      expect.arrayContaining(['one', 'two', 'three'].map((line) => ({ name: 'f', line }))),
    );
  });
});

describe('packages', () => {
  const layer = () =>
    writeFiles(makeTempDir(), {
      'nodejs/node_modules/@vendor/core/package.json': '{"name":"@vendor/core","main":"main.js"}',
      'nodejs/node_modules/@vendor/core/main.js': 'module.exports = "core with " + require("inner")',
      'nodejs/node_modules/inner/package.json': '{"name":"inner","main":"index.js"}',
      'nodejs/node_modules/inner/index.js': 'module.exports = "inner"',
    });

  it('come from the layers', async () => {
    const { invoke } = host('const core = require("@vendor/core"); exports.handler = async () => core', {
      layerFolders: [layer()],
    });

    expect(await invoke('f', {})).toEqual({ ok: true, value: 'core with inner' });
  });

  it('come from the bundle first', async () => {
    const codeFolder = writeFiles(makeTempDir(), {
      'package.json': '{"type":"commonjs"}',
      'index.js': 'exports.handler = async () => require("@vendor/core")',
      'node_modules/@vendor/core/package.json': '{"name":"@vendor/core","main":"main.js"}',
      'node_modules/@vendor/core/main.js': 'module.exports = "own"',
    });
    const { invoke } = host('', { codeFolder, layerFolders: [layer()] });

    expect(await invoke('f', {})).toEqual({ ok: true, value: 'own' });
  });

  it('never come from folders above the bundle', async () => {
    const parent = writeFiles(makeTempDir(), {
      'node_modules/leak/package.json': '{"name":"leak","main":"index.js"}',
      'node_modules/leak/index.js': 'module.exports = "leaked"',
      'code/package.json': '{"type":"commonjs"}',
      'code/index.js': 'exports.handler = async () => require("leak")',
    });
    const { invoke } = host('', { codeFolder: join(parent, 'code'), layerFolders: [layer()] });

    expect(await invoke('f', {})).toEqual(failure('Error', "Cannot find module 'leak'"));
  });
});

describe('a failing function', () => {
  it.each([
    ['throws', 'exports.handler = async () => { throw new RangeError("too far") }', 'RangeError', 'too far'],
    ['throws no error', 'exports.handler = async () => { throw "text" }', 'string', 'text'],
    ['exits', 'exports.handler = async () => process.exit(3)', 'Runtime.ExitError', /exit status 3/],
    [
      'throws late',
      'exports.handler = () => new Promise(() => setTimeout(() => { throw new TypeError("late") }))',
      'TypeError',
      'late',
    ],
    ['fails to load', 'throw new TypeError("at start")', 'TypeError', 'at start'],
    ['misses a module', 'require("./gone")', 'Runtime.ImportModuleError', /Cannot find module/],
    ['is no JavaScript', 'const = 1', 'Runtime.UserCodeSyntaxError', /SyntaxError/],
    ['exports no handler', 'exports.other = 1', 'Runtime.HandlerNotFound', /index\.handler/],
    [
      'wants a callback',
      'exports.handler = (event, context, callback) => callback(null, 1)',
      'Runtime.CallbackHandlerDeprecated',
      /callback/,
    ],
    ['exits while loading', 'process.exit(4)', 'Runtime.ExitError', /exit status 4/],
    ['answers what JSON cannot carry', 'exports.handler = async () => ({ n: 1n })', 'TypeError', /BigInt/],
    [
      'answers more than Lambda carries',
      'exports.handler = async () => "a".repeat(6 * 1024 * 1024)',
      'Function.ResponseSizeTooLarge',
      /maximum allowed payload size/,
    ],
  ])('that %s fails its invocation and writes that to the log', async (_what, code, errorType, message) => {
    const { invoke } = host(code);

    const result = await invoke('f', {});

    expect(result).toEqual(failure(errorType, expect.stringMatching(message)));
    expect(linesWith('"Invoke Error"').map(({ line }) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 'ERROR', errorType }),
    ]);
  });

  it('gets a new sandbox after a crash and keeps its sandbox after an error', async () => {
    const { invoke } = host(`let count = 0; exports.handler = async ({ act }) => {
      count++; if (act === 'exit') process.exit(1); if (act === 'throw') throw new Error('x'); return count; }`);

    await invoke('f', { act: 'throw' });
    expect(await invoke('f', {})).toEqual({ ok: true, value: 2 });
    await invoke('f', { act: 'exit' });
    expect(await invoke('f', {})).toEqual({ ok: true, value: 1 });
  });

  it.each([
    ['hangs', 'exports.handler = () => new Promise(() => {})'],
    ['loops', 'exports.handler = async () => { for (;;); }'],
  ])('that %s is ended at its timeout', async (_what, code) => {
    const { invoke } = host(code, { timeoutMs: 300 });

    const result = await invoke('f', {});

    expect(result).toEqual(failure('Sandbox.Timedout', 'Task timed out after 0.30 seconds'));
  });

  it('that eats its memory ends alone', async () => {
    const { invoke } = host(
      'const kept = []; exports.handler = async () => { for (;;) kept.push(new Array(1e5).fill({})) }',
    );

    expect(await invoke('f', {})).toEqual(failure('Runtime.OutOfMemory'));
  });

  it('that dies between two invocations says so in the log', async () => {
    const { invoke } = host(
      'let count = 0; exports.handler = async () => { setTimeout(() => { throw new Error("between") }, 20); return ++count }',
    );

    await invoke('f', {});
    await until(() => linesWith('Uncaught Exception').length > 0);

    expect(linesWith('between')).toHaveLength(1);
    expect(await invoke('f', {})).toEqual({ ok: true, value: 1 });
  });
});

describe('kill', () => {
  it('crashes what runs and lets later invocations start cold', async () => {
    const { invoke, kill } = host(`let count = 0; exports.handler = async ({ hang }) => {
      count++; if (hang) { console.log('running'); await new Promise(() => {}); } return count; }`);
    await invoke('f', {});
    const running = invoke('f', { hang: true });
    await until(() => linesWith('running').length > 0);

    const killed = kill('f');

    expect(killed).toBe(1);
    expect(await running).toEqual(failure('Runtime.ExitError'));
    expect(await invoke('f', {})).toEqual({ ok: true, value: 1 });
  });

  it('also ends sandboxes that are starting, and waiting invocations get new ones', async () => {
    const { invoke, kill } = host('exports.handler = async () => "done"');
    const results = Array.from({ length: sandboxesPerFunction + 1 }, () => invoke('f', {}));

    expect(kill('f')).toBe(sandboxesPerFunction);

    const settled = await Promise.all(results);
    expect(settled.filter(({ ok }) => !ok)).toHaveLength(sandboxesPerFunction);
    expect(settled.at(-1)).toEqual({ ok: true, value: 'done' });
  });

  it('refuses an unknown function and names the known ones', async () => {
    const { invoke, kill } = host('');

    expect(() => kill('g')).toThrow('there is no function g; there are: f');
    await expect(invoke('g', {})).rejects.toThrow('there is no function g');
  });
});

it('ends running invocations when it closes, and takes no more', async () => {
  const { invoke, close } = host('exports.handler = () => new Promise(() => {})');
  const running = invoke('f', {});

  close();

  expect(await running).toEqual(failure('Runtime.ExitError', 'the run was stopped'));
  expect(await invoke('f', {})).toEqual(failure('Runtime.ExitError', 'the run was stopped'));
});
