// The log lines by which workers say what they have done.
import { callJson, type LocalRun, waitFor } from './local-run.ts';

interface LogLine {
  event?: string;
  durationMs?: number;
}

interface LogRow {
  seq: number;
  line: LogLine | string;
}

/** Number of the newest log line. */
export async function findLastLine({ control }: LocalRun): Promise<number> {
  const rows = await callJson<LogRow[]>('GET', `${control}/_logs?since=0`);
  return rows.at(-1)?.seq ?? 0;
}

/** Waits until an event was logged `count` times after the line `since`. @throws Error */
export function waitForLines(
  run: LocalRun,
  event: string,
  { since, count }: { since: number; count: number },
): Promise<LogLine[]> {
  return waitFor(`${count} times ${event}`, async () => {
    const rows = await callJson<LogRow[]>('GET', `${run.control}/_logs?since=${since}`);
    const lines = rows.flatMap(({ line }) =>
      typeof line === 'object' && line.event === event ? [line] : [],
    );
    return lines.length >= count ? lines : undefined;
  });
}

/** Waits until `count` messages are delivered after the log line `since`; answers how long each took. @throws Error */
export async function waitForDelivered(run: LocalRun, since: number, count: number): Promise<number[]> {
  const lines = await waitForLines(run, 'message.delivered', { since, count });
  return lines.map(({ durationMs }) => durationMs ?? Number.NaN);
}
