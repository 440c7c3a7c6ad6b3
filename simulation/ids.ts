import type { Randomness } from '../lambdas/core/ports.ts';
import type { Random } from './random.ts';

/** Ids that count up and numbers from the seed, so that a run depends on nothing else. */
export function countIds(random: Random): Randomness {
  let count = 0;
  return {
    nextId: () => {
      count += 1;
      return `id-${count}`;
    },
    next: () => random.next(),
  };
}
