// A clock that jumps from event to event. Between two events all promises settle, so a run depends on nothing but its
// seed.
import type { Clock } from '../lambdas/core/ports.ts';

interface TimedEvent {
  at: number;
  order: number;
  act: () => void;
}

export class VirtualTime implements Clock {
  #now: number;
  #order = 0;
  /** Binary heap by time, then by order of entry. */
  readonly #heap: TimedEvent[] = [];

  constructor(startAt: number) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  at(at: number, act: () => void): void {
    this.#order += 1;
    this.#push({ at: Math.max(at, this.#now), order: this.#order, act });
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.#now + ms, resolve));
  }

  /** Runs until nothing is left to happen. @throws Error when that is not so by `until`: the run does not quiesce. */
  async run(until: number): Promise<void> {
    await Promise.resolve();
    for (let event = this.#pop(); event; event = this.#pop()) {
      if (event.at > until) throw new Error(`still busy after ${until - this.#now} ms of quiet`);
      this.#now = event.at;
      event.act();
      // Ticks come when no promise has anything left to do, and cost no turn of the event loop.
      await new Promise(process.nextTick);
    }
  }

  #push(event: TimedEvent): void {
    const heap = this.#heap;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || isBefore(above, event)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): TimedEvent | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      const [a, b] = [heap[left], heap[right]];
      if (!a) break;
      const [child, below] = b && isBefore(b, a) ? [right, b] : [left, a];
      if (isBefore(last, below)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

function isBefore(a: TimedEvent, b: TimedEvent): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
