// When a whole tenant or one of its numbers is in trouble, rather than one message.
import type { BridgeError } from '../errors.ts';
import type { BackoffSettings } from './retry.ts';

/** Trouble known to all sandboxes. Times are epoch ms. */
export interface Circuit {
  /** Nobody is let in before. */
  openUntil: number;
  /** Openings in a row; every one lasts longer. */
  openings: number;
  /** Until then somebody is trying whether it is over. */
  probeUntil: number;
}

/** What a circuit is about: all of the desk, or the number whose id it names. */
export type CircuitScope = 'desk' | `number-${string}`;

/** Failures in a row, and different customers among them, that make it trouble of the desk. */
const longestRun = 5;
const customersInRun = 3;

/** Failures of the desk since it last gave an answer of its own, as one sandbox saw them. */
export class FailureRun {
  #customers: string[] = [];

  end(): void {
    this.#customers = [];
  }

  /** The scope that is in trouble with this failure; undefined while it may be trouble of one message. */
  add(failure: BridgeError, visit: { customerKey: string; numberId: string }): CircuitScope | undefined {
    switch (failure.kind) {
      case 'credential-rejected':
      case 'integration-missing':
        return `number-${visit.numberId}`;
      case 'provider-unavailable':
      case 'delivery-unknown':
        this.#customers = [...this.#customers, visit.customerKey].slice(-4 * longestRun);
        return this.#customers.length >= longestRun && new Set(this.#customers).size >= customersInRun
          ? 'desk'
          : undefined;
      default:
        return undefined;
    }
  }
}

/** How long the next opening lasts, ms. */
export function openingMs(openings: number, { backoffBaseMs, backoffCapMs }: BackoffSettings): number {
  return Math.min(backoffCapMs, backoffBaseMs * 2 ** Math.min(openings, 30));
}
