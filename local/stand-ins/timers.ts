// Every wait of the stand-ins (retries, delays, time limits) goes through here, so that closing ends them all
// and tests can shorten them.

/** Source of time; the default is the machine's own. */
export interface Clock {
  nowMs(): number;
  /** Runs the action once after the delay; the returned function cancels it. */
  schedule(delayMs: number, action: () => void): () => void;
}

/** The machine's clock; its timers keep no process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  schedule: (delayMs, action) => {
    const timer = setTimeout(action, delayMs);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The pending waits of one set of stand-ins. */
export class Timers {
  readonly #clock: Clock;
  readonly #pending = new Set<() => void>();
  readonly #closing = new AbortController();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Aborts when the stand-ins close: for work under way that no timer ends. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Runs the action after the delay unless closed by then; the returned function cancels it. */
  start(delayMs: number, action: () => void): () => void {
    if (this.#closing.signal.aborted) return () => {};
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#pending.delete(cancel);
      action();
    });
    this.#pending.add(cancel);
    return () => {
      this.#pending.delete(cancel);
      cancel();
    };
  }

  /** Resolves after the delay; never, if the stand-ins close before. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.start(delayMs, resolve);
    });
  }

  /** Cancels everything pending; nothing starts afterwards. */
  close(): void {
    this.#closing.abort();
    for (const cancel of this.#pending) cancel();
    this.#pending.clear();
  }
}
