// Reads what people type: strictly, and naming the option in every refusal.
import { parseArgs } from 'node:util';
import type { LedgerStatus } from '../lambdas/core/model/ledger-record.ts';
import { CommandError } from './command-error.ts';

type OptionTypes = Record<string, 'string' | 'boolean'>;
type Values<T extends OptionTypes> = { [K in keyof T]?: T[K] extends 'boolean' ? boolean : string };

/** Options every command takes. */
export const placeOptions = {
  dir: 'string',
  tenant: 'string',
  stage: 'string',
  help: 'boolean',
} as const satisfies OptionTypes;

/** @throws CommandError for anything not understood. */
export function parseOptions<T extends OptionTypes>(args: readonly string[], types: T): Values<T> {
  const options = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }]));
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values as Values<T>;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new CommandError(`${reason}; see --help`);
  }
}

const statuses: readonly LedgerStatus[] = [
  'INFLIGHT',
  'DELIVERED',
  'PARKED',
  'HELD',
  'QUARANTINED',
  'FAILED',
  'EXPIRED',
  'ERASED',
];

/** `FAILED,HELD`, in any case. @throws CommandError */
export function readStatuses(text: string, option: string): LedgerStatus[] {
  return readList(text, option).map((word) => {
    const status = statuses.find((known) => known === word.toUpperCase());
    if (!status) throw new CommandError(`--${option}: '${word}' is none of ${statuses.join(', ')}`);
    return status;
  });
}

/** Comma-separated, nothing empty. @throws CommandError */
export function readList(text: string, option: string): string[] {
  const words = text.split(',').map((word) => word.trim());
  if (words.includes('')) throw new CommandError(`--${option} holds an empty entry: '${text}'`);
  return words;
}

const durations: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `2026-11-20`, `2026-11-20T10:15Z`, or how long ago: `90m`, `6h`, `3d`. Epoch ms. @throws CommandError */
export function readTime(text: string, option: string, now: number): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const duration = durations[unit ?? ''];
  if (count !== undefined && duration !== undefined) return now - Number(count) * duration;
  const isDate = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const at = isDate ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new CommandError(
      `--${option}: '${text}' is no time; give 2026-11-20, 2026-11-20T10:15Z, or how long ago: 90m, 6h, 3d`,
    );
  }
  return at;
}
