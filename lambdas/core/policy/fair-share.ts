// Who has had more than a quarter of the allowance lately. Every customer has an account that is paid off at a quarter
// of the tenant's pace; whoever is far ahead of it comes after all others, and takes what is left when there are none.
import type { Pace } from './token-bucket.ts';

/** One customer may have this part of the allowance while others wait. */
const shareOfOne = 0.25;
/** Requests a customer may make at once before the share is looked at. */
const freeRequests = 5;
/** Requests of a customer after which the other sandboxes are told and asked. */
const untoldRequests = 3;
/** The same, of a customer whom everybody knows to be ahead of its share. */
const untoldRequestsOfKnown = 10;
/** What a customer took while nobody else came is held against it no longer than this. */
const longestDebtMs = 60_000;

interface Account {
  /** Time until which the requests made so far pay for themselves. */
  paidUntil: number;
  /** Charged here and not told to the other sandboxes yet, ms. */
  untoldMs: number;
}

/** Accounts of customers as one sandbox knows them: what it was told, and its own requests. */
export class FairShare {
  readonly #accounts = new Map<string, Account>();

  charge(customer: string, now: number, pace: Pace): void {
    this.#add(customer, pace.intervalMs / shareOfOne, now);
  }

  /** For a request that was not made after all. */
  refund(customer: string, now: number, pace: Pace): void {
    this.#add(customer, -pace.intervalMs / shareOfOne, now);
  }

  /** When the customer is within its share; in the past for everybody who is. */
  withinShareAt(customer: string, pace: Pace): number {
    return (this.#accounts.get(customer)?.paidUntil ?? 0) - slackMs(pace);
  }

  /** True when the customer may be as busy in other sandboxes, and they do not know of each other. */
  isBusyUntold(customer: string, now: number, pace: Pace): boolean {
    const account = this.#accounts.get(customer);
    if (!account) return false;
    const isKnown = account.paidUntil - account.untoldMs - now > slackMs(pace);
    const requests = isKnown ? untoldRequestsOfKnown : untoldRequests;
    return account.untoldMs >= (requests * pace.intervalMs) / shareOfOne;
  }

  /** What the others have to know, by customer, ms; from here on it counts as told. */
  tell(now: number, pace: Pace): Map<string, number> {
    const told = new Map<string, number>();
    for (const [customer, account] of this.#accounts) {
      if (account.paidUntil <= now) this.#accounts.delete(customer);
      else if (account.untoldMs > 0 && account.paidUntil - now > slackMs(pace) / 2) {
        told.set(customer, account.untoldMs);
        account.untoldMs = 0;
      }
    }
    return told;
  }

  /** Takes over what all sandboxes know together. */
  learn(shared: ReadonlyMap<string, number>): void {
    for (const [customer, paidUntil] of shared) {
      const own = this.#accounts.get(customer);
      if (own) own.paidUntil = Math.max(own.paidUntil, paidUntil + own.untoldMs);
      else this.#accounts.set(customer, { paidUntil, untoldMs: 0 });
    }
  }

  #add(customer: string, ms: number, now: number): void {
    const known = this.#accounts.get(customer);
    const account = known && known.paidUntil > now ? known : { paidUntil: now, untoldMs: 0 };
    account.paidUntil = Math.min(account.paidUntil + ms, now + longestDebtMs);
    account.untoldMs = Math.max(account.untoldMs + ms, 0);
    this.#accounts.set(customer, account);
  }
}

function slackMs({ intervalMs }: Pace): number {
  return (freeRequests * intervalMs) / shareOfOne;
}
