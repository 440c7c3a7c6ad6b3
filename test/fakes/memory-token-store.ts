// The shared tokens in memory, trusted because they pass the same contract as those on DynamoDB.
import type { SealedToken, TokenStore } from '../../lambdas/core/ports.ts';

export class MemoryTokenStore implements TokenStore {
  readonly tokens = new Map<string, SealedToken>();
  readonly #askedUntil = new Map<string, number>();
  /** Thrown by every call while it is set. */
  broken: Error | undefined;

  async fetch(clientId: string, { now, holdMs, refused }: Parameters<TokenStore['fetch']>[1]) {
    if (this.broken) throw this.broken;
    const token = this.tokens.get(clientId);
    if (token && token.refreshAt > now && token.fingerprint !== refused) return { token };
    if ((this.#askedUntil.get(clientId) ?? 0) > now) return { mayAsk: false };
    this.#askedUntil.set(clientId, now + holdMs);
    return { mayAsk: true };
  }

  async save(clientId: string, token: SealedToken): Promise<void> {
    if (this.broken) throw this.broken;
    this.tokens.set(clientId, token);
    this.#askedUntil.delete(clientId);
  }
}
