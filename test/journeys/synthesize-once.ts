// Jest's global set-up of the journeys: one synthesis for all of them.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';

/** Cloud assembly of the journeys' tenant, relative to the project. */
export const assemblyFolder = 'build/journeys/assembly';

export default function synthesizeOnce(): void {
  rmSync('build/journeys', { recursive: true, force: true });
  execFileSync(
    resolve('node_modules/.bin/node'),
    [
      'node_modules/aws-cdk/bin/cdk',
      'synth',
      '--quiet',
      ...['-o', assemblyFolder, '-c', 'tenantFile=test/journeys/journeys-tenant.json', '-c', 'stage=local'],
    ],
    // What it says is shown only when it fails.
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
}
