// What is not shown at the desk although nothing is wrong with it: an echo that no conversation is open for, or content
// that this release has no words for. From the park it needs an end of its own: its record says PARKED.
import type { ShownContent } from '../core/model/agent-content.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import type { DeliverItemPorts, ItemOutcome, Visit } from './visit.ts';
import { claimMessage, comeAgain, done, finish, longestTurnMs } from './visit.ts';

/** Stands for content that is shown to nobody. */
export const noContent: ShownContent = { kind: 'shown', text: '', placeholder: false, attributes: {} };

/** There is nobody at the desk to tell, and an echo is no reason to start a conversation. */
export function isEchoToNobody({ kind }: InboundItem, customer: CustomerProfile | undefined): boolean {
  return kind === 'echo' && (customer?.conversationId === undefined || customer.parkedAt !== undefined);
}

export function reportUnshownEcho(
  { id: messageId }: InboundItem,
  { correlationId, rawKey }: InboundEnvelope,
  { telemetry }: Pick<DeliverItemPorts, 'telemetry'>,
): void {
  telemetry.count('EchoesUnshown');
  telemetry.event('echo.unshown', { messageId, correlationId, rawKey });
}

/**
 * Ends a parked message FAILED without a notice: at the desk nothing is missing, and an operator who sees it in the ledger
 * can replay it. @throws BridgeError `store-unavailable`
 */
export async function endUnshown(
  visit: Visit,
  reason: 'no-conversation' | 'nothing-to-show',
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const owner = ports.randomness.nextId();
  const now = ports.clock.now();
  const claim = await claimMessage(visit, owner, now + ports.timing.leaseMs, false, ports);
  if (claim.state === 'busy')
    return comeAgain(visit, Math.min(Math.max(claim.until - now, 0), longestTurnMs));
  if (claim.state === 'settled') return claim.record.status === 'PARKED' ? comeAgain(visit) : done;
  const end = { visit, owner, customer: claim.record.customer };
  const outcome = await finish(end, 'FAILED', reason, ports);
  if (reason === 'no-conversation' && outcome.state === 'done')
    reportUnshownEcho(visit.item, visit.envelope, ports);
  return outcome;
}
