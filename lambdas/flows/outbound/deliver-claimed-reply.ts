// What happens to a message on its way to a customer that is ours: what became of a part whose send has no known outcome,
// whether it can go out at all, and then its parts.
import type { CustomerPart } from '../../core/model/customer-message.ts';
import { isPoison } from '../../core/policy/claim.ts';
import { readFates } from '../../core/policy/receipt-lattice.ts';
import { isWindowOpen } from '../../core/policy/service-window.ts';
import type { Verdict } from './end-reply.ts';
import { endReply, fateUnknown, giveUp, horizonVerdict, readVerdict } from './end-reply.ts';
import { findRecipient } from './find-recipient.ts';
import { waitOn } from './meet-trouble.ts';
import type { ClaimedReply, DeliverOutboundPorts, OutboundOutcome } from './outbound-visit.ts';
import { comeAgain, finish, giveBack, hasTime } from './outbound-visit.ts';
import { refuseOutsideWindow } from './outside-window.ts';
import { noteSent, partsDone, sendParts, settle } from './send-parts.ts';
import { markAnswered } from './show-activity.ts';

/** @throws BridgeError `store-unavailable` when the fate of the message could not be written. */
export async function deliverClaimedReply(
  claimed: ClaimedReply,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { visit, record } = claimed;
  const { content } = visit;
  const parts = content.kind === 'parts' ? content.parts : [];
  const verdict = readVerdict(record.refusal);
  if (verdict && !isLastProven(claimed, verdict, parts)) return endReply(claimed, verdict, ports);
  if (record.tried === 1 || isProven(claimed)) {
    const unknown = await judgeUnknown(claimed, parts, ports);
    if (unknown !== 'sent') return unknown;
  }
  if (content.kind === 'parts' && partsDone(claimed) >= parts.length)
    return settle(claimed, parts.length, ports);
  if (ports.numbers.get(visit.envelope.numberId)?.suspended)
    return finish(claimed, 'HELD', 'number-suspended', ports);
  if (visit.expired) return giveUp(claimed, horizonVerdict, ports);
  if (isPoison(record)) return giveUp(claimed, { reason: 'GeneralError', detail: 'poison' }, ports);
  if (content.kind === 'unsendable') return giveUp(claimed, content, ports);
  const { target } = claimed.recipient;
  if (target === undefined)
    return giveUp(claimed, { reason: 'InvalidDestination', detail: 'no-address' }, ports);
  if (!(await mayGoOut(claimed, parts, ports))) return refuseOutsideWindow(claimed, target, ports);
  const outcome = await sendParts(claimed, parts, target, ports);
  const isAnswer = visit.item.kind === 'message' && outcome.state === 'done' && visit.report === 'delivered';
  if (isAnswer && hasTime(visit, ports.timing.postTimeoutMs, ports))
    await markAnswered(visit.envelope.numberId, claimed.recipient.profile, ports);
  return outcome;
}

/** A status came for the part that is next, although nobody wrote down that it was sent. */
function isProven(claimed: ClaimedReply): boolean {
  const { sending } = claimed.record;
  const part = partsDone(claimed);
  if (sending?.wamids[part] === undefined) return false;
  const fate = readFates(sending.statuses).get(part);
  return fate?.failed !== true || fate.progress !== undefined;
}

/** What was given up for want of a status has gone out whole after all. */
function isLastProven(claimed: ClaimedReply, { detail }: Verdict, parts: readonly CustomerPart[]): boolean {
  return detail === fateUnknown.detail && isProven(claimed) && partsDone(claimed) === parts.length - 1;
}

/** A part was posted and nobody wrote down what came of it: only a status with our tag says that it went out. */
async function judgeUnknown(
  claimed: ClaimedReply,
  parts: readonly CustomerPart[],
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome | 'sent'> {
  const { visit, record } = claimed;
  const { clock, outbound, telemetry } = ports;
  const part = partsDone(claimed);
  const { sending } = record;
  const wamid = sending?.wamids[part];
  const next = parts[part];
  if (sending && next && wamid !== undefined) {
    telemetry.count('SendsProvenByStatus');
    if (!(await noteSent(claimed, { part, next }, wamid, ports))) return comeAgain(visit);
    claimed.record = { ...record, tried: 0, sending: { ...sending, partsDone: part + 1 } };
    return 'sent';
  }
  const triedAt = sending?.triedAt ?? record.firstClaimedAt ?? clock.now();
  // Past its horizon, too: the horizon is about not sending any more, and this may have been sent.
  if (clock.now() - triedAt < outbound.statusWaitMs) return waitOn(claimed, triedAt, ports);
  telemetry.count('SendsOfUnknownFate');
  return giveUp(claimed, fateUnknown, ports);
}

/** Templates may always go out; everything else inside the window, which a message just coming in may have opened. */
async function mayGoOut(
  claimed: ClaimedReply,
  parts: readonly CustomerPart[],
  ports: DeliverOutboundPorts,
): Promise<boolean> {
  const left = parts.slice(partsDone(claimed));
  if (left.every((part) => part.kind === 'ready' && part.send.type === 'template')) return true;
  const { clock, directory } = ports;
  const isOpen = () => isWindowOpen(claimed.recipient.profile?.lastInboundAt ?? 0, clock.now());
  if (isOpen()) return true;
  const { item, envelope } = claimed.visit;
  try {
    claimed.recipient = await findRecipient(item, envelope.numberId, clock.now(), directory);
  } catch (error) {
    await giveBack(claimed, { keepTried: false }, ports);
    throw error;
  }
  return isOpen();
}
