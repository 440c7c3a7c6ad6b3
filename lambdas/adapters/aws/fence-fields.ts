// Where a fence is in the item of a profile. `<direction>Fence` is there only while the fence is closed: it is also the key
// of the sparse index that finds overdue fences.
import type { Direction, Fence } from '../../core/model/fence.ts';

export const fenceFields = {
  in: { state: 'inFence', run: 'inRun', version: 'inVersion', nextAttemptAt: 'inNextAt', index: 'in-fences' },
  out: {
    state: 'outFence',
    run: 'outRun',
    version: 'outVersion',
    nextAttemptAt: 'outNextAt',
    index: 'out-fences',
  },
} as const satisfies Record<Direction, Record<string, string>>;

export function readFence(item: Record<string, unknown>, direction: Direction): Fence {
  const { state, run, version, nextAttemptAt } = fenceFields[direction];
  const isParked = item[state] === 'parked';
  return {
    state: isParked ? 'parked' : 'open',
    run: Number(item[run] ?? 0),
    version: Number(item[version] ?? 0),
    nextAttemptAt: isParked ? Number(item[nextAttemptAt] ?? 0) : 0,
  };
}
