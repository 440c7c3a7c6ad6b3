// A thread that searches; see threads.ts.
import { parentPort, workerData } from 'node:worker_threads';
import { hunt, searchPairs, searchSeeds, searchSingles } from './explore.ts';
import { findMutant } from './mutants.ts';
import type { ThreadReport, ThreadResult, ThreadTask } from './threads.ts';

// Thousands of errors are part of the game; where they come from is asked only of a finding.
Error.stackTraceLimit = 0;

const report = (message: ThreadReport): void => parentPort?.postMessage(message);

function run({ work, share, mutant: name }: ThreadTask): Promise<ThreadResult> {
  const mutant = name === undefined ? undefined : findMutant(name);
  const options = {
    share,
    onProgress: (runs: number) => report({ runs }),
    ...(mutant === undefined ? {} : { mutant }),
  };
  switch (work.search) {
    case 'singles':
      return searchSingles(options);
    case 'pairs':
      return searchPairs({ ...options, ...work });
    case 'seeds':
      return searchSeeds({ ...options, ...work });
    case 'hunt':
      if (!mutant) throw new Error('nothing to hunt for');
      return hunt(mutant, work.seeds);
  }
}

report({ result: await run(workerData as ThreadTask) });
