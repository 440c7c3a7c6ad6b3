// How one message of an agent, a bot or an operator reaches the customer, from the queue or from the park:
// 1. enter WhatsApp's gate; 2. claim the message and look the customer up, side by side; 3. stop at duplicates, unknown
// and suspended numbers, each with its visible end; stop at the closed fence; 4. convert, check the window and send the
// parts; 5. settle, or tell the agent; when WhatsApp is in trouble, give the claim back and hold the customer's queue;
// when that has lasted too long, park the message. Step 4 is in deliver-claimed-reply.ts and send-parts.ts.
// The protocol and its reasons: docs/adr/0039-sends-are-never-repeated.md.
import type { LedgerRecord } from '../../core/model/ledger-record.ts';
import { isLongTrouble } from '../../core/policy/redelivery.ts';
import type { SuspiciousVisit } from '../isolation.ts';
import { visitAlone, visitSafely } from '../isolation.ts';
import { deliverClaimedReply } from './deliver-claimed-reply.ts';
import { findRecipient } from './find-recipient.ts';
import type { ClaimedReply, DeliverOutboundPorts, OutboundOutcome, OutboundVisit } from './outbound-visit.ts';
import {
  claimReply,
  comeAgain,
  done,
  finish,
  giveBack,
  hasTime,
  report,
  settleReserveMs,
} from './outbound-visit.ts';
import { parkBehindFence, parkReply, parkUnclaimed, removeStrayOfVisit } from './park-reply.ts';
import { hasFiles } from './read-reply.ts';

/** @throws BridgeError `store-unavailable` when the fate of the message could not be written. */
export async function deliverReply(
  visit: OutboundVisit,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { item, envelope, deadlineAt, parked, expired, parkReason } = visit;
  const { timing, numbers, clock, gate } = ports;
  if (parkReason !== undefined) return visitAlone(visitOf(visit, ports), comeAgain(visit));
  const needMs = timing.postTimeoutMs + settleReserveMs;
  if (!hasTime(visit, needMs, ports)) return comeAgain(visit);

  const { numberId } = envelope;
  const number = numbers.get(numberId);
  const visitNow = () => visitSafely(ports.isolation, visitOf(visit, ports), comeAgain(visit));
  // What has expired is not sent any more, only told to the desk, which has a gate of its own.
  if (number === undefined || number.suspended || expired) return visitNow();
  const gateVisit = { numberId, customerKey: `${numberId}#${item.to}`, deadlineAt: deadlineAt - needMs };
  const place = await gate.enter(gateVisit);
  if (!place.open) {
    const { delayMs, reason } = place;
    const isTrouble = reason === 'circuit';
    const isLong = isLongTrouble(envelope.receivedAt, clock.now(), delayMs, timing.holdMs);
    if (parked || !isTrouble || !isLong) return comeAgain(visit, delayMs, isTrouble);
    return visitAlone(visitOf({ ...visit, parkReason: 'circuit' }, ports), comeAgain(visit));
  }
  try {
    return await visitNow();
  } finally {
    await gate.leave(visit.report, gateVisit);
  }
}

function visitOf(visit: OutboundVisit, ports: DeliverOutboundPorts): SuspiciousVisit<OutboundOutcome> {
  return (isAlone) => visitReply(visit, isAlone, ports);
}

async function visitReply(
  visit: OutboundVisit,
  isAlone: boolean,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome | 'suspect'> {
  const { item, envelope, parkReason } = visit;
  const { clock, timing, directory } = ports;
  const owner = ports.randomness.nextId();
  const leaseUntil = clock.now() + timing.leaseMs + (hasFiles(visit.content) ? timing.mediaDeadlineMs : 0);
  const [claim, found] = await Promise.allSettled([
    claimReply(visit, owner, leaseUntil, ports),
    findRecipient(item, envelope.numberId, clock.now(), directory),
  ]);
  if (claim.status === 'rejected') throw claim.reason;
  const decision = claim.value;
  if (decision.state === 'settled') return skip(visit, decision.record, ports);
  if (decision.state === 'busy') {
    if (parkReason !== undefined && found.status === 'fulfilled')
      return parkUnclaimed(visit, decision.record, found.value, ports);
    return comeAgain(visit, Math.max(decision.until - clock.now(), 0));
  }

  const { record } = decision;
  const keepTried = record.tried === 1;
  if (record.crashes > 0 && !isAlone) {
    await giveBack({ visit, owner }, { keepTried }, ports);
    return 'suspect';
  }
  if (found.status === 'rejected') {
    await giveBack({ visit, owner }, { keepTried }, ports);
    throw found.reason;
  }
  const claimed = { visit, owner, leaseUntil, record, recipient: found.value };
  const number = ports.numbers.get(envelope.numberId);
  if (!number) return finish(claimed, 'QUARANTINED', 'unknown-number', ports);
  if (number.suspended && !keepTried) return finish(claimed, 'HELD', 'number-suspended', ports);
  const send = (mine: ClaimedReply) => deliverClaimedReply(mine, ports);
  if (visit.parked) return send(claimed);
  if (parkReason !== undefined) return parkReply(claimed, { reason: parkReason, keepTried }, ports);
  const isClosed = claimed.recipient.profile?.fences.out.state === 'parked';
  if (isClosed) return parkBehindFence(claimed, keepTried, send, ports);
  const outcome = await send(claimed);
  if (outcome.state === 'done') await removeStrayOfVisit(visit, record, found.value.customerId, ports);
  return outcome;
}

/** Sent before, ended otherwise, or in the park, where its record was written last: nothing is left to do. */
async function skip(
  visit: OutboundVisit,
  record: LedgerRecord,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { status, customer } = record;
  // Parked just now: stores that answer a refused claim without its record are asked for it a moment later.
  if (visit.parked && status === 'PARKED') return comeAgain(visit);
  if (!visit.parked && status !== 'PARKED') await removeStrayOfVisit(visit, record, customer, ports);
  ports.telemetry.count('RepliesDuplicate');
  report('reply.duplicate', visit, { status }, ports);
  return done;
}
