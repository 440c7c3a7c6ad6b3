// Searches in threads, one for each core: each does its share of the runs, and which runs those are depends on nothing
// but the number of threads. What is found plays the same way anywhere.
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Search } from './explore.ts';
import { addFigures, newFigures } from './figures.ts';

/** What a thread is told to do. */
export type ThreadWork =
  | { search: 'singles' }
  | { search: 'pairs'; first: number; atLeast: number; until?: number }
  | { search: 'seeds'; firstSeed: number; atLeast: number; until?: number }
  | { search: 'hunt'; seeds: number };

export interface ThreadTask {
  work: ThreadWork;
  mutant?: string;
  share: { index: number; of: number };
}

/** `total`: of how many runs the search is a part, where that is known. */
export type ThreadResult = Search & { total?: number };

export type ThreadReport = { runs: number } | { result: ThreadResult };

const youngGenerationMb = 64;

export const threadCount = availableParallelism();

/** One search by all threads; it ends with the first finding of any of them. */
export async function searchInThreads(
  work: ThreadWork,
  mutant?: string,
  onProgress?: (runs: number) => void,
): Promise<ThreadResult> {
  const runs = Array.from({ length: threadCount }, () => 0);
  const threads: Worker[] = [];
  const sum: ThreadResult = { runs: 0, figures: newFigures(), finding: undefined };
  await Promise.all(
    runs.map(async (_none, index) => {
      const task = { work, share: { index, of: threadCount }, ...(mutant === undefined ? {} : { mutant }) };
      const result = await runThread(task, threads, (count) => {
        runs[index] = count;
        onProgress?.(runs.reduce((a, b) => a + b));
      });
      if (!result) return;
      sum.runs += result.runs;
      addFigures(sum.figures, result.figures);
      if (result.total !== undefined) sum.total = result.total;
      if (!result.finding) return;
      sum.finding ??= result.finding;
      await Promise.all(threads.map((thread) => thread.terminate()));
    }),
  );
  return sum;
}

/** Hunts for mutants, each in one thread, in order; as many at a time as there are cores. */
export async function huntInThreads(
  mutants: readonly string[],
  seeds: number,
  onResult: (mutant: string, result: ThreadResult) => void,
): Promise<void> {
  const waiting = [...mutants];
  const hunts = Array.from({ length: threadCount }, async () => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const task = { work: { search: 'hunt', seeds } as const, mutant, share: { index: 0, of: 1 } };
      const result = await runThread(task, []);
      if (result) onResult(mutant, result);
    }
  });
  await Promise.all(hunts);
}

/** Answers undefined when the thread was ended before it had a result. */
function runThread(
  task: ThreadTask,
  threads: Worker[],
  onRuns: (runs: number) => void = () => undefined,
): Promise<ThreadResult | undefined> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./search-thread.ts', import.meta.url), {
      workerData: task,
      resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
    });
    threads.push(thread);
    thread.on('message', (report: ThreadReport) => {
      if ('runs' in report) onRuns(report.runs);
      else resolve(report.result);
    });
    thread.on('error', reject);
    thread.on('exit', () => resolve(undefined));
  });
}
