// npm run simulate -- [--seeds N] [--seconds S] [--seed X] [--mutant NAME] [--mutants]
import { parseArgs } from 'node:util';
import type { Search } from './explore.ts';
import {
  describeFinding,
  examine,
  hunt,
  searchDirected,
  searchFaults,
  searchSeeds,
  shrink,
} from './explore.ts';
import { mutants } from './mutants.ts';
import { makeScenario } from './scenario.ts';
import type { Mutant } from './seams.ts';

const usage = `Plays the delivery flow through made-up schedules of crashes, lost answers and outages.

  --seeds N      random scenarios, at least (default 20000)
  --only-seeds   nothing but random scenarios
  --seconds S    and as many more as fit into this time
  --seed X       play one scenario and print its trace
  --mutant NAME  with one rule of the protocol taken out
  --mutants      every mutant, until each is noticed
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    seconds: { type: 'string' },
    'only-seeds': { type: 'boolean', default: false },
    seed: { type: 'string' },
    mutant: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) console.log(usage);
else if (values.mutants) await judgeMutants();
else if (values.seed !== undefined) await playOne(Number(values.seed));
else await search();

function findMutant(): Mutant | undefined {
  if (values.mutant === undefined) return undefined;
  const found = mutants.find(({ name }) => name === values.mutant);
  if (found) return found;
  console.error(
    `no mutant is named ${values.mutant}; there are ${mutants.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}

async function playOne(seed: number): Promise<void> {
  const mutant = findMutant();
  const scenario = makeScenario(seed);
  const violations = await examine(scenario, mutant);
  const finding = { scenario, violations };
  console.log(await describeFinding(violations.length > 0 ? await shrink(finding, mutant) : finding, mutant));
  process.exitCode = violations.length > 0 ? 1 : 0;
}

async function search(): Promise<void> {
  const mutant = findMutant();
  const startedAt = performance.now();
  const report = async (name: string, { runs, finding }: Search): Promise<boolean> => {
    console.log(
      `${name}: ${runs} runs, ${finding ? 'VIOLATED' : '0 violations'}, ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
    );
    if (!finding) return true;
    console.log(await describeFinding(await shrink(finding, mutant), mutant));
    process.exitCode = 1;
    return false;
  };
  const withMutant = mutant ? { mutant } : {};
  if (!values['only-seeds']) {
    if (!(await report('directed schedules', await searchDirected(mutant)))) return;
    if (!(await report('single faults', await searchFaults({ pairs: false, ...withMutant })))) return;
    if (!(await report('pairs of faults', await searchFaults({ pairs: true, ...withMutant })))) return;
  }
  const firstSeed = Number(process.env.SIMULATION_SEED ?? Date.now() % 1_000_000_000);
  const seeds = await searchSeeds({
    firstSeed,
    seeds: Number(values.seeds),
    ...(values.seconds === undefined ? {} : { seconds: Number(values.seconds) }),
    ...withMutant,
    onProgress: (runs) => process.stderr.write(`\r${runs} seeds`),
  });
  process.stderr.write('\r');
  await report(`random scenarios from seed ${firstSeed}`, seeds);
}

async function judgeMutants(): Promise<void> {
  let killed = 0;
  for (const mutant of mutants) {
    const { runs, finding } = await hunt(mutant, Number(values.seeds));
    const { name, equivalent } = mutant;
    const missed = equivalent === undefined ? 'NOT NOTICED' : `equivalent: ${equivalent}`;
    const [violation = missed] = finding?.violations ?? [];
    console.log(`${name.padEnd(42)} ${String(runs).padStart(6)} runs  ${violation}`);
    if (finding) killed += 1;
    else if (equivalent === undefined) process.exitCode = 1;
  }
  const equivalents = mutants.filter(({ equivalent }) => equivalent !== undefined).length;
  console.log(`${killed} of ${mutants.length} noticed, ${equivalents} equivalent`);
}
