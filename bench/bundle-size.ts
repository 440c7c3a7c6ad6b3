// What Lambda has to fetch and load before a function can answer: its bundle and all that its layer holds, as
// synthesized for deployment.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { findMedian } from './median.ts';
import type { Figure } from './table.ts';

interface Resource {
  Type: string;
  Properties: {
    FunctionName?: string;
    Code?: { S3Key: string };
    Content?: { S3Key: string };
    Layers?: { Ref: string }[];
    Environment?: { Variables: Record<string, unknown> };
  };
}

interface FunctionCode {
  name: string;
  folder: string;
  layers: string[];
  environment: Record<string, string>;
}

const tenant = 'example';
const stage = 'prod';
const budgetKib = 500;
const loads = 7;

/** @param root folder of the project. @throws Error when it cannot be synthesized. */
export function measureBundleSize(root: string): Figure[] {
  const out = mkdtempSync(join(tmpdir(), 'bridge-bench-'));
  try {
    synthesize(root, out);
    const functions = readFunctions(out);
    return functions.flatMap((code) => measureCode(code));
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

function synthesize(root: string, out: string): void {
  const context = JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')).context;
  execFileSync(process.execPath, ['bin/bridge.ts'], {
    cwd: root,
    env: { ...process.env, CDK_OUTDIR: out, CDK_CONTEXT_JSON: JSON.stringify({ ...context, tenant, stage }) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function readFunctions(out: string): FunctionCode[] {
  const template = readFileSync(join(out, `${tenant}-${stage}-bridge.template.json`), 'utf8');
  const { Resources: resources } = JSON.parse(template) as { Resources: Record<string, Resource> };
  const folderOf = (key = ''): string => join(out, `asset.${key.replace(/\.zip$/, '')}`);
  return Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::Lambda::Function')
    .map(({ Properties: { FunctionName = '', Code, Layers = [], Environment } }) => ({
      name: FunctionName.replace(`${tenant}-${stage}-`, ''),
      folder: folderOf(Code?.S3Key),
      layers: Layers.map(({ Ref }) => folderOf(resources[Ref]?.Properties.Content?.S3Key)),
      environment: fillVariables(Environment?.Variables ?? {}),
    }));
}

/** Values known only after deployment are replaced by their names; loading the code calls nobody. */
function fillVariables(variables: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, typeof value === 'string' ? value : name]),
  );
}

function measureCode(code: FunctionCode): Figure[] {
  const files = [code.folder, ...code.layers].flatMap(readFiles);
  const plainBytes = files.reduce((sum, bytes) => sum + bytes.length, 0);
  const zippedBytes = files.reduce((sum, bytes) => sum + deflateRawSync(bytes, { level: 9 }).length, 0);
  const measure = `${code.name}: code and layer`;
  return [
    {
      measure: `${measure}, unzipped`,
      value: plainBytes / 1024,
      unit: 'KiB',
      ...(code.name.endsWith('-door') && { budget: budgetKib }),
    },
    { measure: `${measure}, zipped`, value: zippedBytes / 1024, unit: 'KiB' },
    { measure: `${code.name}: load in a fresh process`, value: measureLoadMs(code), digits: 1, unit: 'ms' },
  ];
}

function readFiles(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}

/** From before `require` to a ready handler. */
function measureLoadMs({ folder, layers, environment }: FunctionCode): number {
  const script = `const start = performance.now();
    if (typeof require(${JSON.stringify(folder)}).handler !== 'function') throw new Error('no handler');
    console.log(performance.now() - start);`;
  const env = {
    ...environment,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'none',
    AWS_SECRET_ACCESS_KEY: 'none',
    NODE_PATH: layers.map((layer) => join(layer, 'nodejs/node_modules')).join(delimiter),
  };
  const times = Array.from({ length: loads }, () =>
    Number(execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8' })),
  );
  return findMedian(times);
}
