// A park item whose message has reached its end is a stray: text of a person that nobody waits for. Visits of the queue
// leave some behind when a fence opens under them, or when they die on their way to it.
import type { ParkedItemKey } from '../core/model/parked-item.ts';
import type { Telemetry } from '../core/ports.ts';
import type { Park } from '../core/redelivery-ports.ts';

export interface RemoveStrayPorts {
  park: Pick<Park, 'remove'>;
  telemetry: Telemetry;
}

/**
 * Takes out the item of a message that has its end; not before, since somebody else may have parked it and would find it
 * gone. Never fails: left in the park it does no harm, and the next drain finds that its message has ended.
 */
export async function removeStray(
  item: ParkedItemKey,
  ids: Record<string, string>,
  { park, telemetry }: RemoveStrayPorts,
): Promise<void> {
  try {
    await park.remove(item);
  } catch (error) {
    telemetry.problem('park.remove-failed', error, ids);
  }
}

/** The same for what an earlier visit of the message may have left; at its first there was none. */
export async function removeStrayOfEarlier(
  item: ParkedItemKey & { attempts: number },
  ids: Record<string, string>,
  ports: RemoveStrayPorts,
): Promise<void> {
  if (item.attempts > 1) await removeStray(item, ids, ports);
}
