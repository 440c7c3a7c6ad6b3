import type { AwsCall } from './local-aws.ts';

const KEPT_CALLS = 200_000;

/** The calls of functions in order of arrival; memory is bounded, the oldest are forgotten first. */
export class CallLog {
  #rows: AwsCall[] = [];
  #lastSeq = 0;
  readonly #kept: number;

  constructor(kept = KEPT_CALLS) {
    this.#kept = kept;
  }

  /** Gives the call the next `seq`. */
  add(call: Omit<AwsCall, 'seq'>): AwsCall {
    this.#lastSeq += 1;
    const row = { seq: this.#lastSeq, ...call };
    this.#rows.push(row);
    // Cut rarely and in bulk: dropping one row per call would move the whole list each time.
    if (this.#rows.length >= this.#kept * 2) this.#rows = this.#rows.slice(-this.#kept);
    return row;
  }

  /** Rows with `seq` above the one given, oldest first. */
  since(seq: number): AwsCall[] {
    const newer = Math.max(0, this.#lastSeq - Math.max(0, seq));
    const count = Math.min(newer, this.#kept, this.#rows.length);
    return count === 0 ? [] : this.#rows.slice(-count);
  }
}
