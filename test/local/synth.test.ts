import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { synthesize } from '../../local/synth.ts';
import { makeTempDir, writeFiles } from './an-assembly.ts';

/** Plays `cdk synth`: notes how it was called, then does what the tenant file says. */
const playedCdk = `
const { appendFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
const out = args[args.indexOf('-o') + 1];
const tenantFile = args.find((arg) => arg.startsWith('tenantFile=')).slice(11);
const environment = Object.keys(process.env).filter((name) => /^(AWS|CDK)_/.test(name)).sort();
appendFileSync('calls', JSON.stringify({ args, environment, cwd: process.cwd() }) + '\\n');
const tenant = readFileSync(tenantFile, 'utf8');
if (tenant === 'bad') {
  console.error('acme.json: numbers: missing\\nnode bin/bridge.ts: Subprocess exited with error 1');
  process.exit(1);
}
if (tenant === 'mute') process.exit(1);
if (tenant === 'slow') setInterval(() => {}, 1000);
else { mkdirSync(out, { recursive: true }); writeFileSync(out + '/manifest.json', '{}'); }
`;

function aProject(tenant = 'good') {
  const root = writeFiles(makeTempDir(), {
    'node_modules/aws-cdk/bin/cdk': playedCdk,
    'lib/stack.ts': 'one',
    'package-lock.json': '{}',
    'acme.json': tenant,
  });
  const progress: string[] = [];
  const stopping = new AbortController();
  const run = () =>
    synthesize({
      root,
      tenantFile: join(root, 'acme.json'),
      dir: join(root, '.local'),
      onProgress: (line) => progress.push(line),
      signal: stopping.signal,
    });
  const calls = () =>
    existsSync(join(root, 'calls'))
      ? readFileSync(join(root, 'calls'), 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
  writeFiles(root, { '.local/keep': '' });
  return { root, run, calls, progress, stopping };
}

describe('synthesize', () => {
  it('runs cdk synth for the local stage of the tenant file, with no AWS account in reach', async () => {
    const { root, run, calls, progress } = aProject();
    process.env.AWS_ACCESS_KEY_ID = 'of-the-developer';
    process.env.CDK_DEFAULT_ACCOUNT = '1';

    const out = await run();

    delete process.env.AWS_ACCESS_KEY_ID;
    delete process.env.CDK_DEFAULT_ACCOUNT;
    expect(out).toBe(join(root, '.local/cdk.out'));
    const [{ args, environment, cwd }] = calls();
    expect(cwd).toBe(root);
    expect(args).toEqual(
      expect.arrayContaining(['synth', '-o', out, `tenantFile=${root}/acme.json`, 'stage=local']),
    );
    expect(environment).toEqual([
      'AWS_CONFIG_FILE',
      'AWS_EC2_METADATA_DISABLED',
      'AWS_SHARED_CREDENTIALS_FILE',
      'CDK_DISABLE_CLI_TELEMETRY',
    ]);
    expect(progress).toEqual([expect.stringContaining('Synthesizing')]);
  });

  it('does it once while nothing changes, and again after a change of sources or tenant', async () => {
    const { root, run, calls, progress } = aProject();
    await run();

    await run();
    expect(calls()).toHaveLength(1);
    expect(progress.at(-1)).toBe('Template is up to date.');

    writeFileSync(join(root, 'lib/stack.ts'), 'two');
    await run();
    expect(calls()).toHaveLength(2);

    writeFileSync(join(root, 'acme.json'), 'other');
    await run();
    expect(calls()).toHaveLength(3);
  });

  it('tells only what the app said when it fails, and tries again the next time', async () => {
    const { root, run, calls } = aProject('bad');

    await expect(run()).rejects.toThrow(/^acme\.json: numbers: missing$/);

    writeFileSync(join(root, 'acme.json'), 'good');
    await run();
    expect(calls()).toHaveLength(2);
  });

  it('says how to find out more when the app said nothing', async () => {
    await expect(aProject('mute').run()).rejects.toThrow(/npm run synth/);
  });

  it('stops at once when the run is stopped', async () => {
    const { run, calls, stopping } = aProject('slow');
    const running = run();
    const outcome = expect(running).rejects.toThrow(/abort/);
    while (calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 10));

    stopping.abort();

    await outcome;
  });

  it('names a tenant file that does not exist, and says when packages are missing', async () => {
    const root = writeFiles(makeTempDir(), { 'acme.json': '', 'out/keep': '' });
    const options = {
      root,
      dir: join(root, 'out'),
      onProgress: () => {},
      signal: new AbortController().signal,
    };

    await expect(synthesize({ ...options, tenantFile: join(root, 'gone.json') })).rejects.toThrow(
      /gone\.json does not/,
    );
    await expect(synthesize({ ...options, tenantFile: join(root, 'acme.json') })).rejects.toThrow(/npm ci/);
  });
});
