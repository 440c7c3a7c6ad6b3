// Runs `cdk synth` for the stage "local", unless nothing it reads has changed since the last time.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { StartError } from './options.ts';

export interface SynthOptions {
  /** Folder of the project. */
  root: string;
  tenantFile: string;
  /** The assembly goes to `<dir>/cdk.out`, the stamp that spares the next synthesis beside it. */
  dir: string;
  onProgress: (line: string) => void;
  signal: AbortSignal;
}

const inputs = ['bin', 'lib', 'lambdas', 'layers', 'cdk.json', 'package.json', 'package-lock.json'];

/** @returns the folder of the assembly. @throws StartError with what `cdk synth` said, without its stack traces. */
export async function synthesize(options: SynthOptions): Promise<string> {
  const { root, tenantFile, dir, onProgress } = options;
  if (!existsSync(tenantFile)) throw new StartError(`tenant file ${tenantFile} does not exist`);
  const out = join(dir, 'cdk.out');
  const stampFile = join(dir, 'cdk.out.stamp');
  const stamp = hashFiles(root, [...inputs.map((name) => join(root, name)), tenantFile]);
  if (existsSync(join(out, 'manifest.json')) && readStamp(stampFile) === stamp) {
    onProgress('Template is up to date.');
    return out;
  }
  onProgress('Synthesizing the template, which takes some seconds …');
  // A half-written assembly must not pass for a whole one.
  rmSync(stampFile, { force: true });
  rmSync(out, { recursive: true, force: true });
  await runCdk(options, out);
  writeFileSync(stampFile, stamp);
  return out;
}

async function runCdk({ root, tenantFile, signal }: SynthOptions, out: string): Promise<void> {
  const cdk = join(root, 'node_modules/aws-cdk/bin/cdk');
  if (!existsSync(cdk)) throw new StartError('the packages are not installed: run "npm ci" first');
  const context = ['-c', `tenantFile=${tenantFile}`, '-c', 'stage=local'];
  const child = spawn(process.execPath, [cdk, 'synth', '--quiet', '--no-notices', '-o', out, ...context], {
    cwd: root,
    env: makeCdkEnv(root),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new StartError(explainFailure(said));
}

/** The app runs on this very Node, and finds no account even where one is signed in. */
function makeCdkEnv(root: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name));
  const path = [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env.PATH ?? ''];
  return {
    ...Object.fromEntries(own),
    PATH: path.join(delimiter),
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    NO_COLOR: '1',
  };
}

/** What the app itself printed, without the command line's remark that the app failed. */
function explainFailure(said: string): string {
  const lines = said.split('\n').map((line) => line.trimEnd());
  const own = lines.filter((line) => line !== '' && !/Subprocess exited with error|^\s+at /.test(line));
  return (
    own.join('\n') ||
    'cdk synth failed without saying why; run "npm run synth -- -c tenant=example -c stage=local"'
  );
}

function readStamp(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

function hashFiles(root: string, paths: string[]): string {
  const hash = createHash('sha256').update(process.version);
  const visit = (path: string) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const entry of readdirSync(path).toSorted()) visit(join(path, entry));
    } else {
      hash
        .update(`${relative(root, path)}\0`)
        .update(readFileSync(path))
        .update('\0');
    }
  };
  for (const path of paths) visit(path);
  return hash.digest('hex');
}
