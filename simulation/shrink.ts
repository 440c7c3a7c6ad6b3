// Reduces a finding to the shortest schedule that still shows it, and tells it.
import type { Finding } from './explore.ts';
import { examine } from './explore.ts';
import type { Scenario } from './scenario.ts';
import type { Mutant } from './seams.ts';
import { play } from './world.ts';

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
