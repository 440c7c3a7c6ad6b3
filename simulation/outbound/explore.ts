// Searches schedules of the way back for a broken invariant, as ../explore.ts does for the way in: every single fault, pairs
// of faults, random scenarios, and those made for what chance does not meet.

import { spreadStep } from '../fault-pairs.ts';
import type { Fault } from '../faults.ts';
import { faultModes } from '../faults.ts';
import { directedOutbound } from './directed.ts';
import type { OutboundFigures } from './figures.ts';
import { addOutboundFigures, countOutboundRun, newOutboundFigures } from './figures.ts';
import { judgeOutbound } from './invariants.ts';
import type { OutboundScenario } from './scenario.ts';
import {
  makeCalmScenario,
  makeOutboundScenario,
  makeParkedScenario,
  makeSilentScenario,
} from './scenario.ts';
import type { OutboundMutant } from './seams.ts';
import { playOutbound } from './world.ts';

export interface OutboundFinding {
  scenario: OutboundScenario;
  violations: string[];
}

export interface OutboundSearch {
  runs: number;
  figures: OutboundFigures;
  finding: OutboundFinding | undefined;
}

export interface OutboundSearchOptions {
  mutant?: OutboundMutant;
  /** Every `of`th run from the `index`th on; all of them, when left out. */
  share?: { index: number; of: number };
}

/** How long a search goes on: at least so many runs, all shares together, and as many more as fit until then (epoch ms). */
export interface OutboundLimit {
  atLeast: number;
  until?: number;
}

/** Plays a scenario and says what was wrong; a run that does not come to rest, or throws, is wrong too. */
export async function examineOutbound(
  scenario: OutboundScenario,
  mutant?: OutboundMutant,
  figures: OutboundFigures = newOutboundFigures(),
): Promise<string[]> {
  try {
    const outcome = await playOutbound(scenario, { seams: mutant?.create() ?? {} });
    const violations = judgeOutbound(outcome);
    countOutboundRun(figures, outcome, violations);
    return violations;
  } catch (error) {
    return [`O5 ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Examines what `makeNth` makes until it makes nothing any more, or something is found. */
async function searchAll(
  makeNth: (nth: number) => OutboundScenario | undefined,
  { mutant, share = { index: 0, of: 1 } }: OutboundSearchOptions,
): Promise<OutboundSearch> {
  const figures = newOutboundFigures();
  let runs = 0;
  for (let nth = share.index; ; nth += share.of) {
    const scenario = makeNth(nth);
    if (!scenario) return { runs, figures, finding: undefined };
    runs += 1;
    const violations = await examineOutbound(scenario, mutant, figures);
    if (violations.length > 0) return { runs, figures, finding: { scenario, violations } };
  }
}

function isOver(nth: number, { atLeast, until = 0 }: OutboundLimit): boolean {
  return nth >= atLeast && Date.now() >= until;
}

/** Schedules made for what random ones meet too rarely. */
export function searchDirectedOutbound(options: OutboundSearchOptions = {}): Promise<OutboundSearch> {
  return searchAll((nth) => directedOutbound[nth], options);
}

type MakeSmall = (faults: readonly Fault[]) => OutboundScenario;

/** Small scenarios whose faults are enumerated: all goes well, no status ever comes, everything is parked. */
const smallScenarios: readonly MakeSmall[] = [makeCalmScenario, makeSilentScenario, makeParkedScenario];

async function listFaults(makeSmall: MakeSmall): Promise<Fault[]> {
  const { plan } = await playOutbound(makeSmall([]));
  return plan.calls.flatMap(({ operation, nth }) => faultModes.map((mode) => ({ operation, nth, mode })));
}

/** Every call of each small scenario with every mode. */
export async function searchOutboundSingles(options: OutboundSearchOptions = {}): Promise<OutboundSearch> {
  const scenarios: OutboundScenario[] = [];
  for (const makeSmall of smallScenarios)
    for (const fault of await listFaults(makeSmall)) scenarios.push(makeSmall([fault]));
  return searchAll((nth) => scenarios[nth], options);
}

/** Pairs of single faults from the `first` on, far from each other; `total`: how many there are. */
export async function searchOutboundPairs(
  options: OutboundSearchOptions & OutboundLimit & { first: number },
): Promise<OutboundSearch & { total: number }> {
  const known: { makeSmall: MakeSmall; faults: Fault[]; from: number }[] = [];
  let total = 0;
  for (const makeSmall of smallScenarios) {
    const faults = await listFaults(makeSmall);
    known.push({ makeSmall, faults, from: total });
    total += (faults.length * (faults.length - 1)) / 2;
  }
  const pairAt = (place: number): OutboundScenario | undefined => {
    const small = known.findLast(({ from }) => from <= place);
    if (!small) return undefined;
    const rest = place - small.from;
    // Pairs in rows: 1-0, 2-0, 2-1, 3-0 …
    const later = Math.floor((1 + Math.sqrt(1 + 8 * rest)) / 2);
    const earlier = rest - (later * (later - 1)) / 2;
    return small.makeSmall(
      [small.faults[earlier], small.faults[later]].filter((fault) => fault !== undefined),
    );
  };
  const step = spreadStep(total);
  const search = await searchAll((nth) => {
    if (nth >= total || isOver(nth, options)) return undefined;
    return pairAt(Number((BigInt(options.first) + BigInt(nth) * BigInt(step)) % BigInt(total)));
  }, options);
  return { ...search, total };
}

/** Random scenarios from `firstSeed` on. */
export function searchOutboundSeeds(
  options: OutboundSearchOptions & OutboundLimit & { firstSeed: number },
): Promise<OutboundSearch> {
  return searchAll(
    (nth) => (isOver(nth, options) ? undefined : makeOutboundScenario(options.firstSeed + nth)),
    options,
  );
}

/** Looks for any run that notices the mutant: directed schedules, single faults, then random seeds. */
export async function huntOutbound(mutant: OutboundMutant, seeds: number): Promise<OutboundSearch> {
  const figures = newOutboundFigures();
  let runs = 0;
  for (const search of [
    () => searchDirectedOutbound({ mutant }),
    () => searchOutboundSingles({ mutant }),
    () => searchOutboundSeeds({ firstSeed: 1, atLeast: seeds, mutant }),
  ]) {
    const found = await search();
    runs += found.runs;
    addOutboundFigures(figures, found.figures);
    if (found.finding) return { runs, figures, finding: found.finding };
  }
  return { runs, figures, finding: undefined };
}
