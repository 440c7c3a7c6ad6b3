// Visits run side by side, but one that may crash the function runs alone: whatever else is under way when it does would
// be counted as having crashed too, and in the end be given up with nothing wrong with it.

export interface Isolation {
  /** Runs beside others, not beside one that runs alone. */
  beside<T>(act: () => Promise<T>): Promise<T>;
  /** Runs while nothing else does. */
  alone<T>(act: () => Promise<T>): Promise<T>;
}

interface Waiting {
  alone: boolean;
  start: () => void;
}

/** First come, first served; one per sandbox. */
export function createIsolation(): Isolation {
  const waiting: Waiting[] = [];
  let running = 0;
  let isAlone = false;

  const admit = (): void => {
    for (let next = waiting[0]; next; next = waiting[0]) {
      if (isAlone || (next.alone && running > 0)) return;
      waiting.shift();
      running += 1;
      isAlone = next.alone;
      next.start();
    }
  };
  const run = async <T>(alone: boolean, act: () => Promise<T>): Promise<T> => {
    await new Promise<void>((start) => {
      waiting.push({ alone, start });
      admit();
    });
    try {
      return await act();
    } finally {
      running -= 1;
      isAlone = false;
      admit();
    }
  };
  return { beside: (act) => run(false, act), alone: (act) => run(true, act) };
}

/** A visit that answers `suspect` when it is not alone and its message was there when a worker crashed. */
export type SuspiciousVisit<T> = (isAlone: boolean) => Promise<T | 'suspect'>;

/** A message that was there when a worker crashed may be why: it is visited again with nothing beside it. */
export async function visitSafely<T>(
  isolation: Isolation,
  visit: SuspiciousVisit<T>,
  ifSuspect: T,
): Promise<T> {
  const outcome = await isolation.beside(() => visit(false));
  return outcome === 'suspect' ? isolation.alone(() => visitAlone(visit, ifSuspect)) : outcome;
}

/** For what is only parked, and crashes nobody. */
export async function visitAlone<T>(visit: SuspiciousVisit<T>, ifSuspect: T): Promise<T> {
  const outcome = await visit(true);
  return outcome === 'suspect' ? ifSuspect : outcome;
}
