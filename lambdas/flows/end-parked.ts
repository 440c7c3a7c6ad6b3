// Ends for what a drain cannot visit: nobody can say what is in it, or looking at it is what breaks. The reader cannot be
// told of what; an operator sees it in the ledger. Whatever was behind it goes on.
import type { LedgerRecord } from '../core/model/ledger-record.ts';
import type { ParkedItem } from '../core/model/parked-item.ts';
import { crashesUntilPoison, isPoison } from '../core/policy/claim.ts';
import type { Clock, MessageLedger, Randomness, Telemetry } from '../core/ports.ts';
import type { ParkedVisit } from './drain-customer.ts';

export interface EndParkedPorts {
  clock: Clock;
  randomness: Pick<Randomness, 'nextId'>;
  telemetry: Telemetry;
  ledger: Pick<MessageLedger, 'claim' | 'finish'>;
}

/** Longer than the write that follows the claim. */
const claimMs = 30_000;

/** Ends what no release that ran until its horizon could read. @throws BridgeError `store-unavailable` */
export async function endUnreadable(item: ParkedItem, ports: EndParkedPorts): Promise<ParkedVisit> {
  const { won, record, owner } = await claimParked(item, ports);
  if (!won && !isOnItsWay(record)) return { state: 'done' };
  return end(item, owner, 'unreadable', ports);
}

/**
 * Counts a visit that broke as a crash of its claim, which is left open as a crash leaves it, and ends the item once there
 * were too many of them. @throws BridgeError `store-unavailable`
 */
export async function countCrash(item: ParkedItem, ports: EndParkedPorts): Promise<ParkedVisit> {
  const { won, record, owner } = await claimParked(item, ports);
  if (!won && !isOnItsWay(record)) return { state: 'done' };
  if (won && isPoison(record)) return end(item, owner, 'poison', ports);
  // The visit that broke holds the claim, as did the one before: it cannot even tell the reader that it gives up.
  if (!won && record.crashes > crashesUntilPoison) return end(item, record.owner, 'poison', ports);
  return { state: 'back', delayMs: claimMs, trouble: true };
}

async function claimParked(item: ParkedItem, { clock, ledger, randomness }: EndParkedPorts) {
  const { key, numberId, customerId: customer, sequence, acceptedAt } = item;
  const owner = randomness.nextId();
  const now = clock.now();
  const facts = { numberId, messageId: key, customer, messageType: 'unreadable', sequence, acceptedAt };
  const claim = { key, owner, now, leaseUntil: now + claimMs, willTry: false, keepTried: true } as const;
  const trace = { rawKey: '', correlationId: '' };
  return { owner, ...(await ledger.claim({ ...claim, ...facts, ...trace, fromPark: true })) };
}

function isOnItsWay({ status }: LedgerRecord): boolean {
  return status === 'INFLIGHT' || status === 'PARKED';
}

async function end(
  { key, customerId: customer }: ParkedItem,
  owner: string,
  reason: 'unreadable' | 'poison',
  { ledger, clock, telemetry }: EndParkedPorts,
): Promise<ParkedVisit> {
  const isEnded = await ledger.finish(key, owner, { status: 'FAILED', reason, customer, at: clock.now() });
  if (!isEnded) return { state: 'back', delayMs: claimMs, trouble: false };
  telemetry.count('Messages.FAILED');
  return { state: 'done' };
}
