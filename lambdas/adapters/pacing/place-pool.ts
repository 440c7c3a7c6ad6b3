// Places a sandbox has taken from the allowance and not used yet.
import type { BlockRequest, Pace } from '../../core/policy/token-bucket.ts';
import { largestSpareBlock, placesOf, spareFrom } from '../../core/policy/token-bucket.ts';
import type { Allowance, SharedPace } from '../../core/ports.ts';

/** A sandbox that is new to its work takes few, since many may be starting. */
const firstBlock = 4;
/** A block that lasted longer was more than this sandbox needed. */
const slowUseMs = 10_000;
/** Places older than this say nothing of the desk's present minute. */
const keptMs = 300_000;

export class PlacePool {
  readonly #allowance: Pick<Allowance, 'take'>;
  #places: number[] = [];
  #nextBlock = firstBlock;
  #lastBlock = 0;
  #spareAt = 0;
  #firstUseAt = 0;
  #taking: Promise<SharedPace> | undefined;

  constructor(allowance: Pick<Allowance, 'take'>) {
    this.#allowance = allowance;
  }

  /** When the first place may be used; undefined when there is none. */
  first(now: number): number | undefined {
    while ((this.#places[0] ?? now) < now - keptMs) this.#places.shift();
    return this.#places[0];
  }

  use(): void {
    this.#places.shift();
  }

  giveBack(now: number): void {
    this.#places.unshift(now);
  }

  /** A pause is not made up for afterwards, and everybody begins anew at its end. */
  dropBefore(time: number): void {
    this.#nextBlock = firstBlock;
    this.#places = this.#places.filter((place) => place >= time);
  }

  get isLow(): boolean {
    return this.#places.length * 2 <= this.#lastBlock;
  }

  /** From when on asking for spare places makes sense. */
  get spareAt(): number {
    return this.#spareAt;
  }

  /** Takes a block for at least `wanted` visitors, as far as one block reaches; one call for any number of callers. */
  take(
    wanted: number,
    request: { now: number; pace: Pace; spareOnly: boolean; told: ReadonlyMap<string, number> },
  ): Promise<SharedPace> {
    this.#taking ??= this.#take(wanted, request).finally(() => {
      this.#taking = undefined;
    });
    return this.#taking;
  }

  /** Exchanges what is known, without taking anything. */
  async exchange(request: {
    now: number;
    pace: Pace;
    told: ReadonlyMap<string, number>;
  }): Promise<SharedPace> {
    return (await this.#allowance.take({ ...request, count: 0, spareOnly: false })).shared;
  }

  async #take(
    wanted: number,
    request: Omit<BlockRequest, 'count'> & { told: ReadonlyMap<string, number> },
  ): Promise<SharedPace> {
    const most = request.spareOnly ? largestSpareBlock(request.pace) : request.pace.blockSize;
    const count = Math.min(Math.max(wanted, this.#nextBlock), most);
    const { startAt, shared } = await this.#allowance.take({ ...request, count });
    if (startAt === undefined) {
      this.#spareAt = Math.max(spareFrom(shared.nextAt, { ...request, count }), request.now + 1);
      return shared;
    }
    this.#places = [...this.#places, ...placesOf(startAt, count, request.pace)].sort((a, b) => a - b);
    this.#lastBlock = count;
    // While others wait, nobody takes more than it needs for a while.
    const wasSlow = request.now - this.#firstUseAt > slowUseMs;
    this.#nextBlock = startAt > request.now && wasSlow ? firstBlock : 2 * count;
    this.#firstUseAt = Math.max(startAt, request.now);
    return shared;
  }
}
