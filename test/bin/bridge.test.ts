import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createTemporaryProject, emptyHandlers } from '../lib/temporary-project.ts';

const root = createTemporaryProject(emptyHandlers());
const outdir = join(root, 'cdk.out');
afterAll(() => rmSync(root, { recursive: true }));

/** Runs the app as the CDK command line does, with nothing of AWS in its environment. */
function runApp(context: Record<string, string>): { status: number | null; errors: string } {
  const env = { PATH: process.env.PATH, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) };
  const { status, stderr } = spawnSync(process.execPath, ['bin/bridge.ts'], {
    cwd: root,
    encoding: 'utf8',
    env,
  });
  return { status, errors: stderr };
}

describe('the app', () => {
  it('writes the templates of a tenant and stage', () => {
    const { status } = runApp({ tenant: 'example', stage: 'local' });

    expect(status).toBe(0);
    for (const stack of ['example-local-state', 'example-local-bridge']) {
      expect(existsSync(join(outdir, `${stack}.template.json`))).toBe(true);
    }
  });

  it('ends with one line and status 1 when the stage is not declared', () => {
    const run = runApp({ tenant: 'example', stage: 'prd' });

    expect(run.status).toBe(1);
    expect(run.errors).toMatch(/^tenants\/example\.json: stages: stage 'prd' is not declared; [^\n]*\n$/);
  });
});
