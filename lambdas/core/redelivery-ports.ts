// What redelivery needs of the world: the fences of customers, what is parked behind them, and runs that drain it.
import type { ClosedFence, Direction, Fence } from './model/fence.ts';
import type { ParkedHead, ParkedItem, ParkedItemKey } from './model/parked-item.ts';

/** Whose fence, in which direction. */
export interface FencePlace {
  numberId: string;
  customerId: string;
  direction: Direction;
}

/** Fences live in the customer's profile, so that looking at one costs no call of its own. @throws BridgeError `store-unavailable` from every method. */
export interface Fences {
  /** The fence as it stands, read consistently; an open one when the customer is not known. */
  read(place: FencePlace): Promise<Fence>;
  /**
   * Closes an open fence, if its version is still the one of `seen`: `run + 1`, `version + 1`. Answers the fence as closed,
   * or undefined when it has changed. Creates the profile of a customer that has none.
   */
  close(place: FencePlace, seen: Fence, nextAttemptAt: number): Promise<Fence | undefined>;
  /** Says that something was put behind a closed fence: `version + 1`. Answers the fence, or undefined when it is open. */
  touch(place: FencePlace): Promise<Fence | undefined>;
  /** Opens it, if version, run and state are still those of `seen`; `version + 1`. Answers false when they are not. */
  open(place: FencePlace, seen: Fence): Promise<boolean>;
  /** Remembers when the run tries next. Answers false when the run is not the current one any more or the fence is open. */
  schedule(place: FencePlace, run: number, nextAttemptAt: number): Promise<boolean>;
  /** Begins a new run of a closed fence (`run + 1`), if its run is still the one of `seen`. Answers undefined when it is not. */
  restart(place: FencePlace, seen: Fence, nextAttemptAt: number): Promise<Fence | undefined>;
  /** Closed fences whose next attempt was due before `before` (epoch ms), oldest first, at most `limit`. */
  listOverdue(direction: Direction, before: number, limit: number): Promise<ClosedFence[]>;
}

/** What waits behind the fences. @throws BridgeError `store-unavailable` from every method. */
export interface Park {
  /** Puts an item; the same item again changes nothing. */
  put(item: ParkedItem): Promise<void>;
  /** Items of one customer and direction by sequence, then replay; read consistently. */
  list(place: FencePlace, limit: number): Promise<ParkedItem[]>;
  /** The same without the messages: for many, where only their order counts. */
  listHeads(place: FencePlace, limit: number): Promise<ParkedHead[]>;
  /** Takes an item out; one that is not there is no error. */
  remove(item: ParkedItemKey): Promise<void>;
}

/** A run of redelivery: named so that it reveals nobody and is never started twice. */
export interface RunOrder extends FencePlace {
  run: number;
  /** Wait before the first attempt. */
  delaySeconds: number;
}

/** Starts and names redelivery runs. @throws BridgeError `store-unavailable`, `secret-unavailable` */
export interface RedeliveryRuns {
  /** Starts the run; one of this name that exists is no error. Nothing of the order that names a person leaves in clear. */
  start(order: RunOrder): Promise<void>;
}

/** Finds whose fence an execution is about; its input carries a pseudonym only. @throws BridgeError `store-unavailable` */
export interface FenceHandles {
  /** Remembers whom the handle stands for. */
  remember(handle: string, place: FencePlace): Promise<void>;
  find(handle: string): Promise<FencePlace | undefined>;
}
