// How one message reaches the agent, whether it comes from the queue or from the park:
// 1. enter the desk's gate; 2. claim the message and touch the customer's profile, side by side;
// 3. stop at duplicates, unknown numbers and identity conflicts, each with its visible end; stop at the closed fence;
// 4. fetch media and look up quotes; 5. check that the lease outlives the POST, then POST once;
// 6. settle, or give the claim back and hold the customer's queue; when that has lasted too long, park the message.
// Steps 2 and 3 are in visit-item.ts and pass-fence.ts, 4 to 6 in deliver-claimed.ts.
// The protocol and its reasons: docs/adr/0003-claim-protocol.md, docs/adr/0026-fence-and-park.md.
import { toEchoContent } from '../core/convert/meta/echo-content.ts';
import { toAgentContent } from '../core/convert/meta/from-meta.ts';
import type { ShownContent } from '../core/model/agent-content.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import { acceptanceOrder, forcedKey, inboundKey } from '../core/model/ledger-record.ts';
import type { ParkedItem } from '../core/model/parked-item.ts';
import { defaultCustomerId } from '../core/policy/identity.ts';
import { hasFewReceivesLeft, isLongTrouble } from '../core/policy/redelivery.ts';
import { endUnshown, isEchoToNobody, noContent, reportUnshownEcho } from './end-unshown.ts';
import type { SuspiciousVisit } from './isolation.ts';
import { visitAlone, visitSafely } from './isolation.ts';
import { needsPreparation } from './prepare-content.ts';
import type { DeliverItemPorts, ItemOutcome, ParkReason, Visit } from './visit.ts';
import { comeAgain, done, hasTime, settleReserveMs } from './visit.ts';
import { visitItem } from './visit-item.ts';

/** What makes an item of the queue go to the park without being tried. */
export interface ParkAtOnce {
  reason: ParkReason;
  /** The customer behind whose fence an earlier item of the same record was parked. */
  behind?: CustomerProfile;
}

/** Visits an item of a queue record. @throws BridgeError `store-unavailable` when its fate could not be written. */
export async function deliverItem(
  item: InboundItem,
  index: number,
  envelope: InboundEnvelope,
  record: { sequenceNumber: string; receiveCount: number; deadlineAt: number },
  ports: DeliverItemPorts,
  parkAtOnce?: ParkAtOnce,
): Promise<ItemOutcome> {
  const content = toContent(item, ports);
  if (content.kind === 'ignored') {
    ports.telemetry.count('MessagesIgnored');
    return done;
  }
  const known = item.kind === 'echo' ? await ports.customers.peek(item, envelope) : parkAtOnce?.behind;
  if (isEchoToNobody(item, known)) {
    reportUnshownEcho(item, envelope, ports);
    return done;
  }
  const fewLeft = hasFewReceivesLeft(record.receiveCount) ? 'few-receives' : undefined;
  const parkReason = parkAtOnce?.reason ?? fewLeft;
  const visit: Visit = {
    ...newVisit(item, envelope, content, ports),
    ...(known === undefined ? {} : { known }),
    ...(parkReason === undefined ? {} : { parkReason }),
    key: keyOf(item, envelope),
    sequence: acceptanceOrder(record.sequenceNumber, index),
    receiveCount: record.receiveCount,
    deadlineAt: record.deadlineAt,
  };
  return parkReason === undefined
    ? enterGate(visit, ports)
    : visitAlone(visitOf(visit, ports), comeAgain(visit));
}

/** Visits an item of the park. @throws BridgeError `store-unavailable` when its fate could not be written. */
export async function deliverParked(
  parked: ParkedItem,
  envelope: InboundEnvelope,
  item: InboundItem,
  { deadlineAt, expired }: { deadlineAt: number; expired: boolean },
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const content = toContent(item, ports);
  const known = item.kind === 'echo' ? await ports.customers.peek(item, envelope) : undefined;
  const isIgnored = content.kind === 'ignored';
  const visit: Visit = {
    ...newVisit(item, envelope, isIgnored ? noContent : content, ports),
    ...(known === undefined ? {} : { known }),
    parked,
    expired,
    key: parked.key,
    sequence: parked.sequence,
    receiveCount: 0,
    deadlineAt,
  };
  // What one release parks another may know nothing to show of.
  if (isIgnored) return endUnshown(visit, 'nothing-to-show', ports);
  if (isEchoToNobody(item, known)) return endUnshown(visit, 'no-conversation', ports);
  return enterGate(visit, ports);
}

/** What an operator forces has a record of its own: the first delivery keeps the one it has. */
function keyOf({ id }: InboundItem, { numberId, replay }: InboundEnvelope): string {
  const key = inboundKey(numberId, id);
  return replay?.forced === undefined ? key : forcedKey(key, replay.number);
}

function toContent({ kind, message }: InboundItem, { phrases }: DeliverItemPorts) {
  return (kind === 'echo' ? toEchoContent : toAgentContent)(message, phrases);
}

function newVisit(
  item: InboundItem,
  envelope: InboundEnvelope,
  content: ShownContent,
  { clock }: DeliverItemPorts,
): Pick<Visit, 'item' | 'envelope' | 'content' | 'slow' | 'startedAt' | 'report'> {
  const slow = needsPreparation(content);
  return { item, envelope, content, slow, startedAt: clock.now(), report: 'unused' };
}

/** Nothing is claimed before there is time for it and the desk's gate is open. */
async function enterGate(visit: Visit, ports: DeliverItemPorts): Promise<ItemOutcome> {
  const { item, envelope, deadlineAt, parked } = visit;
  const { timing, numbers, clock } = ports;
  const needMs = timing.postTimeoutMs + settleReserveMs + (visit.slow ? timing.mediaDeadlineMs : 0);
  if (!hasTime(visit, needMs, ports)) return comeAgain(visit);

  const { numberId } = envelope;
  const number = numbers.get(numberId);
  const visitNow = () => visitSafely(ports.isolation, visitOf(visit, ports), comeAgain(visit));
  if (number === undefined || number.suspended) return visitNow();
  const customerKey = `${numberId}#${defaultCustomerId(item) ?? ''}`;
  const gateVisit = { numberId, customerKey, deadlineAt: deadlineAt - needMs };
  const place = await ports.gate.enter(gateVisit);
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
    await ports.gate.leave(visit.report, gateVisit);
  }
}

function visitOf(visit: Visit, ports: DeliverItemPorts): SuspiciousVisit<ItemOutcome> {
  const number = ports.numbers.get(visit.envelope.numberId);
  return (isAlone) => visitItem(visit, number, isAlone, ports);
}
