// How long messages may wait: nothing expires while its way is free, and the trouble of one customer holds up nobody else.
import { inboundKey } from '../lambdas/core/model/ledger-record.ts';
import { overdueGraceMs } from '../lambdas/core/policy/redelivery.ts';
import type { AcceptedMessage } from './acceptance.ts';
import type { Scenario } from './scenario.ts';
import { functionTimeoutMs, numberId, redelivery, startAt, sweepEveryMs, timing } from './settings.ts';
import type { Outcome } from './world.ts';

/** The longest wait of the schedule with its jitter, and then a run that was lost and has to be found. */
const longestBetweenTriesMs =
  1.25 * Math.max(...redelivery.scheduleMs) + overdueGraceMs(redelivery) + sweepEveryMs + functionTimeoutMs;

interface Span {
  fromMs: number;
  untilMs: number;
}

/** The longest stretch of a span in which there is none of the troubles. */
export function longestFreeMs({ fromMs, untilMs }: Span, troubles: readonly Span[]): number {
  let [freeFromMs, longestMs] = [fromMs, 0];
  for (const trouble of troubles.toSorted((a, b) => a.fromMs - b.fromMs)) {
    longestMs = Math.max(longestMs, Math.min(trouble.fromMs, untilMs) - freeFromMs);
    freeFromMs = Math.max(freeFromMs, trouble.untilMs);
  }
  return Math.max(longestMs, untilMs - freeFromMs);
}

/**
 * What expired has met trouble at every try in its time; each fault, and each message that crashes the worker, may spoil
 * one more. What was ended before and replayed is left out: in some of its time nobody tried.
 * @param spoiled tries that may have been spoiled otherwise
 */
export function judgeExpired({ id, customer }: AcceptedMessage, outcome: Outcome, spoiled: number): string[] {
  const { ledger, scenario } = outcome;
  const { outages, breakdowns = [], paced, poison, refused } = scenario;
  const record = ledger.records.get(inboundKey(numberId, id));
  if (record?.status !== 'EXPIRED' || record.replay !== undefined) return [];
  if (poison.includes(id) || refused.includes(id)) return [];
  const own = outages.filter((outage) => outage.customer === undefined || outage.customer === customer);
  const fromMs = record.acceptedAt - startAt;
  const life = { fromMs, untilMs: fromMs + redelivery.horizonMs };
  const freeMs = longestFreeMs(life, [...own, ...breakdowns, ...(paced ? [paced] : [])]);
  if (freeMs <= longestBetweenTriesMs * (1 + spoiled)) return [];
  return [`I1 ${id} expired although its way was free for ${Math.round(freeMs / 60_000)} min`];
}

/**
 * Where nothing is wrong but the desk's answers to single customers, everybody else is served within the time that one
 * request to the desk may take.
 */
export function judgeUndisturbed(order: readonly AcceptedMessage[], { scenario, desk }: Outcome): string[] {
  const { outages, postings } = scenario;
  if (!isOfSingleCustomers(scenario)) return [];
  const inTrouble = new Set(outages.map(({ customer }) => customer));
  return order
    .filter(({ customer }) => !inTrouble.has(customer))
    .flatMap(({ id }) => {
      const writtenMs = Math.min(
        ...postings
          .filter(({ messages }) => messages.some((message) => message.id === id))
          .map(({ atMs }) => atMs),
      );
      const shown = desk.shown.find(({ messageId }) => messageId === id);
      const waitedMs = (shown?.at ?? Number.POSITIVE_INFINITY) - startAt - writtenMs;
      return waitedMs <= timing.postTimeoutMs ? [] : [`I6 ${id} waited ${waitedMs} ms for somebody else`];
    });
}

function isOfSingleCustomers(scenario: Scenario): boolean {
  const { outages, faults, poison, refused, breakdowns = [], replays = [] } = scenario;
  const isCalm = [faults, poison, refused, breakdowns, replays].every((list) => list.length === 0);
  const isOpen = scenario.paced === undefined && scenario.suspendedUntilMs === undefined;
  return isCalm && isOpen && outages.every(({ customer }) => customer !== undefined);
}
