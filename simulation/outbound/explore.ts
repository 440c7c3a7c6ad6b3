// Searches schedules of the way back for a broken invariant, as explore.ts does for the way in.
import type { Fault } from '../faults.ts';
import { faultModes } from '../faults.ts';
import { Random } from '../random.ts';
import { directedOutbound } from './directed.ts';
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
  finding: OutboundFinding | undefined;
}

/** Plays a scenario and says what was wrong; a run that does not come to rest, or throws, is wrong too. */
export async function examineOutbound(
  scenario: OutboundScenario,
  mutant?: OutboundMutant,
): Promise<string[]> {
  try {
    return judgeOutbound(await playOutbound(scenario, { seams: mutant?.create() ?? {} }));
  } catch (error) {
    return [`O5 ${error instanceof Error ? error.message : String(error)}`];
  }
}

async function searchAll(
  scenarios: Iterable<OutboundScenario>,
  mutant?: OutboundMutant,
): Promise<OutboundSearch> {
  let runs = 0;
  for (const scenario of scenarios) {
    runs += 1;
    const violations = await examineOutbound(scenario, mutant);
    if (violations.length > 0) return { runs, finding: { scenario, violations } };
  }
  return { runs, finding: undefined };
}

/** Schedules made for what random ones meet too rarely. */
export function searchDirectedOutbound(mutant?: OutboundMutant): Promise<OutboundSearch> {
  return searchAll(directedOutbound, mutant);
}

/** Small scenarios whose faults are enumerated. */
const smallScenarios = [makeCalmScenario, makeSilentScenario, makeParkedScenario] as const;

async function listFaults(makeSmall: (faults: readonly Fault[]) => OutboundScenario): Promise<Fault[]> {
  const { plan } = await playOutbound(makeSmall([]));
  return plan.calls.flatMap(({ operation, nth }) => faultModes.map((mode) => ({ operation, nth, mode })));
}

/** Every call of each small scenario with every mode. */
export async function searchOutboundFaults(mutant?: OutboundMutant): Promise<OutboundSearch> {
  let runs = 0;
  for (const makeSmall of smallScenarios) {
    const faults = await listFaults(makeSmall);
    const found = await searchAll(
      faults.map((fault) => makeSmall([fault])),
      mutant,
    );
    runs += found.runs;
    if (found.finding) return { runs, finding: found.finding };
  }
  return { runs, finding: undefined };
}

/** Pairs of faults, drawn by chance for as long as there is time: there are too many to play all of them each time. */
export async function searchOutboundPairs(options: {
  firstSeed: number;
  seconds: number;
}): Promise<OutboundSearch> {
  const until = performance.now() + options.seconds * 1000;
  const random = new Random(options.firstSeed);
  const known = await Promise.all(
    smallScenarios.map(async (make) => ({ make, faults: await listFaults(make) })),
  );
  function* draw(): Generator<OutboundScenario> {
    for (let index = 0; performance.now() < until; index += 1) {
      const small = known[index % known.length];
      if (!small) return;
      const pick = () => small.faults[random.between(0, small.faults.length - 1)];
      yield small.make([pick(), pick()].filter((fault) => fault !== undefined));
    }
  }
  return searchAll(draw());
}

/** Random scenarios from `firstSeed` on: at least `seeds` of them, and then as many as fit into `seconds`. */
export function searchOutboundSeeds(options: {
  firstSeed: number;
  seeds: number;
  seconds?: number;
  mutant?: OutboundMutant;
  onProgress?: (runs: number) => void;
}): Promise<OutboundSearch> {
  const until = performance.now() + (options.seconds ?? 0) * 1000;
  function* draw(): Generator<OutboundScenario> {
    for (let runs = 0; runs < options.seeds || performance.now() < until; runs += 1) {
      if (runs > 0 && runs % 1000 === 0) options.onProgress?.(runs);
      yield makeOutboundScenario(options.firstSeed + runs);
    }
  }
  return searchAll(draw(), options.mutant);
}

/** Looks for any run that notices the mutant: directed schedules, single faults, then random seeds. */
export async function huntOutbound(mutant: OutboundMutant, seeds: number): Promise<OutboundSearch> {
  let runs = 0;
  for (const search of [
    () => searchDirectedOutbound(mutant),
    () => searchOutboundFaults(mutant),
    () => searchOutboundSeeds({ firstSeed: 1, seeds, mutant }),
  ]) {
    const found = await search();
    runs += found.runs;
    if (found.finding) return { runs, finding: found.finding };
  }
  return { runs, finding: undefined };
}

/** Takes out of the scenario whatever is not needed for the violation to show. */
export async function shrinkOutbound(
  { scenario, violations }: OutboundFinding,
  mutant?: OutboundMutant,
): Promise<OutboundFinding> {
  let best: OutboundFinding = { scenario, violations };
  for (let smaller = true; smaller; ) {
    smaller = false;
    for (const candidate of listSmaller(best.scenario)) {
      const found = await examineOutbound(candidate, mutant);
      if (found.length === 0) continue;
      best = { scenario: candidate, violations: found };
      smaller = true;
      break;
    }
  }
  return best;
}

const lists = ['faults', 'troubles', 'deskTroubles', 'breakdowns', 'repeats', 'replies'] as const;

function listSmaller(scenario: OutboundScenario): OutboundScenario[] {
  return lists.flatMap((name) =>
    (scenario[name] ?? []).map((_item, index) => ({
      ...scenario,
      [name]: (scenario[name] ?? []).filter((_other, place) => place !== index),
    })),
  );
}

/** The run of a finding, step by step. */
export async function describeOutboundFinding(
  { scenario, violations }: OutboundFinding,
  mutant?: OutboundMutant,
): Promise<string> {
  const trace: string[] = [];
  try {
    await playOutbound(scenario, { seams: mutant?.create() ?? {}, trace });
  } catch (error) {
    trace.push(`the run ended with ${String(error)}`);
  }
  const found = violations.map((violation) => `  ${violation}`);
  return [`seed ${scenario.seed}`, ...found, JSON.stringify(scenario, null, 1), ...trace].join('\n');
}
