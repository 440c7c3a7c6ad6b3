// Closes the fence of a customer for whoever has put something into the park, against everybody else who does.
import { BridgeError } from '../core/errors.ts';
import type { Fence } from '../core/model/fence.ts';
import type { Telemetry } from '../core/ports.ts';
import type { FencePlace, Fences } from '../core/redelivery-ports.ts';

export interface CloseFencePorts {
  fences: Pick<Fences, 'read' | 'close'>;
  telemetry: Telemetry;
}

/** Each round is lost only to somebody who closed and opened the fence meanwhile. */
const closingRounds = 5;

/**
 * Answers the fence as closed by this call, or as `meetClosed` answers it: what is done at a fence that others have closed;
 * undefined when it is open after all. @throws BridgeError `store-unavailable`
 */
export async function closeFence(
  place: FencePlace,
  { seen: first, nextAttemptAt }: { seen: Fence; nextAttemptAt: number },
  meetClosed: () => Promise<Fence | undefined>,
  { fences, telemetry }: CloseFencePorts,
): Promise<Fence> {
  let seen = first;
  for (let round = 0; round < closingRounds; round += 1) {
    const closed = seen.state === 'open' ? await fences.close(place, seen, nextAttemptAt) : undefined;
    if (closed) {
      telemetry.count('FencesClosed');
      return closed;
    }
    const met = await meetClosed();
    if (met) return met;
    seen = await fences.read(place);
  }
  throw new BridgeError('store-unavailable', 'the fence kept changing', { code: 'fence-busy' });
}
