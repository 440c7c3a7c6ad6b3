// At the customer's fence: while it is closed, and for whoever is to be parked anyway, the way leads into the park.
import type { CustomerProfile } from '../core/model/customer.ts';
import type { LedgerRecord } from '../core/model/ledger-record.ts';
import type { Claimed } from './deliver-claimed.ts';
import { deliverClaimed } from './deliver-claimed.ts';
import type { Parking } from './park-message.ts';
import { parkMessage } from './park-message.ts';
import { removeStray, removeStrayOfEarlier } from './remove-stray.ts';
import type { DeliverItemPorts, ItemOutcome, Visit } from './visit.ts';
import { comeAgain, giveBack, idsOf, report } from './visit.ts';

/** Delivers through an open fence, parks behind a closed one. @throws BridgeError `store-unavailable` */
export async function passFence(claimed: Claimed, ports: DeliverItemPorts): Promise<ItemOutcome> {
  const { visit, owner, record, profile } = claimed;
  const isClosed = profile.fences.in.state === 'parked';
  const reason = visit.parkReason ?? (isClosed ? 'behind-fence' : undefined);
  if (reason === undefined) {
    const delivered = await deliverClaimed(claimed, ports);
    if (delivered.state === 'done') await removeStrayOfVisit(visit, record, profile.customerId, ports);
    return delivered;
  }
  const parking = await parkClaimed(claimed, { reason, keepTried: false }, ports);
  if (parking.state === 'parked') return toParked(profile);

  // It was opened in between, so nothing is ahead any more; the profile says whether that is still so.
  const found = visit.known
    ? undefined
    : await ports.customers.find(visit.item, visit.envelope, owner).catch(async (error: unknown) => {
        await giveBack({ visit, owner, customer: profile.customerId }, {}, ports);
        throw error;
      });
  const isOpen = found?.state === 'found' && found.profile.fences.in.state === 'open';
  if (!isOpen || visit.parkReason !== undefined) {
    await giveBack({ visit, owner, customer: profile.customerId }, {}, ports);
    return comeAgain(visit);
  }
  const outcome = await deliverClaimed({ ...claimed, profile: found.profile }, ports);
  if (outcome.state === 'done') await removeStray(parking.item, idsOf(visit), ports);
  return outcome;
}

/** Parks a message whose claim is ours. @throws BridgeError `store-unavailable` */
export function parkClaimed(
  { visit, owner, record, profile }: Claimed,
  { reason, keepTried }: { reason: string; keepTried: boolean },
  ports: DeliverItemPorts,
): Promise<Parking> {
  const claim = { owner, keepTried, crashes: record.crashes };
  return park(visit, record, profile, { reason, claim }, ports);
}

/** Parks a message that somebody else holds; whoever drains the park waits for the end of that claim. */
export async function parkUnclaimed(
  visit: Visit,
  record: LedgerRecord,
  profile: CustomerProfile,
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const { state } = await park(visit, record, profile, { reason: visit.parkReason ?? 'behind-fence' }, ports);
  return state === 'parked' ? toParked(profile) : comeAgain(visit);
}

async function park(
  visit: Visit,
  { sequence, attempts }: LedgerRecord,
  profile: CustomerProfile,
  parking: { reason: string; claim?: { owner: string; keepTried: boolean; crashes: number } },
  ports: DeliverItemPorts,
): Promise<Parking> {
  const { envelope, item, key } = visit;
  const { numberId } = envelope;
  const place = { numberId, customerId: profile.customerId, direction: 'in' } as const;
  const single = { ...envelope, items: [item] };
  const fence = profile.fences.in;
  // The sequence of the record: this may be a repetition that was accepted later.
  const parked = await parkMessage(
    { place, fence, key, sequence, attempts, envelope: single, ...parking },
    ports,
  );
  if (parked.state === 'parked') report('message.parked', visit, { reason: parking.reason, attempts }, ports);
  return parked;
}

/** For a message of the queue that has its end: an earlier visit may have put it into the park and not come any further. */
export function removeStrayOfVisit(
  visit: Visit,
  { sequence, attempts }: LedgerRecord,
  customerId: string,
  ports: DeliverItemPorts,
): Promise<void> {
  const { numberId, replay } = visit.envelope;
  const place = { numberId, customerId, direction: 'in' } as const;
  const item = { ...place, sequence, replay: replay?.number ?? '', key: visit.key, attempts };
  return removeStrayOfEarlier(item, idsOf(visit), ports);
}

/** For those that come after it: whatever the profile said before, this fence has been closed. */
export function toParked(profile: CustomerProfile): ItemOutcome {
  const closed = { ...profile.fences.in, state: 'parked' } as const;
  return { state: 'parked', profile: { ...profile, fences: { ...profile.fences, in: closed } } };
}
