// Sets a message aside behind its customer's fence, so that the queue is free and nothing overtakes the message.
// 1. put it into the park; 2. close the fence, or say at the closed one that the park has changed; 3. say PARKED in the
// ledger; 4. start the run that drains. Then the record may be acknowledged. A crash in between is harmless: the record
// comes back, and each step may be repeated. Why in this order: docs/adr/0026-fence-and-park.md.
import { toAsciiJson } from '../core/model/envelope.ts';
import type { Fence } from '../core/model/fence.ts';
import type { ParkedItem } from '../core/model/parked-item.ts';
import type { RedeliverySchedule } from '../core/policy/redelivery.ts';
import { redeliveryDelayMs } from '../core/policy/redelivery.ts';
import type { Archive, Clock, MessageLedger, Randomness, Telemetry } from '../core/ports.ts';
import type { FencePlace, Fences, Park, RedeliveryRuns } from '../core/redelivery-ports.ts';
import { closeFence } from './close-fence.ts';
import { placeDeadLetter } from './place-dead-letter.ts';

export interface ParkMessagePorts {
  clock: Clock;
  randomness: Pick<Randomness, 'next'>;
  telemetry: Telemetry;
  ledger: Pick<MessageLedger, 'park'>;
  archive: Pick<Archive, 'put'>;
  fences: Pick<Fences, 'read' | 'close' | 'touch'>;
  park: Park;
  runs: RedeliveryRuns;
  redelivery: RedeliverySchedule;
}

export interface MessageToPark {
  place: FencePlace;
  /** As it was read with the profile. */
  fence: Fence;
  key: string;
  /** The order in which it was accepted first: the one of its ledger record, if there is one. */
  sequence: string;
  reason: string;
  attempts: number;
  /** An envelope with exactly this item. */
  envelope: { receivedAt: number; rawKey: string; correlationId: string; replay?: { number: string } };
  /**
   * The claim under which the ledger says PARKED. Absent while somebody else's claim is alive: the drain waits for its
   * end.
   */
  claim?: {
    owner: string;
    /** The POST may have had an effect. */
    keepTried: boolean;
    /** Claims before this one that ended without an outcome: one of them may have closed the fence. */
    crashes: number;
  };
}

/** `reopened`: the fence that was seen closed is open; `item` is in the park and no longer needed once delivered. */
export type Parking = { state: 'parked' | 'reopened'; item: ParkedItem };

/** A park item holds at most 400 KB at DynamoDB, keys included. */
const largestParkedBytes = 300_000;
const claimCheckDeadlineMs = 5000;

/** @throws BridgeError `store-unavailable`; whatever was written by then may be written again. */
export async function parkMessage(message: MessageToPark, ports: ParkMessagePorts): Promise<Parking> {
  const { place, key, reason, claim } = message;
  const item = await toParkedItem(message, ports);
  await ports.park.put(item);
  const closed = await passClosing(message, ports);
  if (!closed) return { state: 'reopened', item };
  if (claim) {
    const { customerId: customer } = place;
    const { owner, keepTried } = claim;
    await ports.ledger.park(key, owner, { customer, reason, at: ports.clock.now(), keepTried });
  }
  // Before the run: without one the message is parked as well, and its record does not come back to this point.
  ports.telemetry.count('MessagesParked');
  if (closed.startAfterMs !== undefined) {
    const delaySeconds = Math.ceil(closed.startAfterMs / 1000);
    await ports.runs.start({ ...place, run: closed.run, delaySeconds });
  }
  return { state: 'parked', item };
}

/** The park item as a later drain finds it; a large body is checked in, so that the item stays small. */
async function toParkedItem(message: MessageToPark, ports: ParkMessagePorts): Promise<ParkedItem> {
  const { place, key, sequence, reason, attempts, envelope } = message;
  const body = toAsciiJson(envelope);
  const now = ports.clock.now();
  const { receivedAt } = envelope;
  return {
    ...place,
    sequence: await placeDeadLetter({ place, key, sequence, receivedAt }, ports.park),
    replay: envelope.replay?.number ?? '',
    key,
    // The horizon is about automatic redelivery: an operator's wish counts from now.
    acceptedAt: envelope.replay ? now : receivedAt,
    parkedAt: now,
    reason,
    attempts,
    body: body.length > largestParkedBytes ? await checkIn(body, message, ports) : body,
  };
}

async function checkIn(
  body: string,
  { envelope: { rawKey, correlationId }, sequence }: MessageToPark,
  { archive }: ParkMessagePorts,
): Promise<string> {
  // The same name for the same message, so that parking it again leaves no second copy.
  const name = rawKey.replace(/^raw\//, '').replace(/\.json$/, '');
  const claimCheck = `claims/${name}-${sequence}.json`;
  await archive.put(claimCheck, new TextEncoder().encode(body), 'application/json', claimCheckDeadlineMs);
  return toAsciiJson({ v: 1, claimCheck, correlationId });
}

/** Undefined when the fence was seen closed and is not any more. */
async function passClosing(
  { place, fence, claim }: MessageToPark,
  ports: ParkMessagePorts,
): Promise<{ run: number; startAfterMs?: number } | undefined> {
  const { fences, clock, redelivery, randomness } = ports;
  const startAfterMs = redeliveryDelayMs(0, redelivery, randomness.next());
  const touch = () => fences.touch(place);
  if (fence.state === 'parked') {
    const touched = await touch();
    if (!touched) return undefined;
    // Whoever closed it starts the run; that may have been an earlier visit of this message, which died on the way.
    return { run: touched.run, ...(claim && claim.crashes > 0 ? { startAfterMs } : {}) };
  }
  // Closed by somebody else, or by ourselves with the answer lost: starting its run once more changes nothing.
  const nextAttemptAt = clock.now() + startAfterMs;
  const { run } = await closeFence(place, { seen: fence, nextAttemptAt }, touch, ports);
  return { run, startAfterMs };
}
