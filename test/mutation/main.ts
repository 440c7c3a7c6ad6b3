// `npm run test:mutation`: breaks the template at one property after the other; journeys have to notice.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const usage = `Breaks the synthesized template at one property at a time; a journey has to notice each by behaviour.

  npm run test:mutation             the quick ones, in about two minutes
  npm run test:mutation -- --all    all of them
  npm run test:mutation -- WORDS    those whose name or scenario has these words`;

const [first = 'quick', ...more] = process.argv.slice(2);
if (first === '--help' || more.length > 0 || (first.startsWith('-') && first !== '--all')) {
  console.log(usage);
  process.exitCode = first === '--help' ? 0 : 2;
} else {
  const { status } = spawnSync(
    process.execPath,
    [resolve('node_modules/jest/bin/jest.js'), '--selectProjects', 'mutation', '--runInBand'],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        TEMPLATE_MUTANTS: first === '--all' ? 'all' : first,
        JOURNEYS_FOLDER: process.env.JOURNEYS_FOLDER ?? 'build/mutation',
      },
    },
  );
  process.exitCode = status ?? 1;
}
