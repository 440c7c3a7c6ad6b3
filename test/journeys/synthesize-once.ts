// Jest's global set-up of the journeys: one synthesis for all of them.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';

/** Everything journeys write, relative to the project; one of your own lets two sets of journeys run at a time. */
export const journeysFolder = process.env.JOURNEYS_FOLDER ?? 'build/journeys';

/** Cloud assembly of the journeys' tenant. */
export const assemblyFolder = `${journeysFolder}/assembly`;

export default function synthesizeOnce(): void {
  rmSync(journeysFolder, { recursive: true, force: true });
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
