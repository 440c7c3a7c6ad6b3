// Runs a replay through its state machine and reads how far it is from the files it leaves in the archive.
import { setTimeout as sleep } from 'node:timers/promises';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { createS3Client, createSfnClient } from '../lambdas/adapters/aws/clients.ts';
import { createDynamoClient } from '../lambdas/adapters/aws/dynamo-client.ts';
import { createDynamoLedgerSearch } from '../lambdas/adapters/aws/dynamo-ledger-search.ts';
import { createS3Archive } from '../lambdas/adapters/aws/s3-archive.ts';
import { BridgeError } from '../lambdas/core/errors.ts';
import type { LedgerStatus } from '../lambdas/core/model/ledger-record.ts';
import { forcedKey } from '../lambdas/core/model/ledger-record.ts';
import type { PlannedCall, ReplayOrder, ReplayResult } from '../lambdas/core/model/replay.ts';
import type { Archive } from '../lambdas/core/ports.ts';
import type { LedgerSearch } from '../lambdas/core/replay-ports.ts';
import type { ReplaySummary, StoredPlan, StoredResults } from '../lambdas/flows/replay/run-replay.ts';
import { replayFiles } from '../lambdas/flows/replay/run-replay.ts';
import { CommandError, exitCodes } from './command-error.ts';
import type { Connection } from './connect.ts';

export interface ReplayEnd {
  order: ReplayOrder;
  summary: ReplaySummary;
  results: ReplayResult[];
  failures: ReplayResult[];
  calls: PlannedCall[];
  unknown: string[];
}

export interface ReplayClient {
  /** Starts the replay and waits for its end. @throws CommandError when it is given up */
  run(
    order: ReplayOrder,
    onProgress: (label: string, done: number, total: number) => void,
  ): Promise<ReplayEnd>;
  /** Watches the ledger until every message has come to an end, or nothing moves for a while. */
  untilDelivered(
    end: ReplayEnd,
    onProgress: (done: number, total: number) => void,
  ): Promise<{ byStatus: Partial<Record<LedgerStatus, number>>; undelivered: number }>;
}

const pollMs = 500;
const putDeadlineMs = 10_000;
/** Patience while no message moves; the redelivery goes on without us. */
const stillMs = 30_000;
const moving: ReadonlySet<LedgerStatus> = new Set(['INFLIGHT', 'PARKED']);

export function createReplayClient(connection: Connection): ReplayClient {
  const archive = createS3Archive(createS3Client(), connection.archiveBucket);
  const ledger = createDynamoLedgerSearch(createDynamoClient(), connection.ledgerTable);
  const machine = createSfnClient();
  return {
    async run(order, onProgress) {
      const executionArn = await start(order, { archive, machine, connection });
      await watch(order.number, executionArn, { archive, machine, onProgress });
      return readEnd(order, archive);
    },
    untilDelivered: (end, onProgress) => untilDelivered(end, ledger, onProgress),
  };
}

async function start(
  order: ReplayOrder,
  { archive, machine, connection }: { archive: Archive; machine: SFNClient; connection: Connection },
): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(order));
  try {
    await archive.put(replayFiles.order(order.number), bytes, 'application/json', putDeadlineMs);
    const { executionArn = '' } = await machine.send(
      new StartExecutionCommand({
        stateMachineArn: connection.replayMachineArn,
        name: order.number,
        input: JSON.stringify({ task: 'plan', number: order.number }),
      }),
    );
    return executionArn;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`the replay could not be started: ${reason}`, exitCodes.unreachable);
  }
}

