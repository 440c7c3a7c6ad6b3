// Jest's global set-up of the template mutants: one synthesis for all of them.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { journeysFolder } from '../journeys/synthesize-once.ts';

/** The assembly as it is; copies of it are edited. */
export const plainAssembly = `${journeysFolder}/plain`;

export default function synthesize(): void {
  rmSync(journeysFolder, { recursive: true, force: true });
  const context = ['-c', 'tenantFile=test/mutation/mutation-tenant.json', '-c', 'stage=local'];
  execFileSync(
    resolve('node_modules/.bin/node'),
    ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '-o', plainAssembly, ...context],
    // What it says is shown only when it fails.
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
}
