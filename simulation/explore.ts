// Searches schedules for a broken invariant: every single fault, pairs of faults, random scenarios, and those made for
// what chance does not meet. A search may be one share of several that are made side by side.
import { directedScenarios } from './directed.ts';
import { listFaultPairs, listSingleFaults, spreadStep } from './fault-pairs.ts';
import type { Figures } from './figures.ts';
import { addFigures, countRun, newFigures } from './figures.ts';
import { judge } from './invariants.ts';
import type { Scenario } from './scenario.ts';
import { makeScenario } from './scenario.ts';
import type { Mutant } from './seams.ts';
import { play } from './world.ts';

export interface Finding {
  scenario: Scenario;
  violations: string[];
}

export interface Search {
  runs: number;
  figures: Figures;
  finding: Finding | undefined;
}

export interface SearchOptions {
  mutant?: Mutant;
  /** Every `of`th run from the `index`th on; all of them, when left out. */
  share?: { index: number; of: number };
  onProgress?: (runs: number) => void;
}

/** How long a search goes on: at least so many runs, all shares together, and as many more as fit until then (epoch ms). */
export interface SearchLimit {
  atLeast: number;
  until?: number;
}

/** Plays a scenario and says what was wrong; a run that does not come to rest, or throws, is wrong too. */
export async function examine(
  scenario: Scenario,
  mutant?: Mutant,
  figures: Figures = newFigures(),
): Promise<string[]> {
  try {
    const outcome = await play(scenario, { seams: mutant?.create() ?? {} });
    const violations = judge(outcome);
    countRun(figures, outcome, violations);
    return violations;
  } catch (error) {
    return [`I5 ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Examines what `makeNth` makes until it makes nothing any more, or something is found. */
async function searchAll(
  makeNth: (nth: number) => Scenario | undefined,
  { mutant, share = { index: 0, of: 1 }, onProgress }: SearchOptions,
): Promise<Search> {
  const figures = newFigures();
  let runs = 0;
  for (let nth = share.index; ; nth += share.of) {
    const scenario = makeNth(nth);
    if (!scenario) return { runs, figures, finding: undefined };
    runs += 1;
    if (runs % progressEvery === 0) onProgress?.(runs);
    const violations = await examine(scenario, mutant, figures);
    if (violations.length > 0) return { runs, figures, finding: { scenario, violations } };
  }
}

const progressEvery = 200;

function isOver(nth: number, { atLeast, until = 0 }: SearchLimit): boolean {
  return nth >= atLeast && Date.now() >= until;
}

/** Schedules made for what random ones meet too rarely. */
export function searchDirected(options: SearchOptions = {}): Promise<Search> {
  return searchAll((nth) => directedScenarios[nth], options);
}

/** Each single fault of the small scenarios. */
export async function searchSingles(options: SearchOptions = {}): Promise<Search> {
  const scenarios = await listSingleFaults();
  return searchAll((nth) => scenarios[nth], options);
}

/** Pairs of faults from the `first` on, far from each other; all of them in the end. `total`: how many there are. */
export async function searchPairs(
  options: SearchOptions & SearchLimit & { first: number },
): Promise<Search & { total: number }> {
  const pairs = await listFaultPairs(options.mutant);
  const step = spreadStep(pairs.length);
  const search = await searchAll((nth) => {
    if (nth >= pairs.length || isOver(nth, options)) return undefined;
    return pairs.at(Number((BigInt(options.first) + BigInt(nth) * BigInt(step)) % BigInt(pairs.length)));
  }, options);
  return { ...search, total: pairs.length };
}

/** Random scenarios from `firstSeed` on. */
export function searchSeeds(options: SearchOptions & SearchLimit & { firstSeed: number }): Promise<Search> {
  return searchAll(
    (nth) => (isOver(nth, options) ? undefined : makeScenario(options.firstSeed + nth)),
    options,
  );
}

/** Looks for any run that notices the mutant: directed schedules, single faults, then random seeds. */
export async function hunt(mutant: Mutant, seeds: number): Promise<Search> {
  const figures = newFigures();
  let runs = 0;
  for (const search of [
    () => searchDirected({ mutant }),
    () => searchSingles({ mutant }),
    () => searchSeeds({ firstSeed: 1, atLeast: seeds, mutant }),
  ]) {
    const found = await search();
    runs += found.runs;
    addFigures(figures, found.figures);
    if (found.finding) return { runs, figures, finding: found.finding };
  }
  return { runs, figures, finding: undefined };
}
