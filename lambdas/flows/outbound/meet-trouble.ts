// What a failure that may pass means for the message: short trouble holds the customer's queue, longer trouble sends the
// message to the park, and what came from the park stays there.
import type { BridgeError } from '../../core/errors.ts';
import { readMetaError } from '../../core/policy/meta-errors.ts';
import { isLongTrouble } from '../../core/policy/redelivery.ts';
import { retryDelayMs } from '../../core/policy/retry.ts';
import { giveUp } from './end-reply.ts';
import type { ClaimedReply, DeliverOutboundPorts, OutboundOutcome } from './outbound-visit.ts';
import { comeAgain, giveBack, idsOf } from './outbound-visit.ts';
import { parkReply } from './park-reply.ts';

/** Quirk(meta): after too many messages to one customer the wait is to be 4^n seconds, n from 0. */
const pairBaseMs = 4;
const longestPairPower = 6;

/** @throws BridgeError `store-unavailable` */
export async function meetTrouble(
  claimed: ClaimedReply,
  { failure, by }: { failure: BridgeError; effect: 'none'; by?: 'whatsapp' | 'source' },
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { visit, record } = claimed;
  const { clock, timing } = ports;
  const delayMs = chooseDelay(failure, record.attempts, ports);
  ports.telemetry.problem('reply.delayed', failure, {
    ...idsOf(visit),
    delayMs,
    attempts: record.attempts,
  });
  const since = record.firstClaimedAt ?? clock.now();
  const isLong = isLongTrouble(since, clock.now(), delayMs, timing.holdMs);
  if (by === 'source' && isLong) {
    // An address that is dead for so long stays dead, and everything else the agent writes waits behind it.
    ports.telemetry.count('FilesNotSent');
    return giveUp(claimed, { reason: 'GeneralError', detail: failure.details.code ?? 'file-refused' }, ports);
  }
  // Waiting for WhatsApp's allowance is no trouble of the message, but one customer's pace is.
  const isPace = failure.kind === 'throttled' && !isPairRate(failure);
  if (!visit.parked && !isPace && isLong)
    return parkReply(claimed, { reason: failure.kind, keepTried: false }, ports);
  await giveBack(claimed, { keepTried: false, reason: failure.kind }, ports);
  return comeAgain(visit, delayMs, !isPace);
}

/** A part may have been sent: nobody sends it again, and nothing overtakes it, until a status says more or time is up. */
export async function waitForStatus(
  claimed: ClaimedReply,
  failure: BridgeError,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { visit } = claimed;
  ports.telemetry.count('SendsOfUnknownOutcome');
  ports.telemetry.problem('reply.fate-unknown', failure, idsOf(visit));
  return waitOn(claimed, ports.clock.now(), ports);
}

/** @param triedAt when the send of unknown outcome began, epoch ms */
export async function waitOn(
  claimed: ClaimedReply,
  triedAt: number,
  ports: DeliverOutboundPorts,
): Promise<OutboundOutcome> {
  const { visit, record } = claimed;
  const { clock, timing, outbound } = ports;
  const now = clock.now();
  const leftMs = triedAt + outbound.statusWaitMs - now;
  const pauseMs = Math.min(
    timing.backoffCapMs,
    timing.backoffBaseMs * 2 ** Math.min(record.attempts - 1, 30),
  );
  // Statuses come within seconds as a rule; whoever waits for the end of the time need not look before.
  const delayMs = Math.max(0, Math.min(pauseMs, leftMs));
  if (!visit.parked && isLongTrouble(triedAt, now, delayMs, timing.holdMs))
    return parkReply(claimed, { reason: 'delivery-unknown', keepTried: true }, ports);
  await giveBack(claimed, { keepTried: true, reason: 'delivery-unknown' }, ports);
  // To wait for a status is no attempt: the delays of an outage before it are not its own.
  return comeAgain(visit, delayMs);
}

function chooseDelay(
  failure: BridgeError,
  attempts: number,
  { timing, randomness }: DeliverOutboundPorts,
): number {
  if (!isPairRate(failure)) return retryDelayMs(failure, attempts, timing, randomness.next());
  return 1000 * pairBaseMs ** Math.min(Math.max(attempts - 1, 0), longestPairPower);
}

function isPairRate({ details: { code, status } }: BridgeError): boolean {
  return code !== undefined && readMetaError(Number(code), status ?? 400).class === 'retry-pair';
}
