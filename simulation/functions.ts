// One run of a function as Lambda makes it: it ends with an answer, an error, its process, or its time.
import type { CallContext, Invocation } from './calls.ts';
import { functionTimeoutMs } from './settings.ts';

/** How a run ended for whoever waited for it. */
export type Ending<T> = { state: 'answered'; answer: T } | { state: 'failed'; error: unknown };

export const crashed = { state: 'failed', error: new Error('the process is gone') } as const;
const timedOut = { state: 'failed', error: new Error('the function took too long') } as const;

/**
 * Runs `act` until it answers, fails, crashes, or its time is over. What was frozen somewhere on its way comes back as a
 * zombie, when nobody waits for it any more.
 */
export function runFunction<T>(
  { time }: Pick<CallContext, 'time'>,
  act: (invocation: Invocation, deadlineAt: number) => Promise<T>,
): Promise<Ending<T>> {
  const deadlineAt = time.now() + functionTimeoutMs;
  return new Promise((resolve) => {
    const invocation: Invocation = { dead: false, frozen: false, onDeath: () => resolve(crashed) };
    time.at(deadlineAt, () => {
      if (!invocation.frozen) invocation.dead = true;
      resolve(timedOut);
    });
    act(invocation, deadlineAt).then(
      (answer) => {
        if (time.now() < deadlineAt) resolve({ state: 'answered', answer });
      },
      (error: unknown) => resolve({ state: 'failed', error }),
    );
  });
}
