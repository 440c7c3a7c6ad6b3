// What runs of the way back came to, counted apart from the judgement on them.
import { outboundKey } from '../../lambdas/core/model/ledger-record.ts';
import { numberId } from '../settings.ts';
import type { OutboundOutcome } from './world.ts';

const labels = {
  runs: 'runs',
  replies: 'replies accepted',
  sent: 'sent whole',
  lost: 'neither sent whole nor told as failed',
  reordered: 'customers out of order',
  repeated: 'parts posted again that may have been sent',
  told: 'failed or expired, with the agent told',
  unknown: 'of these of unknown fate',
  toldAgain: 'told more than once, and recorded so',
} as const;

export type OutboundFigures = Record<keyof typeof labels, number>;

export function newOutboundFigures(): OutboundFigures {
  return {
    runs: 0,
    replies: 0,
    sent: 0,
    lost: 0,
    reordered: 0,
    repeated: 0,
    told: 0,
    unknown: 0,
    toldAgain: 0,
  };
}

export function addOutboundFigures(sum: OutboundFigures, more: OutboundFigures): void {
  for (const name of namesOf(labels)) sum[name] += more[name];
}

/** Adds what one run came to. */
export function countOutboundRun(
  figures: OutboundFigures,
  { scenario, ledger, genesys, acknowledged }: OutboundOutcome,
  violations: readonly string[],
): void {
  figures.runs += 1;
  for (const { id } of scenario.replies) {
    const record = ledger.records.get(outboundKey(numberId, id));
    if (!record && !acknowledged.has(id)) continue;
    figures.replies += 1;
    const told = genesys.receipts.filter(({ genesysId }) => genesysId === id);
    if (record?.status === 'DELIVERED') figures.sent += 1;
    else if (told.length > 0) figures.told += 1;
    else figures.lost += 1;
    if (record?.reason?.endsWith(':fate-unknown') && record.status !== 'DELIVERED') figures.unknown += 1;
    if (told.length > 1) figures.toldAgain += 1;
  }
  figures.reordered += violations.filter((violation) => violation.startsWith('O2')).length;
  figures.repeated += violations.filter((violation) => violation.startsWith('O3')).length;
}

/** The figures as a table. */
export function describeOutboundFigures(figures: OutboundFigures): string {
  return namesOf(labels)
    .map((name) => `  ${labels[name].padEnd(54)}${String(figures[name]).padStart(14)}`)
    .join('\n');
}

function namesOf<Name extends string>(record: Readonly<Record<Name, unknown>>): Name[] {
  return Object.keys(record) as Name[];
}
