// Fences, park and handles in memory, trusted because they pass the same contracts as those on DynamoDB.
import type { ClosedFence, Direction, Fence } from '../../lambdas/core/model/fence.ts';
import { openFence } from '../../lambdas/core/model/fence.ts';
import type { ParkedHead, ParkedItem, ParkedItemKey } from '../../lambdas/core/model/parked-item.ts';
import type { FenceHandles, FencePlace, Fences, Park } from '../../lambdas/core/redelivery-ports.ts';
import type { MemoryCustomers } from './memory-customers.ts';

/** Keeps the fences in the profiles of `customers`, as the real one does. */
export class MemoryFences implements Fences {
  readonly #customers: MemoryCustomers;

  constructor(customers: MemoryCustomers) {
    this.#customers = customers;
  }

  async read(place: FencePlace): Promise<Fence> {
    return this.#stored(place);
  }

  async close(place: FencePlace, seen: Fence, nextAttemptAt: number): Promise<Fence | undefined> {
    const { state, run, version } = this.#stored(place);
    if (state !== 'open' || version !== seen.version) return undefined;
    this.#customers.profileOf(place.numberId, place.customerId).since ??= nextAttemptAt;
    return this.#save(place, { state: 'parked', run: run + 1, version: version + 1, nextAttemptAt });
  }

  async touch(place: FencePlace): Promise<Fence | undefined> {
    const fence = this.#stored(place);
    if (fence.state !== 'parked') return undefined;
    return this.#save(place, { ...fence, version: fence.version + 1 });
  }

  async open(place: FencePlace, seen: Fence): Promise<boolean> {
    const { state, run, version } = this.#stored(place);
    if (run !== seen.run) return false;
    if (state === 'open') return version === seen.version + 1;
    if (version !== seen.version) return false;
    this.#save(place, { state: 'open', run, version: version + 1, nextAttemptAt: 0 });
    return true;
  }

  async schedule(place: FencePlace, run: number, nextAttemptAt: number): Promise<boolean> {
    const fence = this.#stored(place);
    if (fence.state !== 'parked' || fence.run !== run) return false;
    this.#save(place, { ...fence, nextAttemptAt });
    return true;
  }

  async restart(place: FencePlace, seen: Fence, nextAttemptAt: number): Promise<Fence | undefined> {
    const fence = this.#stored(place);
    if (fence.run === seen.run + 1 && fence.nextAttemptAt === nextAttemptAt) return fence;
    if (fence.state !== 'parked' || fence.run !== seen.run) return undefined;
    return this.#save(place, { ...fence, run: fence.run + 1, nextAttemptAt });
  }

  async listOverdue(direction: Direction, before: number, limit: number): Promise<ClosedFence[]> {
    const found = [...this.#customers.profiles].flatMap(([key, { customerId, fences }]): ClosedFence[] => {
      const fence = fences?.[direction];
      if (fence?.state !== 'parked' || fence.nextAttemptAt >= before) return [];
      return [{ numberId: key.slice(0, key.indexOf('#')), customerId, direction, fence }];
    });
    return found.sort((a, b) => a.fence.nextAttemptAt - b.fence.nextAttemptAt).slice(0, limit);
  }

  #stored({ numberId, customerId, direction }: FencePlace): Fence {
    return this.#customers.profiles.get(`${numberId}#${customerId}`)?.fences?.[direction] ?? openFence;
  }

  #save({ numberId, customerId, direction }: FencePlace, fence: Fence): Fence {
    const profile = this.#customers.profileOf(numberId, customerId);
    profile.fences = { in: openFence, out: openFence, ...profile.fences, [direction]: fence };
    return fence;
  }
}

export class MemoryPark implements Park {
  /** By customer and direction, then by sort key. */
  readonly places = new Map<string, Map<string, ParkedItem>>();

  async put(item: ParkedItem): Promise<void> {
    const items = this.#itemsAt(item);
    const key = sortKey(item);
    if (!items.has(key)) items.set(key, { ...item });
  }

  async list(place: FencePlace, limit: number): Promise<ParkedItem[]> {
    const items = this.#itemsAt(place);
    return [...items.keys()]
      .sort()
      .slice(0, limit)
      .flatMap((key) => items.get(key) ?? [])
      .map((item) => ({ ...item }));
  }

  async listHeads(place: FencePlace, limit: number): Promise<ParkedHead[]> {
    return (await this.list(place, limit)).map(({ body: _body, ...head }) => head);
  }

  async remove(item: ParkedItemKey): Promise<void> {
    this.#itemsAt(item).delete(sortKey(item));
  }

  #itemsAt({ numberId, customerId, direction }: FencePlace): Map<string, ParkedItem> {
    const key = `${numberId}#${customerId}#${direction}`;
    const items = this.places.get(key) ?? new Map<string, ParkedItem>();
    this.places.set(key, items);
    return items;
  }
}

export class MemoryFenceHandles implements FenceHandles {
  readonly #places = new Map<string, FencePlace>();

  async remember(handle: string, { numberId, customerId, direction }: FencePlace): Promise<void> {
    this.#places.set(handle, { numberId, customerId, direction });
  }

  async find(handle: string): Promise<FencePlace | undefined> {
    return this.#places.get(handle);
  }
}

function sortKey({ sequence, replay, key }: ParkedItemKey): string {
  return `${sequence}#${replay}#${key}`;
}
