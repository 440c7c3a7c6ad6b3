// Every fault at every call of the small scenarios, and every pair of them: each first fault with each fault at each
// call that comes after it in the run with the first, those it brought about among them.
import type { Fault } from './faults.ts';
import { faultModes } from './faults.ts';
import type { Scenario } from './scenario.ts';
import { makeParkingScenario, makeSmallScenario } from './scenario.ts';
import type { Mutant } from './seams.ts';
import { play } from './world.ts';

/** Small scenarios whose faults are enumerated: one in which all goes well, one with parking and redelivery. */
const smallScenarios = [makeSmallScenario, makeParkingScenario] as const;

/** Each single fault of both small scenarios, with a desk that knows message ids and one that does not. */
export async function listSingleFaults(): Promise<Scenario[]> {
  const scenarios: Scenario[] = [];
  for (const makeSmall of smallScenarios) {
    const { plan } = await play(makeSmall([]));
    for (const { operation, nth } of plan.calls)
      for (const mode of faultModes)
        for (const deskDedups of [false, true])
          scenarios.push(makeSmall([{ operation, nth, mode }], deskDedups));
  }
  return scenarios;
}

interface FirstFault {
  scenario: Scenario;
  later: readonly { operation: string; nth: number }[];
  /** Place of its first pair among all pairs. */
  from: number;
}

export interface FaultPairs {
  length: number;
  /** The pair of this place, from 0. */
  at(place: number): Scenario;
}

/** All pairs of both small scenarios; finding out which there are takes a run for each single fault. */
export async function listFaultPairs(mutant?: Mutant): Promise<FaultPairs> {
  const firsts: FirstFault[] = [];
  let length = 0;
  for (const scenario of await listSingleFaults()) {
    const later = await listLaterCalls(scenario, mutant);
    firsts.push({ scenario, later, from: length });
    length += later.length * faultModes.length;
  }
  return {
    length,
    at(place) {
      const first = findFirst(firsts, place);
      const rest = place - first.from;
      const call = first.later[Math.floor(rest / faultModes.length)];
      const mode = faultModes[rest % faultModes.length];
      if (!call || !mode) throw new RangeError(`there is no pair ${place}`);
      const { operation, nth } = call;
      const second: Fault = { operation, nth, mode };
      return { ...first.scenario, faults: [...first.scenario.faults, second] };
    },
  };
}

async function listLaterCalls(scenario: Scenario, mutant?: Mutant): Promise<FirstFault['later']> {
  const [first] = scenario.faults;
  const { plan } = await play(scenario, { seams: mutant?.create() ?? {} });
  const place = plan.calls.findIndex(
    ({ operation, nth }) => operation === first?.operation && nth === first.nth,
  );
  return plan.calls.slice(place + 1);
}

function findFirst(firsts: readonly FirstFault[], place: number): FirstFault {
  let [low, high] = [0, firsts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((firsts[middle]?.from ?? 0) <= place) low = middle;
    else high = middle - 1;
  }
  const found = firsts[low];
  if (!found) throw new RangeError('there are no faults');
  return found;
}

/** A step through `length` places that meets each once before it meets one again, and is far from the last one. */
export function spreadStep(length: number): number {
  let step = Math.max(1, Math.floor(length * 0.618));
  while (greatestDivisor(step, length) !== 1) step -= 1;
  return step;
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
