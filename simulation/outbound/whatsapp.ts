// WhatsApp of the simulation: takes what is posted, unless it is in trouble, and remembers every POST and what it took.
import { BridgeError } from '../../lambdas/core/errors.ts';
import type { CustomerTarget } from '../../lambdas/core/model/customer-message.ts';
import type { SendAnswer } from '../../lambdas/core/outbound-ports.ts';
import type { VirtualTime } from '../virtual-time.ts';
import type { OutboundScenario, WhatsAppTrouble } from './scenario.ts';

export interface Post {
  tag: string;
  to: string;
  isTemplate: boolean;
  at: number;
  /** What the bridge got to know of it; `open` until an answer came. */
  outcome: 'open' | 'sent' | 'none' | 'unknown';
}

/** A part that WhatsApp took: from then on it goes to the customer. */
export interface TakenPart {
  tag: string;
  wamid: string;
  to: string;
  at: number;
}

/** How long after a request that nobody waits for any more its effect still comes. */
const latenessMs = 40_000;

export class SimulatedWhatsApp {
  readonly posts: Post[] = [];
  readonly taken: TakenPart[] = [];
  readonly #scenario: OutboundScenario;
  readonly #time: VirtualTime;
  readonly #startAt: number;
  readonly #onTaken: (part: TakenPart) => void;

  constructor(scenario: OutboundScenario, time: VirtualTime, onTaken: (part: TakenPart) => void) {
    this.#scenario = scenario;
    this.#time = time;
    this.#startAt = time.now();
    this.#onTaken = onTaken;
  }

  /** A request is on its way. */
  begin(tag: string, target: CustomerTarget, type: string): Post {
    const to = 'phone' in target ? target.phone : target.userId;
    const post: Post = { tag, to, isTemplate: type === 'template', at: this.#time.now(), outcome: 'open' };
    this.posts.push(post);
    return post;
  }

  /** What happens to a request that arrives now. */
  receive(post: Post): SendAnswer | 'no-answer' {
    const elapsed = this.#time.now() - this.#startAt;
    const trouble = this.#scenario.troubles.find(
      ({ fromMs, untilMs }) => elapsed >= fromMs && elapsed < untilMs,
    )?.trouble;
    if (trouble) return this.#meetTrouble(trouble, post);
    if (this.#isRefused(post)) return refused('provider-rejected', 131_026);
    return this.#take(post);
  }

  #isRefused({ tag }: Post): boolean {
    return this.#scenario.replies.some(({ id, refused }) => refused && tag.startsWith(`${id}.`));
  }

  #meetTrouble(trouble: WhatsAppTrouble, post: Post): SendAnswer | 'no-answer' {
    switch (trouble) {
      case 'refuses-connections':
        return refused('provider-unavailable');
      case 'rejects-token':
        return refused('credential-rejected', 190, 401);
      case 'rejects-pair-rate':
        return refused('throttled', 131_056);
      case 'throttles':
        return refused('throttled', 130_429, 429);
      case 'closes-window':
        return post.isTemplate ? this.#take(post) : refused('provider-rejected', 131_047);
      case 'answers-500':
        return unknown();
      case 'answers-500-after-effect':
        this.#take(post);
        return unknown();
      case 'loses-answers':
        this.#take(post);
        return 'no-answer';
      case 'acts-late':
        this.#time.at(this.#time.now() + latenessMs, () => this.#take(post));
        return 'no-answer';
    }
  }

  #take({ tag, to }: Post): SendAnswer {
    const part = { tag, to, wamid: `wamid.${this.taken.length + 1}`, at: this.#time.now() };
    this.taken.push(part);
    this.#onTaken(part);
    return { sent: true, wamid: part.wamid };
  }
}

function refused(
  kind: ConstructorParameters<typeof BridgeError>[0],
  code?: number,
  status = 400,
): SendAnswer {
  const details = code === undefined ? {} : { code: String(code), status };
  return { sent: false, failure: new BridgeError(kind, kind, details), effect: 'none' };
}

function unknown(): SendAnswer {
  return { sent: false, failure: new BridgeError('delivery-unknown', '500'), effect: 'unknown' };
}
