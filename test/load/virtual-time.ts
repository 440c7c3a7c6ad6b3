// Time that passes only when nobody has anything left to do, so that ten minutes take a second or two.
import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { Clock, Sleeper } from '../../lambdas/core/ports.ts';

interface Alarm {
  at: number;
  order: number;
  ring(): void;
}

export class VirtualTime implements Clock, Sleeper {
  readonly startedAt: number;
  #now: number;
  #alarms: Alarm[] = [];
  #count = 0;

  constructor(startedAt = Date.UTC(2026, 10, 20, 12)) {
    this.startedAt = startedAt;
    this.#now = startedAt;
  }

  now(): number {
    return this.#now;
  }

  async sleep(delayMs: number, wake?: Promise<unknown>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#count += 1;
    const alarm = { at: this.#now + Math.max(delayMs, 0), order: this.#count, ring: resolve };
    this.#insert(alarm);
    if (wake) {
      const end = () => {
        this.#alarms = this.#alarms.filter((other) => other !== alarm);
        resolve();
      };
      wake.then(end, end);
    }
    await promise;
  }

  /** Runs until `isOver` holds or nothing is left to wait for. */
  async run(isOver: () => boolean): Promise<void> {
    for (;;) {
      await letOthersRun();
      if (isOver()) return;
      const next = this.#alarms.shift();
      if (!next) return;
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
  }

  #insert(alarm: Alarm): void {
    let low = 0;
    let high = this.#alarms.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#alarms[middle];
      if (other && (other.at < alarm.at || (other.at === alarm.at && other.order < alarm.order)))
        low = middle + 1;
      else high = middle;
    }
    this.#alarms.splice(low, 0, alarm);
  }
}
