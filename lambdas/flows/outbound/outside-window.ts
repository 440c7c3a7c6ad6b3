// What happens to a reply that WhatsApp would not take any more: the agent is told, and the customer may be invited to
// write again, once per silence, with the tenant's template.
import { templateSend } from '../../core/convert/whatsapp/template-send.ts';
import type { CustomerTarget } from '../../core/model/customer-message.ts';
import { giveUp } from './end-reply.ts';
import {
  type ClaimedReply,
  type DeliverOutboundPorts,
  hasTime,
  idsOf,
  isOfTheDesk,
  type OutboundOutcome,
  settleReserveMs,
} from './outbound-visit.ts';

/** @throws BridgeError `store-unavailable` */
export async function refuseOutsideWindow(
  claimed: ClaimedReply,
  target: CustomerTarget,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  ports.telemetry.count('RepliesOutsideWindow');
  const invited = isOfTheDesk(claimed.visit) && (await invite(claimed, target, ports));
  const detail = invited ? 'window-closed-invited' : 'window-closed';
  return giveUp(claimed, { reason: 'MessageNotAllowed', detail }, ports);
}

/**
 * At most once per silence, whatever fails: it is remembered before it is sent. The tag leads to no message of the desk,
 * or its statuses would tell the agent that the reply itself was delivered.
 */
async function invite(
  { visit, recipient }: ClaimedReply,
  target: CustomerTarget,
  ports: DeliverOutboundPorts,
): Promise<boolean> {
  const { outbound, directory, messenger, clock, timing, telemetry } = ports;
  if (!outbound.reengagement) return false;
  // A visit that dies meanwhile would leave a reply that WhatsApp has refused as one that may have been sent.
  if (!hasTime(visit, timing.postTimeoutMs + settleReserveMs, ports)) return false;
  const { numberId } = visit.envelope;
  const silence = { since: recipient.profile?.lastInboundAt ?? 0, at: clock.now() };
  try {
    if (!(await directory.inviteOnce(numberId, recipient.customerId, silence))) return false;
  } catch (error) {
    // The agent is told all the same; an invitation that may not have been noted could be sent for every reply.
    telemetry.problem('invitation.not-noted', error, idsOf(visit));
    return false;
  }
  const tag = `${visit.item.id}.invitation`;
  const deadlineAt = clock.now() + timing.postTimeoutMs;
  const answer = await messenger.send(numberId, target, templateSend(outbound.reengagement), tag, deadlineAt);
  visit.report = answer.sent ? 'delivered' : { failure: answer.failure };
  if (answer.sent) {
    telemetry.count('InvitationsSent');
    return true;
  }
  telemetry.problem('invitation.not-sent', answer.failure, idsOf(visit));
  return false;
}
