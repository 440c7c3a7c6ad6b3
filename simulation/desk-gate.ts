// The tenant's circuit of the simulation: some outages open it a while after they began, until they are over.
import type { DeskGate } from '../lambdas/core/ports.ts';
import type { Scenario } from './scenario.ts';
import { startAt } from './settings.ts';
import type { VirtualTime } from './virtual-time.ts';

/** How long an outage lasts before the circuit opens. */
const openAfterMs = 10_000;
/** How long those who are sent away stay away. */
const longestAwayMs = 30_000;
/** And those who are sent away for the sake of the pace. */
const paceMs = 20_000;

export function createGate({ outages, paced }: Scenario, time: VirtualTime): DeskGate {
  const closedForMs = (): number => {
    const elapsed = time.now() - startAt;
    const cause = outages.find(
      ({ circuit, fromMs, untilMs }) => circuit && elapsed >= fromMs + openAfterMs && elapsed < untilMs,
    );
    return cause ? Math.min(cause.untilMs - elapsed, longestAwayMs) : 0;
  };
  return {
    async enter() {
      const elapsed = time.now() - startAt;
      if (paced && elapsed >= paced.fromMs && elapsed < paced.untilMs)
        return { open: false, delayMs: paceMs, reason: 'pace' };
      const delayMs = closedForMs();
      return delayMs === 0 ? { open: true } : { open: false, delayMs, reason: 'circuit' };
    },
    leave: () => undefined,
  };
}
