// How one record of the inbound queue reaches the agent: open the envelope, deliver its items in order, stop at the
// first that has to wait. What happens to one item is in deliver-item.ts.
import type { InboundEnvelope } from '../core/model/envelope.ts';
import { isClaimCheck, parseQueueBody } from '../core/model/envelope.ts';
import { applySwitches } from '../core/policy/switches.ts';
import type { Archive, SwitchBoard } from '../core/ports.ts';

import { deliverItem } from './deliver-item.ts';
import { recordPreference } from './record-preference.ts';
import type { DeliverItemPorts, ItemOutcome } from './visit.ts';

export interface DeliverInboundPorts extends DeliverItemPorts {
  archive: Pick<Archive, 'get'>;
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

/** @throws BridgeError `store-unavailable`; SyntaxError for a body that no release has written. */
export async function deliverInbound(record: QueuedRecord, ports: DeliverInboundPorts): Promise<ItemOutcome> {
  const [envelope, numbers] = await Promise.all([openEnvelope(record.body, ports), readNumbers(ports)]);
  const now = { ...ports, numbers };
  for (const [index, item] of envelope.items.entries()) {
    if (item.kind === 'preference') {
      await recordPreference(item, envelope, ports);
      continue;
    }
    const outcome = await deliverItem(item, index, envelope, record, now);
    if (outcome.state === 'hold') return outcome;
  }
  return { state: 'done' };
}

async function readNumbers({ numbers, switches }: DeliverInboundPorts): Promise<DeliverItemPorts['numbers']> {
  return switches ? applySwitches(numbers, await switches.read()) : numbers;
}

async function openEnvelope(body: string, { archive }: DeliverInboundPorts): Promise<InboundEnvelope> {
  const content = parseQueueBody(body);
  if (!isClaimCheck(content)) return content;
  const checkedIn = parseQueueBody(new TextDecoder().decode(await archive.get(content.claimCheck)));
  if (isClaimCheck(checkedIn)) throw new SyntaxError('a claim check leads to another claim check');
  return checkedIn;
}
