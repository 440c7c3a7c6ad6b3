// A gate in virtual time with everything around it in memory, and visits that say when they were let in.
import type { PacedGateOptions } from '../../../../lambdas/adapters/pacing/paced-gate.ts';
import { PacedGate } from '../../../../lambdas/adapters/pacing/paced-gate.ts';
import type { FailureDetails, FailureKind } from '../../../../lambdas/core/errors.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import type { GateReport, GateVisit } from '../../../../lambdas/core/ports.ts';
import { MemoryAllowance } from '../../../fakes/memory-allowance.ts';
import { RecordingTelemetry } from '../../../fakes/outside-world.ts';
import { VirtualTime } from '../../../load/virtual-time.ts';

export class GateWorld {
  readonly time = new VirtualTime(1_000_000);
  readonly allowance = new MemoryAllowance();
  readonly telemetry = new RecordingTelemetry();

  openGate(over: Partial<PacedGateOptions> = {}): PacedGate {
    return new PacedGate({
      allowance: this.allowance,
      clock: this.time,
      sleeper: this.time,
      randomness: { nextId: () => 'id', next: () => 0 },
      telemetry: this.telemetry,
      requestsPerMinute: 300,
      backoff: { backoffBaseMs: 1000, backoffCapMs: 60_000 },
      probeMs: 12_000,
      nameAccount: (customerKey) => customerKey,
      ...over,
    });
  }

  aVisit(customerKey = 'ada', over: Partial<GateVisit> = {}): GateVisit {
    return { customerKey, numberId: '1', deadlineAt: this.time.now() + 100_000, ...over };
  }

  /** Lets virtual time pass until `wanted` is there. */
  async run<T>(wanted: Promise<T>): Promise<T> {
    let isOver = false;
    const end = () => {
      isOver = true;
    };
    wanted.then(end, end);
    await this.time.run(() => isOver);
    return wanted;
  }

  /** One visit from its entry to its report; answers when it was let in, ms after the start, or its delay. */
  async visit(
    gate: PacedGate,
    visit: GateVisit = this.aVisit(),
    report: GateReport = 'delivered',
  ): Promise<{ at: number } | { delayMs: number }> {
    const answer = await gate.enter(visit);
    if (!answer.open) return { delayMs: answer.delayMs };
    const at = this.time.now() - this.time.startedAt;
    await gate.leave(report, visit);
    return { at };
  }
}

export function failing(kind: FailureKind, details: FailureDetails = {}): GateReport {
  return { failure: new BridgeError(kind, kind, details) };
}
