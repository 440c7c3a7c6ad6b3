// Finds fences whose run should have tried again and did not: it was never started, or died. Each gets a new run under
// the next number, since a name that was used once is refused; the old one stops by itself, should it still come.

import type { ClosedFence } from '../core/model/fence.ts';
import { directions } from '../core/model/fence.ts';
import type { RedeliverySchedule } from '../core/policy/redelivery.ts';
import { overdueGraceMs } from '../core/policy/redelivery.ts';
import type { Clock, Telemetry } from '../core/ports.ts';
import type { Fences, RedeliveryRuns } from '../core/redelivery-ports.ts';

export interface SweepFencesPorts {
  clock: Clock;
  telemetry: Telemetry;
  fences: Pick<Fences, 'listOverdue' | 'restart'>;
  runs: RedeliveryRuns;
  redelivery: RedeliverySchedule;
}

/** Fences looked at in one sweep and direction, the oldest first; the next sweep finds the others. */
const mostFences = 500;

/** @throws BridgeError `store-unavailable` of the first fence that could not be started anew, after all were tried. */
export async function sweepFences(ports: SweepFencesPorts): Promise<void> {
  const { fences, clock, telemetry, redelivery } = ports;
  const before = clock.now() - overdueGraceMs(redelivery);
  const found = await Promise.all(
    directions.map((direction) => fences.listOverdue(direction, before, mostFences)),
  );
  const overdue = found.flat();
  telemetry.count('FencesOpenOverdue', overdue.length);
  let failure: unknown;
  let failed = 0;
  for (const closed of overdue) {
    try {
      await startAnew(closed, ports);
    } catch (error) {
      failed += 1;
      failure ??= error;
    }
  }
  telemetry.event('fences.swept', { overdue: overdue.length, failed });
  if (failed > 0) throw failure;
}

/** Somebody else may have been faster, or the fence has opened: then there is nothing to start. */
async function startAnew(
  { fence, ...place }: ClosedFence,
  { fences, runs, clock }: SweepFencesPorts,
): Promise<void> {
  const restarted = await fences.restart(place, fence, clock.now());
  if (restarted) await runs.start({ ...place, run: restarted.run, delaySeconds: 0 });
}
