// The index of closed fences as DynamoDB keeps one: it follows its table a moment later, now and then minutes later.
import type { ClosedFence, Direction } from '../lambdas/core/model/fence.ts';
import type { Fences } from '../lambdas/core/redelivery-ports.ts';
import type { Random } from './random.ts';

const usualLagMs = 2000;
const longestLagMs = 10 * 60_000;

export class FenceIndex {
  readonly #versions: { at: number; closed: ClosedFence[] }[] = [];
  readonly #fences: Pick<Fences, 'listOverdue'>;
  readonly #random: Random;

  constructor(fences: Pick<Fences, 'listOverdue'>, random: Random) {
    this.#fences = fences;
    this.#random = random;
  }

  /** A fence may have changed. */
  async note(at: number): Promise<void> {
    const closed = await this.#fences.listOverdue('in', Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER);
    this.#versions.push({ at, closed });
  }

  async listOverdue(
    direction: Direction,
    before: number,
    limit: number,
    now: number,
  ): Promise<ClosedFence[]> {
    const lagMs = this.#random.between(0, this.#random.chance(0.1) ? longestLagMs : usualLagMs);
    const version = this.#versions.findLast(({ at }) => at <= now - lagMs);
    return (version?.closed ?? [])
      .filter(({ direction: own, fence }) => own === direction && fence.nextAttemptAt < before)
      .slice(0, limit);
  }
}
