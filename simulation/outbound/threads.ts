// Searches the way back in threads, one for each core, each with its share of the runs.
import { Worker } from 'node:worker_threads';
import { threadCount } from '../threads.ts';
import type { OutboundSearch } from './explore.ts';
import { addOutboundFigures, newOutboundFigures } from './figures.ts';

/** What a thread is told to do. */
export type OutboundWork =
  | { search: 'directed' }
  | { search: 'singles' }
  | { search: 'pairs'; first: number; atLeast: number; until?: number }
  | { search: 'seeds'; firstSeed: number; atLeast: number; until?: number }
  | { search: 'hunt'; seeds: number };

export interface OutboundTask {
  work: OutboundWork;
  mutant?: string;
  share: { index: number; of: number };
}

/** `total`: of how many runs the search is a part, where that is known. */
export type OutboundResult = OutboundSearch & { total?: number };

/** One search by all threads; it ends with the first finding of any of them. */
export async function searchOutboundInThreads(work: OutboundWork, mutant?: string): Promise<OutboundResult> {
  const threads: Worker[] = [];
  const sum: OutboundResult = { runs: 0, figures: newOutboundFigures(), finding: undefined };
  const shares = Array.from({ length: threadCount }, (_, index) => ({ index, of: threadCount }));
  await Promise.all(
    shares.map(async (share) => {
      const result = await runThread({ work, share, ...(mutant === undefined ? {} : { mutant }) }, threads);
      if (!result) return;
      sum.runs += result.runs;
      addOutboundFigures(sum.figures, result.figures);
      if (result.total !== undefined) sum.total = result.total;
      if (!result.finding) return;
      sum.finding ??= result.finding;
      await Promise.all(threads.map((thread) => thread.terminate()));
    }),
  );
  return sum;
}

/** Hunts for mutants, each in one thread, in order; as many at a time as there are cores. */
export async function huntOutboundInThreads(
  mutants: readonly string[],
  seeds: number,
  onResult: (mutant: string, result: OutboundResult) => void,
): Promise<void> {
  const waiting = [...mutants];
  const hunts = Array.from({ length: threadCount }, async () => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const work = { search: 'hunt', seeds } as const;
      const result = await runThread({ work, mutant, share: { index: 0, of: 1 } }, []);
      if (result) onResult(mutant, result);
    }
  });
  await Promise.all(hunts);
}

/** Answers undefined when the thread was ended before it had a result. */
function runThread(task: OutboundTask, threads: Worker[]): Promise<OutboundResult | undefined> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./search-thread.ts', import.meta.url), { workerData: task });
    threads.push(thread);
    thread.on('message', (result: OutboundResult) => resolve(result));
    thread.on('error', reject);
    thread.on('exit', () => resolve(undefined));
  });
}
