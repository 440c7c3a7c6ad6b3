// The three tasks of the replay state machine: plan, then chunk by chunk, then summary. What they hand to each other
// lies in the archive under `replays/<number>/`, so that nothing that names a person passes through an execution.
import { BridgeError } from '../../core/errors.ts';
import type {
  PlannedCall,
  ReplayItem,
  ReplayOrder,
  ReplayResult,
  ReplayVerdict,
} from '../../core/model/replay.ts';
import type { Archive } from '../../core/ports.ts';
import type { RawItem } from '../../core/replay-ports.ts';
import { type CarryOutReplayPorts, carryOutReplay } from './carry-out-replay.ts';
import { type PlanReplayPorts, planReplay, type ReplayPlan } from './plan-replay.ts';
import { readRawIfThere } from './read-raw-webhook.ts';

export interface RunReplayPorts extends CarryOutReplayPorts, Omit<PlanReplayPorts, 'archive'> {
  archive: Archive;
  /** The calls that one message would cause. */
  preview(raw: RawItem, verdict: ReplayVerdict, order: ReplayOrder): Promise<PlannedCall[]>;
}

export type ReplayTask =
  | { task: 'plan'; number: string }
  | { task: 'chunk'; number: string; chunk: number }
  | { task: 'summary'; number: string };

/** What the state machine is told: numbers only. */
export type ReplayTaskAnswer =
  | { number: string; messages: number; chunks: { task: 'chunk'; number: string; chunk: number }[] }
  | { chunk: number; done: number }
  | ReplaySummary;

export interface ReplayProgress {
  messages: number;
  chunks: number;
  byVerdict: Partial<Record<ReplayVerdict, number>>;
  unknownIds: number;
}

export interface ReplaySummary {
  number: string;
  messages: number;
  byVerdict: Partial<Record<ReplayVerdict, number>>;
  byOutcome: Partial<Record<ReplayResult['outcome'], number>>;
  /** Chunks that were given up; their messages are where they were. */
  chunksFailed: number;
  unknownIds: number;
}

/** Keys of the files of a replay; the command line reads and writes them too. */
export const replayFiles = {
  order: (number: string) => `replays/${number}/order.json`,
  plan: (number: string) => `replays/${number}/plan.json`,
  chunk: (number: string, chunk: number) => `replays/${number}/chunk-${chunk}.json`,
  done: (number: string, chunk: number) => `replays/${number}/done-${chunk}.json`,
  summary: (number: string) => `replays/${number}/summary.json`,
};

export interface StoredPlan extends ReplayProgress {
  unknown: string[];
}
export interface StoredResults {
  results: ReplayResult[];
  /** Of a dry run. */
  calls: PlannedCall[];
}

const putDeadlineMs = 10_000;

/** An order that cannot be carried out however often it is tried; the state machine knows it by its name. */
export class ReplayRefused extends Error {
  override readonly name = 'ReplayRefused';
}

/** @throws ReplayRefused for an order that cannot be carried out; BridgeError `store-unavailable` */
export async function runReplayTask(task: ReplayTask, ports: RunReplayPorts): Promise<ReplayTaskAnswer> {
  switch (task.task) {
    case 'plan':
      return plan(task.number, ports);
    case 'chunk':
      return runChunk(task.number, task.chunk, ports);
    case 'summary':
      return summarise(task.number, ports);
  }
}

async function plan(number: string, ports: RunReplayPorts): Promise<ReplayTaskAnswer> {
  const order = await read<ReplayOrder>(replayFiles.order(number), ports);
  const { chunks, unknownIds } = await planOrRefuse(order, ports);
  const items = chunks.flat();
  await Promise.all(
    chunks.map((chunk, index) => write(replayFiles.chunk(number, index), { items: chunk }, ports)),
  );
  const stored: StoredPlan = {
    messages: items.length,
    chunks: chunks.length,
    byVerdict: countBy(items, ({ verdict }) => verdict),
    unknownIds: unknownIds.length,
    unknown: unknownIds,
  };
  await write(replayFiles.plan(number), stored, ports);
  // Who gave the order, and why, stands in the order itself: a log names nobody.
  const { forced, dryRun } = order;
  ports.telemetry.event('replay.planned', {
    number,
    messages: items.length,
    forced: forced !== undefined,
    dryRun,
  });
  return {
    number,
    messages: items.length,
    chunks: chunks.map((_chunk, chunk) => ({ task: 'chunk' as const, number, chunk })),
  };
}

