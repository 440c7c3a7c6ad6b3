// The log lines by which the worker says that a message is delivered and settled.
import { callJson, type LocalRun, waitFor } from './local-run.ts';

interface LogRow {
  seq: number;
  line: { event?: string; durationMs?: number } | string;
}

/** Number of the newest log line. */
export async function findLastLine({ control }: LocalRun): Promise<number> {
  const rows = await callJson<LogRow[]>('GET', `${control}/_logs?since=0`);
  return rows.at(-1)?.seq ?? 0;
}

/** Waits until `count` messages are delivered after the log line `since`; answers how long each took. @throws Error */
export function waitForDelivered(run: LocalRun, since: number, count: number): Promise<number[]> {
  return waitFor(`${count} delivered messages`, async () => {
    const rows = await callJson<LogRow[]>('GET', `${run.control}/_logs?since=${since}`);
    const durations = rows.flatMap(({ line }) =>
      typeof line === 'object' && line.event === 'message.delivered' ? [line.durationMs ?? Number.NaN] : [],
    );
    return durations.length >= count ? durations : undefined;
  });
}
