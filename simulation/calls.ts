// One call from an invocation to the outside: it takes time, may meet a fault, and ends with its invocation.
import { BridgeError } from '../lambdas/core/errors.ts';
import type { FaultPlan } from './faults.ts';
import type { Random } from './random.ts';
import type { VirtualTime } from './virtual-time.ts';

/** One run of a function. `dead`: its process is gone, nothing of it goes on. `frozen`: nobody waits for it any more. */
export interface Invocation {
  dead: boolean;
  frozen: boolean;
  onDeath: () => void;
}

export interface CallContext {
  time: VirtualTime;
  random: Random;
  plan: FaultPlan;
  trace: (line: string) => void;
  /** Whether a store is out of order now. */
  isDown: (operation: string) => boolean;
}

/** Longer than lease and visibility together. */
const longLateMs = 400_000;

const never = new Promise<never>(() => {});

/**
 * @param apply the effect; called once more when the client repeats a call whose answer was lost, as AWS clients do
 * and `neverRepeated` ones do not.
 */
export async function call<T>(
  { time, random, plan, trace, isDown }: CallContext,
  invocation: Invocation,
  operation: string,
  apply: () => T | Promise<T>,
  { neverRepeated = false } = {},
): Promise<T> {
  const { mode, lateMs = longLateMs } = plan.next(operation) ?? {};
  if (mode) trace(`${operation} meets ${mode}`);
  await time.sleep(random.between(1, 30));
  if (invocation.dead) return never;
  if (mode === 'crash-before') return die(invocation);
  if (mode === 'error' || isDown(operation)) throw unavailable(operation);
  if (mode === 'freeze') {
    invocation.frozen = true;
    await time.sleep(lateMs);
  }
  let result = await apply();
  trace(operation);
  if (mode === 'crash-after') return die(invocation);
  if (mode === 'lost-for-good' || (mode === 'lost' && neverRepeated)) throw unavailable(operation);
  if (mode === 'echo' && !neverRepeated) {
    invocation.frozen = true;
    await time.sleep(lateMs);
    result = await apply();
    trace(`${operation} once more`);
  }
  if (mode === 'lost') {
    await time.sleep(random.between(100, 400));
    if (invocation.dead) return never;
    result = await apply();
  }
  await time.sleep(random.between(1, 30));
  return invocation.dead ? never : result;
}

function die(invocation: Invocation): Promise<never> {
  invocation.dead = true;
  invocation.onDeath();
  return never;
}

function unavailable(operation: string): BridgeError {
  return new BridgeError('store-unavailable', `${operation} failed`);
}