async function planOrRefuse(order: ReplayOrder, ports: RunReplayPorts): Promise<ReplayPlan> {
  try {
    return await planReplay(order, ports);
  } catch (error) {
    if (error instanceof BridgeError && error.kind === 'payload-malformed')
      throw new ReplayRefused(error.message, { cause: error });
    throw error;
  }
}

async function runChunk(number: string, chunk: number, ports: RunReplayPorts): Promise<ReplayTaskAnswer> {
  const order = await read<ReplayOrder>(replayFiles.order(number), ports);
  const { items } = await read<{ items: ReplayItem[] }>(replayFiles.chunk(number, chunk), ports);
  const stored: StoredResults = order.dryRun
    ? await previewChunk(items, order, ports)
    : { results: await carryOutReplay(items, order, ports), calls: [] };
  await write(replayFiles.done(number, chunk), stored, ports);
  return { chunk, done: stored.results.length };
}

async function previewChunk(
  items: readonly ReplayItem[],
  order: ReplayOrder,
  ports: RunReplayPorts,
): Promise<StoredResults> {
  const calls: PlannedCall[] = [];
  const results: ReplayResult[] = [];
  for (const item of items) {
    const { id, verdict, rawKey, key } = item;
    const result = { id, key, verdict };
    const isCalled =
      verdict === 'redeliver' || verdict === 'deliver-again' || verdict === 'deliver-first-time';
    const raws = isCalled ? await readRawIfThere(rawKey, ports) : [];
    const raw = raws.find((candidate) => candidate.key === key);
    if (raw) calls.push(...(await ports.preview(raw, verdict, order)));
    const isMissing = isCalled && !raw;
    results.push({ ...result, outcome: 'left-alone', ...(isMissing ? { reason: 'not-in-archive' } : {}) });
  }
  return { results, calls };
}

async function summarise(number: string, ports: RunReplayPorts): Promise<ReplaySummary> {
  const { messages, chunks, byVerdict, unknownIds } = await read<StoredPlan>(replayFiles.plan(number), ports);
  const results: ReplayResult[] = [];
  let chunksFailed = 0;
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const done = await readIfThere<StoredResults>(replayFiles.done(number, chunk), ports);
    if (done) results.push(...done.results);
    else chunksFailed += 1;
  }
  const byOutcome = countBy(results, ({ outcome }) => outcome);
  const summary: ReplaySummary = { number, messages, byVerdict, byOutcome, chunksFailed, unknownIds };
  await write(replayFiles.summary(number), summary, ports);
  const failed = (byOutcome.failed ?? 0) + chunksFailed;
  ports.telemetry.count('ReplayFailures', failed);
  ports.telemetry.event('replay.ended', { number, messages, failed, unknownIds });
  return summary;
}

function countBy<T, K extends string>(
  values: readonly T[],
  keyOf: (value: T) => K,
): Partial<Record<K, number>> {
  const counts: Partial<Record<K, number>> = {};
  for (const value of values) counts[keyOf(value)] = (counts[keyOf(value)] ?? 0) + 1;
  return counts;
}

async function write(
  key: string,
  value: unknown,
  { archive }: Pick<RunReplayPorts, 'archive'>,
): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  await archive.put(key, bytes, 'application/json', putDeadlineMs);
}

async function read<T>(key: string, { archive }: Pick<RunReplayPorts, 'archive'>): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await archive.get(key))) as T;
}

/** A chunk whose task was given up has left no results. */
async function readIfThere<T>(key: string, ports: Pick<RunReplayPorts, 'archive'>): Promise<T | undefined> {
  try {
    return await read<T>(key, ports);
  } catch (error) {
    if (error instanceof BridgeError && error.details.code === 'NoSuchKey') return undefined;
    throw error;
  }
}
