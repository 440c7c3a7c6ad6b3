// How one record of the outbound queue reaches the customer: open the envelope, deliver its items in order, stop at the
// first that has to wait; once one is parked, so are all after it. What happens to one item is in outbound/deliver-reply.ts.
import { acceptanceOrder, forcedKey, outboundKey } from '../core/model/ledger-record.ts';
import type { OpenedOutbound } from '../core/model/outbound-body.ts';
import type { OutboundItem } from '../core/model/outbound-envelope.ts';
import type { ParkedItem } from '../core/model/parked-item.ts';
import { hasFewReceivesLeft } from '../core/policy/redelivery.ts';
import { applySwitches } from '../core/policy/switches.ts';
import type { Archive, SwitchBoard } from '../core/ports.ts';
import type { ParkedVisit } from './drain-customer.ts';
import { openOutbound } from './open-envelope.ts';
import { deliverReply } from './outbound/deliver-reply.ts';
import type { OutboundParkReason, DeliverOutboundPorts as ReplyPorts } from './outbound/outbound-visit.ts';
import { readReply } from './outbound/read-reply.ts';
import { showTyping } from './outbound/show-activity.ts';

export interface DeliverOutboundPorts extends ReplyPorts {
  archive: Pick<Archive, 'get' | 'put'>;
  /** Suspends tenant or numbers while running; the tenant file alone counts when absent. */
  switches?: SwitchBoard;
}

export interface OutboundRecord {
  body: string;
  /** SQS SequenceNumber of its first enqueue. */
  sequenceNumber: string;
  receiveCount: number;
  /** End of this invocation, epoch ms. */
  deadlineAt: number;
}

/**
 * @param parkAll set when nothing of the record is to be tried, only parked
 * @throws BridgeError `store-unavailable`; SyntaxError for a body that no release has written.
 */
export async function deliverOutbound(
  record: OutboundRecord,
  ports: DeliverOutboundPorts,
  parkAll?: 'dead-letter',
): Promise<{ state: 'done' } | { state: 'hold'; delayMs: number }> {
  const [envelope, numbers] = await Promise.all([openOutbound(record.body, ports), readNumbers(ports)]);
  const now = { ...ports, numbers };
  const fewLeft = hasFewReceivesLeft(record.receiveCount) ? 'few-receives' : undefined;
  let parkReason: OutboundParkReason | undefined = parkAll ?? fewLeft;
  for (const [index, item] of envelope.items.entries()) {
    if (item.kind === 'typing') {
      if (parkReason === undefined) await showTyping(item, envelope, now);
      continue;
    }
    const outcome = await deliverReply(
      {
        ...newVisit(item, envelope, now),
        sequence: acceptanceOrder(record.sequenceNumber, index),
        receiveCount: record.receiveCount,
        deadlineAt: record.deadlineAt,
        ...(parkReason === undefined ? {} : { parkReason }),
      },
      now,
    );
    if (outcome.state === 'parked') parkReason ??= 'behind-fence';
    else if (outcome.state !== 'done') return { state: 'hold', delayMs: outcome.delayMs };
  }
  return { state: 'done' };
}

/**
 * Visits an item of the park; what cannot be delivered stays there. `expired`: the agent is told, and it ends EXPIRED.
 * @throws BridgeError `store-unavailable`; SyntaxError for a body that no release has written.
 */
export async function visitParkedOutbound(
  parked: ParkedItem,
  { deadlineAt, expired }: { deadlineAt: number; expired: boolean },
  ports: DeliverOutboundPorts,
): Promise<ParkedVisit> {
  const [envelope, numbers] = await Promise.all([openOutbound(parked.body, ports), readNumbers(ports)]);
  const [item] = envelope.items;
  if (!item) throw new SyntaxError('a parked envelope is empty');
  const now = { ...ports, numbers };
  const { key, sequence } = parked;
  const visit = {
    ...newVisit(item, envelope, now),
    parked,
    expired,
    key,
    sequence,
    receiveCount: 0,
    deadlineAt,
  };
  const outcome = await deliverReply(visit, now);
  if (outcome.state === 'done' || outcome.state === 'back') return outcome;
  return { state: 'back', delayMs: 0, trouble: false };
}

function newVisit(item: OutboundItem, envelope: OpenedOutbound, ports: DeliverOutboundPorts) {
  const key = outboundKey(envelope.numberId, item.id);
  const { replay } = envelope;
  return {
    item,
    envelope,
    content: readReply(item, ports),
    key: replay?.forced === undefined ? key : forcedKey(key, replay.number),
    startedAt: ports.clock.now(),
    report: 'unused',
  } as const;
}

async function readNumbers({ numbers, switches }: DeliverOutboundPorts): Promise<ReplyPorts['numbers']> {
  return switches ? applySwitches(numbers, await switches.read()) : numbers;
}
