// A thread that searches the way back; see threads.ts.
import { parentPort, workerData } from 'node:worker_threads';
import {
  huntOutbound,
  searchDirectedOutbound,
  searchOutboundPairs,
  searchOutboundSeeds,
  searchOutboundSingles,
} from './explore.ts';
import { findOutboundMutant } from './mutants.ts';
import type { OutboundResult, OutboundTask } from './threads.ts';

// Thousands of errors are part of the game; where they come from is asked only of a finding.
Error.stackTraceLimit = 0;

function run({ work, share, mutant: name }: OutboundTask): Promise<OutboundResult> {
  const mutant = name === undefined ? undefined : findOutboundMutant(name);
  const options = { share, ...(mutant === undefined ? {} : { mutant }) };
  switch (work.search) {
    case 'directed':
      return searchDirectedOutbound(options);
    case 'singles':
      return searchOutboundSingles(options);
    case 'pairs':
      return searchOutboundPairs({ ...options, ...work });
    case 'seeds':
      return searchOutboundSeeds({ ...options, ...work });
    case 'hunt':
      if (!mutant) throw new Error('nothing to hunt for');
      return huntOutbound(mutant, work.seeds);
  }
}

parentPort?.postMessage(await run(workerData as OutboundTask));
