// The stores behind the fences, in memory, and runs of redelivery that are only written down.
import type { RedeliveryRuns, RunOrder } from '../../lambdas/core/redelivery-ports.ts';
import type { MemoryCustomers } from '../../simulation/stores/memory-customers.ts';
import { MemoryFences, MemoryPark } from '../../simulation/stores/memory-park.ts';

export class RecordingRuns implements RedeliveryRuns {
  readonly started: RunOrder[] = [];

  async start(order: RunOrder): Promise<void> {
    this.started.push(order);
  }
}

export const minuteMs = 60_000;
export const hourMs = 3_600_000;

/** Everything that parking needs besides ledger and archive, over the profiles of `customers`. */
export function aParkingPlace(customers: MemoryCustomers) {
  return {
    fences: new MemoryFences(customers),
    park: new MemoryPark(),
    runs: new RecordingRuns(),
    redelivery: { scheduleMs: [minuteMs, 5 * minuteMs, 15 * minuteMs, hourMs], horizonMs: 24 * hourMs },
  };
}
