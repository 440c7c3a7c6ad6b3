// What runs came to, counted apart from the judgement on them: for a desk that knows the message ids it has seen, and
// for one that does not.
import { inboundKey } from '../lambdas/core/model/ledger-record.ts';
import { isNotice } from './desk.ts';
import { isForced, listUnorderedGroups } from './judge-order.ts';
import { numberId } from './settings.ts';
import type { Outcome } from './world.ts';

const counted = [
  'runs',
  'messages',
  'lost',
  'reordered',
  'shownTwiceUnrecorded',
  'shownTwice',
  'ambiguous',
  'forced',
  'failed',
  'expired',
  'held',
  'orderNotAsked',
] as const;

export type DeskFigures = Record<(typeof counted)[number], number>;

export interface Figures {
  knowsIds: DeskFigures;
  doesNot: DeskFigures;
}

function noFigures(): DeskFigures {
  const entries = counted.map((name) => [name, 0] as const);
  return Object.fromEntries(entries) as DeskFigures;
}

export function newFigures(): Figures {
  return { knowsIds: noFigures(), doesNot: noFigures() };
}

export function addFigures(sum: Figures, more: Figures): void {
  for (const desk of ['knowsIds', 'doesNot'] as const)
    for (const name of counted) sum[desk][name] += more[desk][name];
}

/** Adds what one run came to. */
export function countRun(sum: Figures, outcome: Outcome, violations: readonly string[]): void {
  const { scenario, ledger, desk, acknowledged } = outcome;
  const figures = sum[scenario.deskDedups ? 'knowsIds' : 'doesNot'];
  figures.runs += 1;
  const originals = new Map<string, number>();
  const seen = new Set<string>();
  for (const shown of desk.shown) {
    const { messageId, text } = shown;
    if (isForced(shown, outcome)) {
      figures.forced += 1;
      continue;
    }
    seen.add(messageId);
    if (!isNotice(text)) originals.set(messageId, (originals.get(messageId) ?? 0) + 1);
  }
  const recorded = new Set<string>();
  for (const { key, messageId, status, ambiguous } of ledger.records.values()) {
    if (key !== inboundKey(numberId, messageId)) continue;
    recorded.add(messageId);
    figures.messages += 1;
    if (status !== 'HELD' && !seen.has(messageId)) figures.lost += 1;
    const isTwice = (originals.get(messageId) ?? 0) > 1;
    if (isTwice) figures.shownTwice += 1;
    if (isTwice && ambiguous === 0) figures.shownTwiceUnrecorded += 1;
    if (ambiguous > 0) figures.ambiguous += 1;
    if (status === 'FAILED') figures.failed += 1;
    if (status === 'EXPIRED') figures.expired += 1;
    if (status === 'HELD') figures.held += 1;
  }
  for (const id of acknowledged) if (!recorded.has(id)) figures.lost += 1;
  figures.reordered += violations.filter((violation) => violation.startsWith('I2')).length;
  figures.orderNotAsked += listUnorderedGroups(outcome).size;
}

const labels: readonly (readonly [keyof DeskFigures, string])[] = [
  ['runs', 'runs'],
  ['messages', 'messages'],
  ['lost', 'lost'],
  ['reordered', 'customers out of order'],
  ['shownTwiceUnrecorded', 'shown twice, with no record of it'],
  ['shownTwice', 'shown twice'],
  ['ambiguous', 'recorded as ambiguous'],
  ['forced', 'shown again by order of an operator'],
  ['failed', 'failed, with the agent told'],
  ['expired', 'expired, with the agent told'],
  ['held', 'held while the number was suspended'],
  ['orderNotAsked', 'customers whose order is not asked for'],
];

/** The figures as a table. */
export function describeFigures({ knowsIds, doesNot }: Figures): string {
  const line = (label: string, first: string, second: string) =>
    `  ${label.padEnd(40)}${first.padStart(14)}${second.padStart(14)}`;
  return [
    line('a desk that knows repeated message ids', 'yes', 'no'),
    ...labels.map(([name, label]) => line(label, String(knowsIds[name]), String(doesNot[name]))),
  ].join('\n');
}
