// The agent's desk of the simulation: shows what it is sent, unless it is in trouble, and remembers what it showed.
import { BridgeError } from '../lambdas/core/errors.ts';
import type { DeskAnswer, DeskMessage } from '../lambdas/core/model/desk-message.ts';
import type { Outage, Scenario } from './scenario.ts';
import { shortestRetryMs } from './scenario.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Something an agent saw. */
export interface Shown {
  at: number;
  messageId: string;
  /** As it was sent; a delivery that an operator ordered has an id of its own. */
  sentId: string;
  fromId: string;
  text: string;
}

/** How long after a request that nobody waits for any more its effect still comes. */
const latenessMs = 40_000;
/** Less than the bridge waits for an answer. */
const slownessMs = 10_000;

export class SimulatedDesk {
  readonly shown: Shown[] = [];
  readonly #scenario: Scenario;
  readonly #time: VirtualTime;
  readonly #startAt: number;

  constructor(scenario: Scenario, time: VirtualTime) {
    this.#scenario = scenario;
    this.#time = time;
    this.#startAt = time.now();
  }

  /** What happens to a request that arrives now. */
  receive(message: DeskMessage): DeskAnswer {
    const { refused } = this.#scenario;
    if (refused.includes(originalId(message)) && !isNotice(message.text) && !this.isMended()) {
      return failed(new BridgeError('provider-rejected', 'refused', { code: 'bad.request' }), 'none');
    }
    const outage = this.#outage(message);
    if (outage) return this.#meetTrouble(outage, message);
    return this.#accept(message);
  }

  /** How long it takes from the effect to its answer, ms. */
  answerMs(message: DeskMessage): number {
    return this.#outage(message)?.trouble === 'answers-slowly' ? slownessMs : 0;
  }

  /** Whether what was wrong with single messages has been put right. */
  isMended(): boolean {
    return this.#time.now() - this.#startAt >= (this.#scenario.mendedAtMs ?? Number.POSITIVE_INFINITY);
  }

  #accept(message: DeskMessage): DeskAnswer {
    this.#show(message);
    return { delivered: true, genesysId: `g-${this.shown.length}`, conversationId: `c-${message.from.id}` };
  }

  #outage({ from }: DeskMessage): Outage | undefined {
    const elapsed = this.#time.now() - this.#startAt;
    return this.#scenario.outages.find(
      ({ fromMs, untilMs, customer }) =>
        elapsed >= fromMs && elapsed < untilMs && (customer === undefined || customer === from.id),
    );
  }

  #meetTrouble({ trouble, retryAfterMs = shortestRetryMs }: Outage, message: DeskMessage): DeskAnswer {
    switch (trouble) {
      case 'refuses-connections':
        return failed(new BridgeError('provider-unavailable', 'refused'), 'none');
      case 'throttles':
        return failed(new BridgeError('throttled', 'slow down', { retryAfterMs }), 'none');
      case 'answers-500-after-effect':
        this.#show(message);
        return failed(new BridgeError('delivery-unknown', '500'), 'unknown');
      case 'acts-late':
        this.#time.at(this.#time.now() + latenessMs, () => this.#show(message));
        return failed(new BridgeError('delivery-unknown', 'timeout'), 'unknown');
      case 'answers-slowly':
        return this.#accept(message);
      case 'answers-500':
        return failed(new BridgeError('delivery-unknown', '500'), 'unknown');
    }
  }

  #show(message: DeskMessage): void {
    const { messageId: sentId, from, text } = message;
    if (this.#scenario.deskDedups && this.shown.some((earlier) => earlier.sentId === sentId)) return;
    this.shown.push({
      at: this.#time.now(),
      messageId: originalId(message),
      sentId,
      fromId: from.id,
      text,
    });
  }
}

/** The customer's message that is delivered, by its first id. */
export function originalId({ messageId }: Pick<DeskMessage, 'messageId'>): string {
  return messageId.replace(/\.replay-.*$/, '');
}

/** Number of the replay that had a message shown; undefined for one that came by itself. */
export function replayOf({ sentId }: Pick<Shown, 'sentId'>): string | undefined {
  return /\.(replay-.*)$/.exec(sentId)?.[1];
}

/** Whether a text stands for a message that could not be shown. */
export function isNotice(text: string): boolean {
  return text.startsWith('[');
}

function failed(failure: BridgeError, effect: 'none' | 'unknown'): DeskAnswer {
  return { delivered: false, failure, effect };
}