async function watch(
  number: string,
  executionArn: string,
  {
    archive,
    machine,
    onProgress,
  }: {
    archive: Archive;
    machine: SFNClient;
    onProgress: (label: string, done: number, total: number) => void;
  },
): Promise<void> {
  let plan: StoredPlan | undefined;
  let doneChunks = 0;
  for (;;) {
    const { status, cause } = await machine.send(new DescribeExecutionCommand({ executionArn }));
    plan ??= await readIfThere<StoredPlan>(replayFiles.plan(number), archive);
    if (plan) {
      while (doneChunks < plan.chunks && (await readIfThere(replayFiles.done(number, doneChunks), archive)))
        doneChunks += 1;
      if (plan.chunks > 0) onProgress('prepared', doneChunks, plan.chunks);
    }
    if (status === 'SUCCEEDED') return;
    if (status !== 'RUNNING') {
      throw new CommandError(
        `the replay ${number} ${status?.toLowerCase()}: ${readCause(cause)}`,
        exitCodes.unfinished,
      );
    }
    await sleep(pollMs);
  }
}

/** The words of the function that failed, out of the JSON that Step Functions wraps them in. */
function readCause(cause = 'no reason given'): string {
  try {
    const { errorMessage } = JSON.parse(cause) as { errorMessage?: string };
    return errorMessage ?? cause;
  } catch {
    return cause;
  }
}

async function readEnd(order: ReplayOrder, archive: Archive): Promise<ReplayEnd> {
  const { number } = order;
  const summary = await read<ReplaySummary>(replayFiles.summary(number), archive);
  const plan = await read<StoredPlan>(replayFiles.plan(number), archive);
  const chunks = await Promise.all(
    Array.from({ length: plan.chunks }, (_, chunk) =>
      readIfThere<StoredResults>(replayFiles.done(number, chunk), archive),
    ),
  );
  const done = chunks.filter((chunk) => chunk !== undefined);
  const results = done.flatMap((chunk) => chunk.results);
  return {
    order,
    summary,
    results,
    failures: results.filter(({ outcome }) => outcome === 'failed'),
    calls: done.flatMap(({ calls }) => calls),
    unknown: plan.unknown,
  };
}

async function untilDelivered(
  { order, results }: ReplayEnd,
  ledger: LedgerSearch,
  onProgress: (done: number, total: number) => void,
): Promise<{ byStatus: Partial<Record<LedgerStatus, number>>; undelivered: number }> {
  const keys = results
    .filter(({ outcome }) => outcome !== 'left-alone' && outcome !== 'failed')
    .map(({ key, verdict }) => (verdict === 'deliver-again' ? forcedKey(key, order.number) : key));
  let [ended, movedAt] = [-1, Date.now()];
  for (;;) {
    const records = await ledger.readMany(keys);
    const isOurs = (replay?: string) => replay === undefined || replay >= order.number;
    const done = records.filter(({ status, replay }) => !moving.has(status) && isOurs(replay));
    // What ended undelivered before counts only after this replay has taken it up.
    const isTakenUp = new Map(records.map(({ key, replay }) => [key, replay === order.number]));
    const finished = done.filter(
      ({ key, status }) => status === 'DELIVERED' || isTakenUp.get(key) || key.includes('#FORCED#'),
    );
    if (finished.length !== ended) [ended, movedAt] = [finished.length, Date.now()];
    onProgress(finished.length, keys.length);
    if (finished.length >= keys.length || Date.now() - movedAt > stillMs) {
      const byStatus = Object.fromEntries(
        [...Map.groupBy(records, ({ status }) => status)].map(([status, list]) => [status, list.length]),
      );
      return {
        byStatus,
        undelivered: keys.length - records.filter(({ status }) => status === 'DELIVERED').length,
      };
    }
    await sleep(pollMs);
  }
}

async function read<T>(key: string, archive: Archive): Promise<T> {
  return JSON.parse(new TextDecoder().decode(await archive.get(key))) as T;
}

async function readIfThere<T>(key: string, archive: Archive): Promise<T | undefined> {
  try {
    return await read<T>(key, archive);
  } catch (error) {
    if (error instanceof BridgeError && error.details.code === 'NoSuchKey') return undefined;
    throw error;
  }
}
