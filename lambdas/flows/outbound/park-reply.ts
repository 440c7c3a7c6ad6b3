// At the customer's fence of this direction: while it is closed, and for whatever waits too long, the way leads into the
// park.
import { openFence } from '../../core/model/fence.ts';
import type { LedgerRecord } from '../../core/model/ledger-record.ts';
import type { MessageToPark, Parking } from '../park-message.ts';
import { parkMessage } from '../park-message.ts';
import { removeStray, removeStrayOfEarlier } from '../remove-stray.ts';
import type { Recipient } from './find-recipient.ts';
import { findRecipient } from './find-recipient.ts';
import type { ClaimedReply, DeliverOutboundPorts, OutboundOutcome, OutboundVisit } from './outbound-visit.ts';
import { comeAgain, giveBack, idsOf, report } from './outbound-visit.ts';

/** Parks a message whose claim is ours. @throws BridgeError `store-unavailable` */
export async function parkReply(
  claimed: ClaimedReply,
  { reason, keepTried }: { reason: string; keepTried: boolean },
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const parking = await parkClaimed(claimed, { reason, keepTried }, ports);
  if (parking.state === 'parked') return { state: 'parked' };
  await giveBack(claimed, { keepTried }, ports);
  return comeAgain(claimed.visit);
}

/**
 * Parks a message that met a closed fence. If that was opened in between, nothing is ahead of it any more: `send` goes on
 * with the customer as known now.
 * @throws BridgeError `store-unavailable`
 */
export async function parkBehindFence(
  claimed: ClaimedReply,
  keepTried: boolean,
  send: (claimed: ClaimedReply) => Promise<OutboundOutcome>,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { visit } = claimed;
  const parking = await parkClaimed(claimed, { reason: 'behind-fence', keepTried }, ports);
  if (parking.state === 'parked') return { state: 'parked' };
  const { clock, directory } = ports;
  const recipient = await findRecipient(visit.item, visit.envelope.numberId, clock.now(), directory).catch(
    async (error: unknown) => {
      await giveBack(claimed, { keepTried }, ports);
      throw error;
    },
  );
  if (recipient.profile?.fences.out.state === 'parked') {
    await giveBack(claimed, { keepTried }, ports);
    return comeAgain(visit);
  }
  const outcome = await send({ ...claimed, recipient });
  if (outcome.state === 'done') await removeStray(parking.item, idsOf(visit), ports);
  return outcome;
}

/** For a reply of the queue that has its end: an earlier visit may have put it into the park and not come any further. */
export function removeStrayOfVisit(
  visit: OutboundVisit,
  { sequence, attempts }: LedgerRecord,
  customerId: string,
  ports: DeliverOutboundPorts,
): Promise<void> {
  const { numberId, replay } = visit.envelope;
  const place = { numberId, customerId, direction: 'out' } as const;
  const item = { ...place, sequence, replay: replay?.number ?? '', key: visit.key, attempts };
  return removeStrayOfEarlier(item, idsOf(visit), ports);
}

function parkClaimed(
  { visit, owner, record, recipient }: ClaimedReply,
  { reason, keepTried }: { reason: string; keepTried: boolean },
  ports: DeliverOutboundPorts,
): Promise<Parking> {
  const claim = { owner, keepTried, crashes: record.crashes };
  return park(visit, record, recipient, { reason, claim }, ports);
}

/** Parks a message that somebody else holds; whoever drains the park waits for the end of that claim. */
export async function parkUnclaimed(
  visit: OutboundVisit,
  record: LedgerRecord,
  recipient: Recipient,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { state } = await park(
    visit,
    record,
    recipient,
    { reason: visit.parkReason ?? 'behind-fence' },
    ports,
  );
  return state === 'parked' ? { state } : comeAgain(visit);
}

async function park(
  visit: OutboundVisit,
  { sequence, attempts }: LedgerRecord,
  { customerId, profile }: Recipient,
  parking: Pick<MessageToPark, 'reason' | 'claim'>,
  ports: DeliverOutboundPorts,
): Promise<Parking> {
  const { envelope, item, key } = visit;
  const single = { ...envelope, items: [item] };
  const parked = await parkMessage(
    {
      place: { numberId: envelope.numberId, customerId, direction: 'out' },
      fence: profile?.fences.out ?? openFence,
      key,
      // Of the record: this may be a repetition that was accepted later.
      sequence,
      attempts,
      envelope: single,
      ...parking,
    },
    ports,
  );
  if (parked.state === 'parked') report('reply.parked', visit, { reason: parking.reason, attempts }, ports);
  return parked;
}
