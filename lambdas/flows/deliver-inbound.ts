// How one record of the inbound queue reaches the agent: open the envelope, deliver its items in order, stop at the
// first that has to wait; once one is parked, so are all after it. What happens to one item is in deliver-item.ts.
import type { ParkedItem } from '../core/model/parked-item.ts';
import { applySwitches } from '../core/policy/switches.ts';
import type { Archive, SwitchBoard } from '../core/ports.ts';
import type { ParkAtOnce } from './deliver-item.ts';
import { deliverItem, deliverParked } from './deliver-item.ts';
import type { ParkedVisit } from './drain-customer.ts';
import { openEnvelope } from './open-envelope.ts';
import { recordPreference } from './record-preference.ts';
import type { DeliverItemPorts } from './visit.ts';

export interface DeliverInboundPorts extends DeliverItemPorts {
  archive: Pick<Archive, 'get' | 'put'>;
  /** Suspends tenant or numbers while running; the tenant file alone counts when absent. */
  switches?: SwitchBoard;
}

export interface QueuedRecord {
  body: string;
  /** SQS SequenceNumber of its first enqueue. */
  sequenceNumber: string;
  receiveCount: number;
  /** End of this invocation, epoch ms. */
  deadlineAt: number;
}

/** `hold`: the record comes again after `delayMs`, and everything after it of the same customer. */
export type RecordOutcome = { state: 'done' } | { state: 'hold'; delayMs: number };

/**
 * @param parkAll set when nothing of the record is to be tried, only parked
 * @throws BridgeError `store-unavailable`; SyntaxError for a body that no release has written.
 */
export async function deliverInbound(
  record: QueuedRecord,
  ports: DeliverInboundPorts,
  parkAll?: 'dead-letter',
): Promise<RecordOutcome> {
  const [envelope, numbers] = await Promise.all([openEnvelope(record.body, ports), readNumbers(ports)]);
  const now = { ...ports, numbers };
  let parkAtOnce: ParkAtOnce | undefined = parkAll && { reason: parkAll };
  for (const [index, item] of envelope.items.entries()) {
    if (item.kind === 'preference') {
      await recordPreference(item, envelope, ports);
      continue;
    }
    const outcome = await deliverItem(item, index, envelope, record, now, parkAtOnce);
    if (outcome.state === 'parked') {
      parkAtOnce = { reason: parkAll ?? 'behind-fence', behind: outcome.profile };
    } else if (outcome.state !== 'done') return { state: 'hold', delayMs: outcome.delayMs };
  }
  return { state: 'done' };
}

/**
 * Visits an item of the park; what cannot be delivered stays there.
 * @throws BridgeError `store-unavailable`; SyntaxError for a body that no release has written.
 */
export async function visitParkedInbound(
  parked: ParkedItem,
  attempt: { deadlineAt: number; expired: boolean },
  ports: DeliverInboundPorts,
): Promise<ParkedVisit> {
  const [envelope, numbers] = await Promise.all([openEnvelope(parked.body, ports), readNumbers(ports)]);
  const [item] = envelope.items;
  if (!item) throw new SyntaxError('a parked envelope is empty');
  const outcome = await deliverParked(parked, envelope, item, attempt, { ...ports, numbers });
  if (outcome.state === 'back') return outcome;
  return outcome.state === 'done' ? outcome : { state: 'back', delayMs: 0, trouble: false };
}

async function readNumbers({ numbers, switches }: DeliverInboundPorts): Promise<DeliverItemPorts['numbers']> {
  return switches ? applySwitches(numbers, await switches.read()) : numbers;
}
