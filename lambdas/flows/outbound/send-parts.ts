// Sends the parts of a message in order, from the first that WhatsApp does not have yet. Around every POST stand two
// writes: that it follows, and that it was taken. Whatever happens in between leaves the first one standing, and such a
// part is never sent again: a status that carries our tag proves it, or its fate stays unknown.
import type { CustomerPart, CustomerTarget, MetaSend } from '../../core/model/customer-message.ts';
import { toSendTag } from '../../core/model/send-tag.ts';
import type { SendAnswer } from '../../core/outbound-ports.ts';
import { readMetaError } from '../../core/policy/meta-errors.ts';
import { giveUp } from './end-reply.ts';
import { meetTrouble, waitForStatus } from './meet-trouble.ts';
import type { ClaimedReply, DeliverOutboundPorts, OutboundOutcome } from './outbound-visit.ts';
import { comeAgain, done, giveBack, hasTime, idsOf, report, settleReserveMs } from './outbound-visit.ts';
import { refuseOutsideWindow } from './outside-window.ts';
import { hasFiles } from './read-reply.ts';

/** @throws BridgeError `store-unavailable`; what was begun by then counts as perhaps sent. */
export async function sendParts(
  claimed: ClaimedReply,
  parts: readonly CustomerPart[],
  target: CustomerTarget,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const first = partsDone(claimed);
  for (let part = first; part < parts.length; part += 1) {
    const next = parts[part];
    if (!next) break;
    const work = { part, partsTotal: parts.length, next, target, isFirst: part === first };
    const outcome = await sendPart(claimed, work, ports);
    if (outcome !== 'sent') return outcome;
  }
  return settle(claimed, parts.length, ports);
}

export function partsDone({ record }: ClaimedReply): number {
  return record.sending?.partsDone ?? 0;
}

interface PartWork {
  part: number;
  partsTotal: number;
  next: CustomerPart;
  target: CustomerTarget;
  /** First of this visit: no later visit would have more time for it. */
  isFirst: boolean;
}

/** Least time in which it makes sense to begin with a file. */
const shortestFileMs = 1000;

