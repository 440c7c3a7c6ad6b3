// What a scenario is: people write, weather happens, and everything that is not as it should be is written down.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalRun } from '../journeys/local-run.ts';

/** A small journey that passes on the template as it is, and says in words what it notices on any other. */
export interface Scenario {
  name: string;
  play(run: LocalRun, noticed: Noticed): Promise<void>;
}

const pollMs = 100;
const impatientMs = 1000;

/** What a scenario noticed; only what customers, agents, operators or the ledger would. */
export class Noticed {
  readonly all: string[] = [];

  note(what: string): void {
    this.all.push(what);
  }

  /** Notes `what`, with the last value, unless the value becomes good in time. @returns whether it did */
  async unless<T>(
    what: string,
    read: () => Promise<T>,
    isGood: (value: T) => boolean,
    withinMs: number,
  ): Promise<boolean> {
    // Once something is noticed, what comes after it is not worth waiting for.
    const patienceMs = this.all.length === 0 ? withinMs : Math.min(withinMs, impatientMs);
    const deadline = Date.now() + patienceMs;
    for (;;) {
      const value = await read();
      if (isGood(value)) return true;
      if (Date.now() > deadline) {
        this.note(
          `after ${Math.round(patienceMs / 1000)} s ${what}: ${JSON.stringify(value)?.slice(0, 300)}`,
        );
        return false;
      }
      await sleep(pollMs);
    }
  }

  /** Notes `what` with both values when they differ. */
  unlessSame(what: string, found: unknown, wanted: unknown): void {
    const [is, should] = [JSON.stringify(found), JSON.stringify(wanted)];
    if (is !== should) this.note(`${what}: ${is?.slice(0, 300)} instead of ${should}`);
  }
}
