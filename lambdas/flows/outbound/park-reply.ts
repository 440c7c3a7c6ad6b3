// At the customer's fence of this direction: while it is closed, and for whatever waits too long, the way leads into the
// park.
import { openFence } from '../../core/model/fence.ts';
import type { LedgerRecord } from '../../core/model/ledger-record.ts';
import type { MessageToPark, Parking } from '../park-message.ts';
import { parkMessage } from '../park-message.ts';
import type { Recipient } from './find-recipient.ts';
import type { ClaimedReply, DeliverOutboundPorts, OutboundOutcome, OutboundVisit } from './outbound-visit.ts';
import { comeAgain, giveBack, report } from './outbound-visit.ts';

/** Parks a message whose claim is ours. @throws BridgeError `store-unavailable` */
export async function parkReply(
  claimed: ClaimedReply,
  { reason, keepTried }: { reason: string; keepTried: boolean },
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { visit, owner, record, recipient } = claimed;
  const claim = { owner, keepTried, crashes: record.crashes };
  const parking = await park(visit, record, recipient, { reason, claim }, ports);
  if (parking.state === 'parked') return { state: 'parked' };
  // The fence was opened in between. The message is still in the queue and comes again; what it left in the park would do
  // no harm, but would keep the next run busy.
  await ports.park.remove(parking.item);
  await giveBack(claimed, { keepTried }, ports);
  return comeAgain(visit);
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
