// A closed fence says: this customer's messages of this direction wait in the park, and nothing may overtake them.

/** Customer → agent, or agent → customer. Each has its own fence: trouble of one side does not stop the other. */
export type Direction = 'in' | 'out';

export const directions: readonly Direction[] = ['in', 'out'];

export interface Fence {
  state: 'open' | 'parked';
  /** Counts the redelivery runs; only the run of this number may drain. */
  run: number;
  /** Counts every change of the park; never reset, so an opening that missed one fails. */
  version: number;
  /** When the run tries next, epoch ms; 0 while open. Overdue fences are found by it. */
  nextAttemptAt: number;
}

export const openFence: Fence = { state: 'open', run: 0, version: 0, nextAttemptAt: 0 };

/** A fence that was found closed, with what names it. */
export interface ClosedFence {
  numberId: string;
  customerId: string;
  direction: Direction;
  fence: Fence;
}
