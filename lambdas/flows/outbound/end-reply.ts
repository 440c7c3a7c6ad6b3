// How a message that cannot reach the customer ends: first the decision is written down, so that no later visit sends it
// after all; then the desk is told; only then the ledger says FAILED or EXPIRED.
import type { GenesysReason } from '../../core/outbound-ports.ts';
import { genesysReasons } from '../../core/outbound-ports.ts';
import { type ReceiptReason, reasonOfMetaError } from '../../core/policy/receipt-reason.ts';
import { isLongTrouble } from '../../core/policy/redelivery.ts';
import { tellReceipt } from '../tell-receipt.ts';
import type { ClaimedReply, DeliverOutboundPorts, OutboundOutcome } from './outbound-visit.ts';
import { claimReply, comeAgain, finish, giveBack, isOfTheDesk } from './outbound-visit.ts';
import { parkReply } from './park-reply.ts';

/** Why a message ends undelivered: what Genesys is told, and a code of WhatsApp or of ours. */
export interface Verdict {
  reason: GenesysReason;
  detail: string;
}

export const horizonVerdict: Verdict = { reason: 'MessageExpired', detail: 'horizon' };
export const fateUnknown: Verdict = { reason: 'GeneralError', detail: 'fate-unknown' };

/** Gives a message up. @throws BridgeError `store-unavailable` */
export async function giveUp(
  claimed: ClaimedReply,
  verdict: Verdict,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { visit, owner } = claimed;
  const refusal = `${verdict.reason}:${verdict.detail}`;
  await ports.ledger.release(visit.key, owner, { keepTried: false, refusal });
  const next = ports.randomness.nextId();
  const leaseUntil = ports.clock.now() + ports.timing.leaseMs;
  const claim = await claimReply(visit, next, leaseUntil, ports);
  if (claim.state !== 'mine') return comeAgain(visit);
  const { record } = claim;
  const mine = { ...claimed, owner: next, leaseUntil, record };
  if (record.refusal === refusal) return endReply(mine, verdict, ports);
  // Our claim was over before this could be written, and whoever had the message since may have come further with it.
  await giveBack(mine, { keepTried: record.tried === 1 }, ports);
  return comeAgain(visit);
}

/** The verdict of an earlier visit; undefined when there was none. */
export function readVerdict(refusal: string | undefined): Verdict | undefined {
  const [, code = '', detail = ''] = /^(\w+):(.*)$/.exec(refusal ?? '') ?? [];
  const reason = genesysReasons.find((known) => known === code);
  if (reason !== undefined) return { reason, detail };
  return refusal === undefined ? undefined : { reason: 'GeneralError', detail: refusal };
}

/** Tells the desk and ends the message, or has it come again until the desk could be told. */
export async function endReply(
  claimed: ClaimedReply,
  verdict: Verdict,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { visit, record } = claimed;
  const status = verdict.reason === 'MessageExpired' ? 'EXPIRED' : 'FAILED';
  const reason = `${verdict.reason}:${verdict.detail}`;
  if (!isOfTheDesk(visit)) return finish(claimed, status, reason, ports);
  const { item, envelope, key } = visit;
  const told = await tellReceipt(
    {
      key,
      numberId: envelope.numberId,
      genesysId: item.id,
      to: item.to,
      customer: item.to,
      receipt: 'Failed',
      reason: describe(verdict),
      at: ports.clock.now(),
      correlationId: envelope.correlationId,
      attempt: record.attempts,
      deadlineAt: visit.deadlineAt,
    },
    ports.telling,
  );
  if (told.state === 'told') return finish(claimed, status, reason, ports);
  return waitForDesk(claimed, told.delayMs, ports);
}

/** The desk is in trouble or away; what it has to be told waits as a message would. */
async function waitForDesk(
  claimed: ClaimedReply,
  delayMs: number,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { visit, record } = claimed;
  const { clock, timing } = ports;
  const since = record.firstClaimedAt ?? clock.now();
  if (!visit.parked && isLongTrouble(since, clock.now(), delayMs, timing.holdMs))
    return parkReply(claimed, { reason: 'desk-not-told', keepTried: false }, ports);
  await giveBack(claimed, { keepTried: false, reason: 'desk-not-told' }, ports);
  return comeAgain(visit, delayMs, true);
}

const words: Readonly<Record<string, string>> = {
  horizon: 'WhatsApp could not be reached in time',
  'window-closed': 'the customer wrote last more than 24 hours ago',
  'window-closed-invited':
    'the customer wrote last more than 24 hours ago; a template was sent that invites to answer',
  'fate-unknown': 'whether WhatsApp has sent it is unknown; it was not sent again',
  'no-address': 'it is not known how to reach this customer',
  poison: 'the bridge could not handle the message',
  'too-large': 'the file is too large',
  'address-dead': 'the file is not there any more',
  'file-refused': 'the file cannot be sent',
};

/** Codes and our own words, nothing of the conversation. */
function describe({ reason, detail }: Verdict): ReceiptReason {
  if (/^\d{1,9}$/.test(detail)) return { ...reasonOfMetaError(Number(detail)), code: reason };
  const own = Object.hasOwn(words, detail) ? words[detail] : undefined;
  return { code: reason, message: own ?? `the message was not sent: ${detail}` };
}
