// A desk that counts requests in minutes of its own and refuses what is over, as Genesys does per token.
import { BridgeError } from '../../lambdas/core/errors.ts';
import type { DeskAnswer, DeskMessage } from '../../lambdas/core/model/desk-message.ts';
import type { RateNotice } from '../../lambdas/core/policy/token-bucket.ts';
import type { VirtualTime } from './virtual-time.ts';

export class MeteredDesk {
  readonly delivered: { messageId: string; at: number }[] = [];
  /** Accepted and refused requests by minute of the desk's own. */
  readonly minutes: { startedAt: number; accepted: number; refused: number }[] = [];
  readonly #time: VirtualTime;
  readonly #allowedPerMinute: number;
  readonly #latencyMs: () => number;

  constructor(time: VirtualTime, allowedPerMinute: number, latencyMs: () => number) {
    this.#time = time;
    this.#allowedPerMinute = allowedPerMinute;
    this.#latencyMs = latencyMs;
  }

  get refused(): number {
    return this.minutes.reduce((sum, { refused }) => sum + refused, 0);
  }

  async deliver(message: DeskMessage, onNotice: (notice: RateNotice) => void): Promise<DeskAnswer> {
    const latencyMs = this.#latencyMs();
    await this.#time.sleep(latencyMs / 2);
    const minute = this.#countIn();
    const resetMs = Math.max(1, Math.ceil((minute.startedAt + 60_000 - this.#time.now()) / 1000)) * 1000;
    const isOver = minute.accepted + minute.refused >= this.#allowedPerMinute;
    if (isOver) minute.refused += 1;
    else {
      minute.accepted += 1;
      this.delivered.push({ messageId: message.messageId, at: this.#time.now() });
    }
    const notice = {
      allowedPerMinute: this.#allowedPerMinute,
      used: minute.accepted + minute.refused,
      resetMs,
    };
    await this.#time.sleep(latencyMs / 2);
    onNotice(notice);
    if (!isOver) return { delivered: true, conversationId: 'conversation' };
    const failure = new BridgeError('throttled', 'throttled', { status: 429, retryAfterMs: resetMs });
    return { delivered: false, failure, effect: 'none' };
  }

  #countIn() {
    const now = this.#time.now();
    const last = this.minutes.at(-1);
    if (last && now < last.startedAt + 60_000) return last;
    const minute = { startedAt: now, accepted: 0, refused: 0 };
    this.minutes.push(minute);
    return minute;
  }
}
