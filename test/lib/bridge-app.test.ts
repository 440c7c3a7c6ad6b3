import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { createBridge, explainFailure } from '../../lib/bridge-app.ts';
import { createTemporaryProject, emptyHandlers } from './temporary-project.ts';

const handler = 'export const handler = async (): Promise<void> => {};';
const globex = JSON.stringify({
  tenant: 'globex',
  genesys: { region: 'mypurecloud.ie' },
  numbers: [
    { channel: 'meta', phoneNumberId: '111111', integrationId: '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10' },
  ],
  aws: { account: '210987654321', region: 'eu-central-1' },
  stages: { prod: {}, dev: {} },
});

const root = createTemporaryProject({ ...emptyHandlers(), 'other/globex-settings.json': globex });
const before = { ...process.env };

function signIn(account?: string, region?: string): void {
  for (const [name, value] of Object.entries({ CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region })) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/** Account and region of each stack. */
function createStacks(context: Record<string, string>, project = root): Record<string, string> {
  const app = new App({ context, outdir: join(project, 'cdk.out') });
  createBridge(app, project);
  const stacks = app.node.children.filter((child) => child instanceof Stack);
  return Object.fromEntries(
    stacks.map(({ stackName, account, region }) => [stackName, `${account} ${region}`]),
  );
}

function explain(action: () => unknown): string | undefined {
  try {
    action();
  } catch (error) {
    return explainFailure(error);
  }
  throw new Error('nothing was thrown');
}

afterEach(() => signIn(before.CDK_DEFAULT_ACCOUNT, before.CDK_DEFAULT_REGION));
afterAll(() => rmSync(root, { recursive: true }));

describe('the stacks of a tenant and stage', () => {
  it('can be made without knowing any account', () => {
    signIn();

    const stacks = createStacks({ tenant: 'example', stage: 'prod' });

    expect(stacks).toEqual({
      'example-prod-state': '000000000000 eu-west-1',
      'example-prod-bridge': '000000000000 eu-west-1',
    });
  });

  it('do not depend on who is signed in when local', () => {
    signIn('123456789012', 'eu-west-2');

    const stacks = createStacks({ tenant: 'example', stage: 'local' });

    expect(stacks['example-local-state']).toBe('000000000000 eu-west-1');
  });

  it('go to the account that is signed in', () => {
    signIn('123456789012', 'eu-west-2');

    const stacks = createStacks({ tenant: 'example', stage: 'prod' });

    expect(stacks['example-prod-bridge']).toBe('123456789012 eu-west-2');
  });

  it('go rather to the account of the tenant file, which may be anywhere', () => {
    signIn('123456789012', 'eu-west-2');

    const stacks = createStacks({ tenantFile: 'other/globex-settings.json', stage: 'prod' });

    expect(stacks).toEqual({
      'globex-prod-state': '210987654321 eu-central-1',
      'globex-prod-bridge': '210987654321 eu-central-1',
    });
  });
});

describe('a mistake is explained in one line', () => {
  const example = 'for example: cdk synth -c tenant=example -c stage=local';

  it.each([
    [
      'no tenant',
      { stage: 'local' },
      `choose a tenant with -c tenant=NAME or -c tenantFile=PATH, ${example}`,
    ],
    ['no stage', { tenant: 'example' }, `choose a stage with -c stage=NAME, ${example}`],
    ['an empty stage', { tenant: 'example', stage: '' }, `choose a stage with -c stage=NAME, ${example}`],
    [
      'a tenant that does not exist',
      { tenant: 'exmaple', stage: 'local' },
      "tenants/exmaple.json: there is no such file; tenants found there: example. Did you mean 'example'?",
    ],
  ])('%s', (_, context, message) => {
    expect(explain(() => createStacks(context as Record<string, string>))).toBe(message);
  });

  it('a handler that the stacks need and nobody wrote', () => {
    const incomplete = createTemporaryProject({ 'lambdas/handlers/meta-door.ts': handler });

    const message = explain(() => createStacks({ tenant: 'example', stage: 'local' }, incomplete));

    rmSync(incomplete, { recursive: true });
    expect(message).toBe('the stack needs lambdas/handlers/genesys-door.ts, which does not exist; add it');
  });

  it('but a fault of ours keeps its trace', () => {
    expect(explainFailure(new TypeError('x is not a function'))).toBeUndefined();
  });
});