async function sendPart(
  claimed: ClaimedReply,
  work: PartWork,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome | 'sent'> {
  const { visit, owner } = claimed;
  const { timing, clock } = ports;
  const neededMs = work.isFirst ? Math.min(shortestFileMs, timing.mediaDeadlineMs) : timing.mediaDeadlineMs;
  const fileMs = work.next.kind === 'attachment' ? neededMs : 0;
  if (!hasTime(visit, fileMs + timing.postTimeoutMs + settleReserveMs, ports)) {
    await giveBack(claimed, { keepTried: false }, ports);
    return comeAgain(visit);
  }
  const prepared = await prepare(claimed, work, ports);
  if (!('send' in prepared)) return prepared.outcome;
  const { part, partsTotal, target } = work;
  const now = clock.now();
  // Long enough for the files of the parts after this one, too.
  const leaseUntil = now + timing.leaseMs + (hasFiles(visit.content) ? timing.mediaDeadlineMs : 0);
  if (!(await ports.sending.beginPart(visit.key, owner, { part, partsTotal, now, leaseUntil })))
    return comeAgain(visit);
  claimed.leaseUntil = leaseUntil;
  const { numberId } = visit.envelope;
  const tag = toSendTag(numberId, visit.key, part);
  // However slow that write was, the POST is over before anybody else may claim the message.
  const deadlineAt = Math.min(clock.now() + timing.postTimeoutMs, leaseUntil);
  const answer = await ports.messenger.send(numberId, target, prepared.send, tag, deadlineAt);
  if (!answer.sent) return meetRefusal(claimed, target, answer, ports);
  visit.report = 'delivered';
  return (await noteSent(claimed, work, answer.wamid, ports)) ? 'sent' : comeAgain(visit);
}

/** The body of the part, or how the visit ends without one. */
async function prepare(
  claimed: ClaimedReply,
  { next, part }: PartWork,
  ports: DeliverOutboundPorts,
): Promise<{ send: MetaSend } | { outcome: OutboundOutcome }> {
  if (next.kind === 'ready') return { send: next.send };
  const { visit } = claimed;
  const { envelope, item } = visit;
  const { numberId, receivedAt } = envelope;
  const { clock, timing } = ports;
  const endAt = visit.deadlineAt - timing.postTimeoutMs - settleReserveMs;
  const deadlineAt = Math.min(clock.now() + timing.mediaDeadlineMs, endAt);
  const request = { numberId, genesysId: item.id, part, receivedAt, attachment: next.attachment, deadlineAt };
  const prepared = await ports.files.prepare(request).catch(async (error: unknown) => {
    await giveBack(claimed, { keepTried: false }, ports);
    throw error;
  });
  if (prepared.state === 'ready') return prepared;
  if (prepared.state === 'refused') {
    ports.telemetry.count('FilesNotSent');
    return { outcome: await giveUp(claimed, prepared, ports) };
  }
  const { failure, by } = prepared;
  if (by === 'whatsapp') visit.report = { failure };
  return { outcome: await meetTrouble(claimed, { failure, effect: 'none', by }, ports) };
}

async function meetRefusal(
  claimed: ClaimedReply,
  target: CustomerTarget,
  { failure, effect }: Extract<SendAnswer, { sent: false }>,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { visit } = claimed;
  ports.telemetry.count(`SendFailures.${failure.kind}`);
  const { code, status } = failure.details;
  const meaning = readMetaError(code === undefined ? undefined : Number(code), status ?? 400);
  // One customer's pace says nothing of WhatsApp as a whole, nor of the others.
  visit.report = meaning.class === 'retry-pair' ? 'delivered' : { failure };
  if (effect === 'unknown') return waitForStatus(claimed, failure, ports);
  if (failure.kind !== 'provider-rejected') return meetTrouble(claimed, { failure, effect }, ports);
  ports.telemetry.problem('reply.refused', failure, idsOf(visit));
  if (meaning.class === 'window') return refuseOutsideWindow(claimed, target, ports);
  return giveUp(claimed, { reason: meaning.reason, detail: code ?? `http-${status ?? 'unknown'}` }, ports);
}

/** Answers false when the claim is not ours any more; whoever has it finds the status of the part. */
export async function noteSent(
  { visit, owner }: ClaimedReply,
  { part, next }: Pick<PartWork, 'part' | 'next'>,
  wamid: string,
  { sending, clock, telemetry }: DeliverOutboundPorts,
): Promise<boolean> {
  const { key, item, envelope } = visit;
  const { snippet } = next;
  const options = next.kind === 'ready' ? next.options : undefined;
  const [noted, remembered] = await Promise.allSettled([
    sending.partSent(key, owner, { part, wamid }),
    sending.rememberSent(envelope.numberId, wamid, {
      genesysId: item.id,
      key,
      part,
      at: clock.now(),
      ...(snippet === '' ? {} : { snippet }),
      ...(options === undefined ? {} : { options }),
    }),
  ]);
  if (noted.status === 'rejected') throw noted.reason;
  // Statuses find their way by the tag; only a quote or a tap may miss it.
  if (remembered.status === 'rejected')
    telemetry.problem('reply.not-remembered', remembered.reason, idsOf(visit));
  return noted.value;
}

/** Every part is with WhatsApp. */
export async function settle(
  { visit, owner, record, recipient }: ClaimedReply,
  parts: number,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { item, key } = visit;
  const { conversationId } = item;
  await ports.ledger.settle(key, owner, {
    customer: recipient.customerId,
    at: ports.clock.now(),
    placeholder: false,
    genesysId: item.id,
    ...(conversationId === undefined ? {} : { conversationId }),
  });
  ports.telemetry.count('RepliesSent');
  const { attempts, ambiguous } = record;
  report('reply.sent', visit, { parts, attempts, ambiguous }, ports);
  return done;
}
