// Reads what `cdk synth` wrote: the stacks' templates, their order, and where their code lies.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

export interface TemplateResource {
  Type: string;
  Properties?: Record<string, unknown>;
}

export interface TemplateOutput {
  Value: unknown;
  Export?: { Name: unknown };
}

export interface StackTemplate {
  name: string;
  resources: Record<string, TemplateResource>;
  outputs: Record<string, TemplateOutput>;
  /** Asset hash → absolute path of the folder with its files. */
  assetFolders: Record<string, string>;
}

interface Artifact {
  type: string;
  dependencies?: string[];
  properties?: { templateFile?: string; stackName?: string; file?: string };
}

interface AssetManifest {
  files?: Record<string, { source: { path: string } }>;
}

const assetManifest = 'cdk:asset-manifest';
const stack = 'aws:cloudformation:stack';
const withoutStacks = ['cdk:tree', assetManifest, 'cdk:feature-flag-report'];

/** The stacks, each after those it depends on. @throws Error naming the missing file or the unknown artifact. */
export function readAssembly(dir: string): StackTemplate[] {
  const artifacts: Record<string, Artifact> = readJson<{ artifacts: Record<string, Artifact> }>(
    join(dir, 'manifest.json'),
  ).artifacts;
  for (const [id, { type }] of Object.entries(artifacts)) {
    if (type !== stack && !withoutStacks.includes(type)) {
      throw new Error(`${dir}: artifact ${id} is of type ${type}, which the local run does not know`);
    }
  }
  return orderByDependency(artifacts)
    .filter(([, artifact]) => artifact.type === stack)
    .map(([id, artifact]) => readStack(dir, id, artifact, artifacts));
}

/** Function bundles are CommonJS, whatever the package.json of a folder above them says. */
export function markAsCommonJs(dir: string): void {
  const file = join(dir, 'package.json');
  if (!existsSync(file)) writeFileSync(file, '{"type":"commonjs"}\n');
}

function readStack(
  dir: string,
  id: string,
  artifact: Artifact,
  artifacts: Record<string, Artifact>,
): StackTemplate {
  const { templateFile = `${id}.template.json`, stackName = id } = artifact.properties ?? {};
  const template = readJson<{
    Resources?: Record<string, TemplateResource>;
    Outputs?: Record<string, TemplateOutput>;
  }>(join(dir, templateFile));
  const assetFolders: Record<string, string> = {};
  for (const dependency of artifact.dependencies ?? []) {
    const { type, properties } = artifacts[dependency] ?? {};
    if (type !== assetManifest || !properties?.file) continue;
    const { files = {} } = readJson<AssetManifest>(join(dir, properties.file));
    for (const [hash, { source }] of Object.entries(files)) {
      assetFolders[hash] = isAbsolute(source.path) ? source.path : join(dir, source.path);
    }
  }
  return {
    name: stackName,
    resources: template.Resources ?? {},
    outputs: template.Outputs ?? {},
    assetFolders,
  };
}

function orderByDependency(artifacts: Record<string, Artifact>): [string, Artifact][] {
  const ordered = new Map<string, Artifact>();
  const place = (id: string) => {
    const artifact = artifacts[id];
    if (!artifact || ordered.has(id)) return;
    for (const dependency of artifact.dependencies ?? []) place(dependency);
    ordered.set(id, artifact);
  };
  for (const id of Object.keys(artifacts)) place(id);
  return [...ordered];
}

function readJson<T>(file: string): T {
  if (!existsSync(file)) throw new Error(`${file} is missing: this is not a synthesized cloud assembly`);
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} is not readable JSON (${String(error)})`);
  }
}
