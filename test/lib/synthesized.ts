import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { parseTenantFile, resolveStage } from '../../lib/config/tenant-file.ts';
import { BridgeStack } from '../../lib/stacks/bridge-stack.ts';
import { StateStack } from '../../lib/stacks/state-stack.ts';

const env = { account: '123456789012', region: 'eu-west-2' };

const tenantText = JSON.stringify({
  tenant: 'acme',
  genesys: { region: 'euw2.pure.cloud' },
  numbers: [
    { channel: 'meta', phoneNumberId: '111111', integrationId: '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10' },
    { channel: 'meta', phoneNumberId: '222222', integrationId: '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b11' },
  ],
  retention: { rawDays: 60, mediaDays: 30, logDays: 14 },
  limits: { requestsPerSecond: 50, burst: 75, workerConcurrency: 7 },
  stages: {
    prod: {},
    dev: { retention: { logDays: 3 } },
    events: { genesys: { eventSource: 'aws.partner/genesys.com/cloud/org/bridge' } },
  },
});

/** The two templates of a stage, with empty functions in place of built ones. */
export interface Synthesized {
  state: Template;
  bridge: Template;
  stateStack: StateStack;
}

const handlerNames = readdirSync(resolve(__dirname, '../../lambdas/handlers')).map((file) =>
  basename(file, '.ts'),
);

/** Synthesizes with the feature flags of the project. */
export function synthesize(stage: string, functionNames = handlerNames): Synthesized {
  const build = mkdtempSync(join(tmpdir(), 'bridge-build-'));
  const functions = Object.fromEntries(functionNames.map((name) => [name, makeFolder(join(build, name))]));
  const bundles = { functions, layer: makeFolder(join(build, 'layer')) };
  const { context } = JSON.parse(readFileSync(resolve(__dirname, '../../cdk.json'), 'utf8'));

  try {
    const app = new App({ context, outdir: join(build, 'cdk.out') });
    const config = resolveStage(parseTenantFile(tenantText, 'acme.json'), stage);
    const stateStack = new StateStack(app, config, env);
    const bridgeStack = new BridgeStack(app, { config, state: stateStack, bundles, env });
    return {
      state: Template.fromStack(stateStack),
      bridge: Template.fromStack(bridgeStack),
      stateStack,
    };
  } finally {
    rmSync(build, { recursive: true });
  }
}

/** Properties of all resources of a type. */
export function listProperties(template: Template, type: string): Record<string, unknown>[] {
  return Object.values(template.findResources(type)).map(({ Properties }) => Properties);
}

/** Reads a value below nested keys; undefined where the path ends early. */
export function readPath(value: unknown, ...path: string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

/** Replaces references by readable text, so that policies can be compared as strings. */
export function flatten(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[name, argument] = ['', '']] = Object.entries(value as Record<string, unknown>);
  if (name === 'Fn::Join' && Array.isArray(argument)) return argument[1].map(flatten).join(argument[0]);
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) return `<${argument.join('.')}>`;
  return `<${String(argument)}>`;
}

function makeFolder(path: string): string {
  mkdirSync(path);
  writeFileSync(join(path, 'index.js'), 'exports.handler = async () => ({});');
  return path;
}
