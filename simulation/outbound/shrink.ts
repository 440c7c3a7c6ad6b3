// Reduces a finding to the shortest schedule that still shows it, and tells it.
import type { OutboundFinding } from './explore.ts';
import { examineOutbound } from './explore.ts';
import type { OutboundScenario } from './scenario.ts';
import type { OutboundMutant } from './seams.ts';
import { playOutbound } from './world.ts';

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
