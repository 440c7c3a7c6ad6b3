import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock, Randomness, Sleeper } from '../core/ports.ts';

export const systemClock: Clock = { now: () => Date.now() };

export const systemRandomness: Randomness = { nextId: () => randomUUID(), next: () => Math.random() };

export const systemSleeper: Sleeper = {
  async sleep(delayMs, wake) {
    const ending = new AbortController();
    const slept = sleep(delayMs, undefined, { signal: ending.signal }).catch(() => undefined);
    const end = () => ending.abort();
    wake?.then(end, end);
    await slept;
  },
};
