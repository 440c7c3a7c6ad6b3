// What can go wrong at one call to the outside, and the plan that says at which calls it does.

/**
 * `error`: fails without effect. `lost`: takes effect, the answer is lost, and the client repeats it. `lost-for-good`:
 * takes effect, and the caller gets an error. `crash-before`, `crash-after`: the invocation dies around the effect.
 * `freeze`: the call hangs past lease and visibility, then goes through, in an invocation everybody has given up.
 * `echo`: takes effect, and once more, when the client's repetition arrives as late as that.
 */
export const faultModes = [
  'error',
  'lost',
  'lost-for-good',
  'crash-before',
  'crash-after',
  'freeze',
  'echo',
] as const;
export type FaultMode = (typeof faultModes)[number];

/** The `nth` call (from 1) of this operation meets this fault. */
export interface Fault {
  operation: string;
  nth: number;
  mode: FaultMode;
  /** How late a `freeze` or an `echo` comes. */
  lateMs?: number;
}

export class FaultPlan {
  readonly #byOperation = new Map<string, Fault[]>();
  readonly #counts = new Map<string, number>();
  /** Every call of the run, for enumerating faults. */
  readonly calls: { operation: string; nth: number }[] = [];

  constructor(faults: readonly Fault[]) {
    for (const fault of faults) {
      const planned = this.#byOperation.get(fault.operation) ?? [];
      this.#byOperation.set(fault.operation, [...planned, fault]);
    }
  }

  next(operation: string): Fault | undefined {
    const nth = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, nth);
    this.calls.push({ operation, nth });
    return this.#byOperation.get(operation)?.findLast((fault) => fault.nth === nth);
  }
}
