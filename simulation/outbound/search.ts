// The part of `npm run simulate` that searches the way back, and says what it found.
import { examineOutbound } from './explore.ts';
import { addOutboundFigures, describeOutboundFigures, newOutboundFigures } from './figures.ts';
import { findOutboundMutant, outboundMutants } from './mutants.ts';
import { makeOutboundScenario } from './scenario.ts';
import { describeOutboundFinding, shrinkOutbound } from './shrink.ts';
import type { OutboundResult, OutboundWork } from './threads.ts';
import { huntOutboundInThreads, searchOutboundInThreads } from './threads.ts';

export interface OutboundSearchOrder {
  firstSeed: number;
  /** Random scenarios, at least. */
  seeds: number;
  /** And as many more as fit until then, epoch ms. */
  until: number;
  onlySeeds: boolean;
  mutant?: string;
}

/** Prints a line for every step; answers false when an invariant was broken, which is told as well. */
export async function searchWayBack(order: OutboundSearchOrder): Promise<boolean> {
  const { firstSeed, seeds, until, onlySeeds, mutant } = order;
  const startedAt = Date.now();
  const figures = newOutboundFigures();
  const works: OutboundWork[] = [
    { search: 'directed' },
    { search: 'singles' },
    {
      search: 'pairs',
      first: firstSeed,
      atLeast: 500,
      until: startedAt + (until - startedAt) / 3,
    },
    { search: 'seeds', firstSeed, atLeast: seeds, until },
  ];
  for (const work of onlySeeds ? works.slice(-1) : works) {
    const result = await searchOutboundInThreads(work, mutant);
    addOutboundFigures(figures, result.figures);
    const verdict = result.finding ? 'VIOLATED' : '0 violations';
    const spentSeconds = ((Date.now() - startedAt) / 1000).toFixed(1);
    console.log(`way back, ${describeWork(work, result)}: ${verdict}, ${spentSeconds} s since its start`);
    if (!result.finding) continue;
    const known = mutant === undefined ? undefined : findOutboundMutant(mutant);
    console.log(await describeOutboundFinding(await shrinkOutbound(result.finding, known), known));
    return false;
  }
  console.log(describeOutboundFigures(figures));
  return true;
}

function describeWork(work: OutboundWork, { runs, total }: OutboundResult): string {
  switch (work.search) {
    case 'directed':
      return `directed schedules: ${runs} runs`;
    case 'singles':
      return `single faults: ${runs} runs`;
    case 'pairs':
      return `pairs of faults: ${runs} of ${total} runs`;
    case 'seeds':
      return `random scenarios: ${runs} seeds from ${work.firstSeed}`;
    case 'hunt':
      return `hunt: ${runs} runs`;
  }
}

/** Plays one scenario and prints it; answers whether it was right. */
export async function playOneBack(seed: number, mutantName?: string): Promise<boolean> {
  const mutant = mutantName === undefined ? undefined : findOutboundMutant(mutantName);
  const scenario = makeOutboundScenario(seed);
  const violations = await examineOutbound(scenario, mutant);
  const finding = { scenario, violations };
  const shown = violations.length > 0 ? await shrinkOutbound(finding, mutant) : finding;
  console.log(await describeOutboundFinding(shown, mutant));
  return violations.length === 0;
}

/** Hunts for every mutant; answers whether all were noticed. */
export async function judgeOutboundMutants(seeds: number): Promise<boolean> {
  let noticed = 0;
  await huntOutboundInThreads(
    outboundMutants.map(({ name }) => name),
    seeds,
    (name, { runs, finding }) => {
      if (finding) noticed += 1;
      const [violation = 'NOT NOTICED'] = finding?.violations ?? [];
      console.log(`${name.padEnd(42)} ${String(runs).padStart(6)} runs  ${violation}`);
    },
  );
  console.log(`way back: ${noticed} of ${outboundMutants.length} noticed`);
  return noticed === outboundMutants.length;
}
