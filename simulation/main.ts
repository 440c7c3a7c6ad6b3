// npm run simulate -- [--seeds N] [--seconds S] [--pairs all] [--seed X] [--mutant NAME] [--mutants]
import { parseArgs } from 'node:util';
import { examine, searchDirected } from './explore.ts';
import { faultModes } from './faults.ts';
import { addFigures, describeFigures, newFigures } from './figures.ts';
import { findMutant, mutants } from './mutants.ts';
import { findOutboundMutant, outboundMutants } from './outbound/mutants.ts';
import { judgeOutboundMutants, playOneBack, searchWayBack } from './outbound/search.ts';
import { makeScenario } from './scenario.ts';
import type { Mutant } from './seams.ts';
import { describeFinding, shrink } from './shrink.ts';
import type { ThreadResult, ThreadWork } from './threads.ts';
import { huntInThreads, searchInThreads, threadCount } from './threads.ts';

const usage = `Plays the delivery flow through made-up schedules of crashes, lost answers and outages.

  --seeds N      random scenarios, at least (default 20000; of the way back a tenth)
  --seconds S    and as many more as fit until then, all the rest included
  --pairs all    every pair of faults, a matter of minutes (default: as many as fit into a quarter of the seconds)
  --only-seeds   nothing but random scenarios
  --way in|out   customer → agent, or the way back, alone (default: both, the way back for a third of the seconds)
  --seed X       play one scenario and print its trace
  --mutant NAME  with one rule of the protocol taken out
  --mutants      every mutant, until each is noticed
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20000' },
    'only-seeds': { type: 'boolean', default: false },
    way: { type: 'string' },
    seconds: { type: 'string', default: '0' },
    pairs: { type: 'string' },
    seed: { type: 'string' },
    mutant: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

checkChoices();
if (values.help) console.log(usage);
else if (values.mutants) await judgeBoth();
else if (values.seed !== undefined) await playOneWay(Number(values.seed));
else await searchBoth();

async function judgeBoth(): Promise<void> {
  if (values.way !== 'out') await judgeMutants();
  if (values.way !== 'in' && !(await judgeOutboundMutants(Number(values.seeds)))) process.exitCode = 1;
}

async function playOneWay(seed: number): Promise<void> {
  if (!isOfWayBack()) return playOne(seed);
  if (!(await playOneBack(seed, values.mutant))) process.exitCode = 1;
}

async function searchBoth(): Promise<void> {
  const startedAt = Date.now();
  const seconds = Number(values.seconds);
  const { way, mutant } = values;
  const isBoth = way === undefined && mutant === undefined;
  if (!isOfWayBack()) await search(isBoth ? (seconds * 2) / 3 : seconds);
  if ((!isBoth && !isOfWayBack()) || process.exitCode) return;
  const order = {
    firstSeed: Number(process.env.SIMULATION_SEED ?? startedAt % 1_000_000_000),
    seeds: Math.ceil(Number(values.seeds) / 10),
    until: startedAt + seconds * 1000,
    onlySeeds: values['only-seeds'],
  };
  if (!(await searchWayBack(mutant === undefined ? order : { ...order, mutant }))) process.exitCode = 1;
}

/** Whether it is asked for the way back alone; a mutant is of one way. */
function isOfWayBack(): boolean {
  return (
    values.way === 'out' || (values.mutant !== undefined && findOutboundMutant(values.mutant) !== undefined)
  );
}

function checkChoices(): void {
  const { way, mutant } = values;
  if (way !== undefined && way !== 'in' && way !== 'out') refuse(`--way is in or out, not ${way}`);
  if (mutant === undefined) return;
  const known = [...(way === 'out' ? [] : mutants), ...(way === 'in' ? [] : outboundMutants)];
  if (known.some(({ name }) => name === mutant)) return;
  refuse(`no mutant is named ${mutant}; there are ${known.map(({ name }) => name).join(', ')}`);
}

function refuse(reason: string): never {
  console.error(reason);
  process.exit(2);
}

function readMutant(): Mutant | undefined {
  return values.mutant === undefined ? undefined : findMutant(values.mutant);
}

async function playOne(seed: number): Promise<void> {
  const mutant = readMutant();
  const scenario = makeScenario(seed);
  const violations = await examine(scenario, mutant);
  const finding = { scenario, violations };
  console.log(await describeFinding(violations.length > 0 ? await shrink(finding, mutant) : finding, mutant));
  process.exitCode = violations.length > 0 ? 1 : 0;
}

async function search(seconds: number): Promise<void> {
  const mutant = readMutant();
  const startedAt = Date.now();
  const figures = newFigures();
  const spentSeconds = () => ((Date.now() - startedAt) / 1000).toFixed(1);
  const show = (runs: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${runs} runs`);
  };
  const searchAll = (work: ThreadWork) => searchInThreads(work, mutant?.name, show);
  const step = async (describe: (result: ThreadResult) => string, result: ThreadResult): Promise<boolean> => {
    const { finding } = result;
    addFigures(figures, result.figures);
    console.log(
      `${describe(result)}: ${finding ? 'VIOLATED' : '0 violations'}, ${spentSeconds()} s since the start`,
    );
    if (!finding) return true;
    console.log(await describeFinding(await shrink(finding, mutant), mutant));
    process.exitCode = 1;
    return false;
  };

  const endAt = startedAt + seconds * 1000;
  const firstSeed = Number(process.env.SIMULATION_SEED ?? startedAt % 1_000_000_000);
  console.log(`${threadCount} threads, seed ${firstSeed}`);
  const steps: (() => Promise<boolean>)[] = [
    async () =>
      step(({ runs }) => `directed schedules: ${runs} runs`, await searchDirected(mutant ? { mutant } : {})),
    async () =>
      step(
        ({ runs }) =>
          `single faults: ${runs} runs, ${runs / 2 / faultModes.length} calls × ${faultModes.length} modes × 2 desks`,
        await searchAll({ search: 'singles' }),
      ),
    async () => {
      const limit =
        values.pairs === 'all'
          ? { atLeast: Number.MAX_SAFE_INTEGER }
          : { atLeast: 1000, until: startedAt + (endAt - startedAt) / 4 };
      return step(
        ({ runs, total }) => `pairs of faults: ${runs} of ${total} runs`,
        await searchAll({ search: 'pairs', first: firstSeed, ...limit }),
      );
    },
    async () =>
      step(
        ({ runs }) => `random scenarios: ${runs} seeds from ${firstSeed}`,
        await searchAll({ search: 'seeds', firstSeed, atLeast: Number(values.seeds), until: endAt }),
      ),
  ];
  for (const next of values['only-seeds'] ? steps.slice(-1) : steps) if (!(await next())) return;
  console.log(describeFigures(figures));
}

async function judgeMutants(): Promise<void> {
  let killed = 0;
  await huntInThreads(
    mutants.map(({ name }) => name),
    Number(values.seeds),
    (name, { runs, finding }) => {
      const equivalent = findMutant(name)?.equivalent;
      const missed = equivalent === undefined ? 'NOT NOTICED' : `equivalent: ${equivalent}`;
      const [violation = missed] = finding?.violations ?? [];
      console.log(`${name.padEnd(42)} ${String(runs).padStart(6)} runs  ${violation}`);
      if (finding) killed += 1;
      else if (equivalent === undefined) process.exitCode = 1;
    },
  );
  const equivalents = mutants.filter(({ equivalent }) => equivalent !== undefined).length;
  console.log(`${killed} of ${mutants.length} noticed, ${equivalents} equivalent`);
}
