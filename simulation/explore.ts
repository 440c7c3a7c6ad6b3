// Searches schedules for a broken invariant: every single fault, every pair of faults, random scenarios; and reduces
// what it finds to the shortest schedule that still shows it.

import { directedScenarios } from './directed.ts';
import type { Fault } from './faults.ts';
import { faultModes } from './faults.ts';
import { judge } from './invariants.ts';
import type { Scenario } from './scenario.ts';
import { makeParkingScenario, makeScenario, makeSmallScenario } from './scenario.ts';
import type { Mutant } from './seams.ts';
import { play } from './world.ts';

export interface Finding {
  scenario: Scenario;
  violations: string[];
}

/** Plays a scenario and says what was wrong; a run that does not come to rest, or throws, is wrong too. */
export async function examine(scenario: Scenario, mutant?: Mutant): Promise<string[]> {
  try {
    return judge(await play(scenario, { seams: mutant?.create() ?? {} }));
  } catch (error) {
    return [`I5 ${error instanceof Error ? error.message : String(error)}`];
  }
}

type MakeScenario = (faults: readonly Fault[], deskDedups: boolean) => Scenario;

/** Small scenarios whose faults are enumerated: one in which all goes well, one with parking and redelivery. */
const smallScenarios: readonly MakeScenario[] = [makeSmallScenario, makeParkingScenario];

/** Every call of a small scenario with every mode. */
export async function listSingleFaults(makeSmall: MakeScenario): Promise<Fault[]> {
  const { plan } = await play(makeSmall([], false));
  return plan.calls.flatMap(({ operation, nth }) => faultModes.map((mode) => ({ operation, nth, mode })));
}

export interface Search {
  runs: number;
  finding: Finding | undefined;
}

/** Each single fault, or each pair of them, of both small scenarios; with and without a desk that knows message ids. */
export async function searchFaults(options: { pairs: boolean; mutant?: Mutant }): Promise<Search> {
  let runs = 0;
  for (const makeSmall of smallScenarios) {
    const singles = await listSingleFaults(makeSmall);
    for (const faults of options.pairs ? pairsOf(singles) : singles.map((fault) => [fault])) {
      runs += 1;
      const scenario = makeSmall(faults, runs % 2 === 1);
      const violations = await examine(scenario, options.mutant);
      if (violations.length > 0) return { runs, finding: { scenario, violations } };
    }
  }
  return { runs, finding: undefined };
}

function* pairsOf(faults: readonly Fault[]): Generator<Fault[]> {
  for (const [index, first] of faults.entries()) {
    for (const second of faults.slice(index + 1)) {
      if (first.operation !== second.operation || first.nth !== second.nth) yield [first, second];
    }
  }
}

/** Schedules made for what random ones meet too rarely. */
export async function searchDirected(mutant?: Mutant): Promise<Search> {
  for (const [index, scenario] of directedScenarios.entries()) {
    const violations = await examine(scenario, mutant);
    if (violations.length > 0) return { runs: index + 1, finding: { scenario, violations } };
  }
  return { runs: directedScenarios.length, finding: undefined };
}

/** Random scenarios from `firstSeed` on: at least `seeds` of them, and then as many as fit into `seconds`. */
export async function searchSeeds(options: {
  firstSeed: number;
  seeds: number;
  seconds?: number;
  mutant?: Mutant;
  onProgress?: (runs: number) => void;
}): Promise<Search> {
  const until = performance.now() + (options.seconds ?? 0) * 1000;
  let runs = 0;
  for (let seed = options.firstSeed; runs < options.seeds || performance.now() < until; seed += 1) {
    runs += 1;
    if (runs % 1000 === 0) options.onProgress?.(runs);
    const scenario = makeScenario(seed);
    const violations = await examine(scenario, options.mutant);
    if (violations.length > 0) return { runs, finding: { scenario, violations } };
  }
  return { runs, finding: undefined };
}

/** Looks for any run that notices the mutant: directed schedules, single faults, then random seeds. */
export async function hunt(mutant: Mutant, seeds: number): Promise<Search> {
  let runs = 0;
  for (const search of [
    () => searchDirected(mutant),
    () => searchFaults({ pairs: false, mutant }),
    () => searchSeeds({ firstSeed: 1, seeds, mutant }),
  ]) {
    const found = await search();
    runs += found.runs;
    if (found.finding) return { runs, finding: found.finding };
  }
  return { runs, finding: undefined };
}

/** Takes out of the scenario whatever is not needed for the violation to show. */
export async function shrink({ scenario, violations }: Finding, mutant?: Mutant): Promise<Finding> {
  let best: Finding = { scenario, violations };
  for (let smaller = true; smaller; ) {
    smaller = false;
    for (const candidate of listSmaller(best.scenario)) {
      const found = await examine(candidate, mutant);
      if (found.length === 0) continue;
      best = { scenario: candidate, violations: found };
      smaller = true;
      break;
    }
  }
  return best;
}

function listSmaller(scenario: Scenario): Scenario[] {
  const without = <T>(list: readonly T[]): T[][] => list.map((_item, index) => list.toSpliced(index, 1));
  return [
    ...without(scenario.faults).map((faults) => ({ ...scenario, faults })),
    ...without(scenario.outages).map((outages) => ({ ...scenario, outages })),
    ...without(scenario.replays ?? []).map((replays) => ({ ...scenario, replays })),
    ...without(scenario.breakdowns ?? []).map((breakdowns) => ({ ...scenario, breakdowns })),
    ...without(scenario.poison).map((poison) => ({ ...scenario, poison })),
    ...without(scenario.refused).map((refused) => ({ ...scenario, refused })),
    ...without(scenario.postings).map((postings) => ({ ...scenario, postings })),
    ...scenario.postings.flatMap((posting, index) =>
      without(posting.messages)
        .filter((messages) => messages.length > 0)
        .map((messages) => ({
          ...scenario,
          postings: scenario.postings.with(index, { ...posting, messages }),
        })),
    ),
  ];
}

/** The run of a finding, step by step. */
export async function describeFinding({ scenario, violations }: Finding, mutant?: Mutant): Promise<string> {
  const lines = [
    `seed ${scenario.seed}`,
    ...violations.map((violation) => `  ${violation}`),
    JSON.stringify(scenario, null, 1),
  ];
  const trace: string[] = [];
  try {
    await play(scenario, { seams: mutant?.create() ?? {}, trace });
  } catch (error) {
    trace.push(`the run ended with ${String(error)}`);
  }
  return [...lines, ...trace].join('\n');
}
