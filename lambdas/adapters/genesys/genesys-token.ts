// OAuth client-credentials tokens of Genesys, in memory first, then where all sandboxes find them. Rights come from the roles of the client; scopes do not apply.
import { BridgeError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { HttpAnswer } from '../http/http-client.ts';
import { exchange, HttpFailure } from '../http/http-client.ts';
import { readRetryAfterMs } from './genesys-failures.ts';
import type { HeldToken, TokenSharing } from './genesys-shared-token.ts';
import { shareToken } from './genesys-shared-token.ts';

export interface GenesysCredentials {
  clientId: string;
  clientSecret: string;
}

export interface GenesysTokens {
  /** A token that is still good for a while; one request for any number of callers. @throws BridgeError */
  get(credentials: GenesysCredentials, timeoutMs: number): Promise<string>;
  /** Forgets a token that was refused, unless a newer one is held already. */
  forget(credentials: GenesysCredentials, token: string): void;
}

const maxAnswerBytes = 64 * 1024;
const earliestRefreshMs = 300_000;

export interface GenesysTokensOptions {
  /** Base of the login service, without a trailing slash. */
  login: string;
  clock: Clock;
  /** Where the tokens of other sandboxes are found; without it every sandbox asks for its own. */
  sharing?: TokenSharing;
}

export function createGenesysTokens({ login, clock, sharing }: GenesysTokensOptions): GenesysTokens {
  const held = new Map<string, HeldToken>();
  const refusedTokens = new Map<string, string>();
  const underWay = new Map<string, Promise<HeldToken>>();

  const obtain = (credentials: GenesysCredentials, timeoutMs: number): Promise<HeldToken> => {
    const deadlineAt = clock.now() + timeoutMs;
    const ask = () => requestToken(login, credentials, deadlineAt - clock.now(), clock);
    if (!sharing) return ask();
    const refused = refusedTokens.get(credentials.clientId);
    const request = { timeoutMs, login: ask, ...(refused === undefined ? {} : { refused }) };
    return shareToken(credentials, request, sharing);
  };

  return {
    async get(credentials, timeoutMs) {
      const current = held.get(credentials.clientId);
      if (current && clock.now() < current.refreshAt) return current.token;
      let request = underWay.get(credentials.clientId);
      if (!request) {
        request = obtain(credentials, timeoutMs).finally(() => underWay.delete(credentials.clientId));
        underWay.set(credentials.clientId, request);
      }
      const fresh = await request;
      held.set(credentials.clientId, fresh);
      return fresh.token;
    },
    forget(credentials, token) {
      if (held.get(credentials.clientId)?.token !== token) return;
      held.delete(credentials.clientId);
      refusedTokens.set(credentials.clientId, token);
    },
  };
}

async function requestToken(
  loginBase: string,
  credentials: GenesysCredentials,
  timeoutMs: number,
  clock: Clock,
): Promise<HeldToken> {
  const basic = Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString('base64');
  const askedAt = clock.now();
  try {
    const answer = await exchange(
      new URL(`${loginBase}/oauth/token`),
      {
        method: 'POST',
        headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'grant_type=client_credentials',
      },
      { timeoutMs, maxAnswerBytes },
    );
    if (answer.status === 200) return readToken(answer.text, askedAt);
    throw refusal(answer, askedAt);
  } catch (error) {
    if (error instanceof HttpFailure)
      throw new BridgeError('provider-unavailable', 'Genesys login did not answer', {}, error);
    throw error;
  }
}

/** A 4xx means the operator has to act, but for 408 and 429; everything else is worth another try. */
function refusal({ status, headers }: HttpAnswer, now: number): BridgeError {
  if (status === 429) {
    const retryAfterMs = readRetryAfterMs(headers.get('retry-after'), now);
    const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
    return new BridgeError('throttled', 'Genesys login is throttling', { status, ...wait });
  }
  if (status >= 400 && status < 500 && status !== 408)
    return new BridgeError('credential-rejected', 'Genesys refused the client credentials', { status });
  return new BridgeError('provider-unavailable', `Genesys login answered ${status}`, { status });
}

/** Refreshed 300 s early, or a tenth of its life early when it is short. */
function readToken(text: string, askedAt: number): HeldToken {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new BridgeError('provider-unavailable', 'Genesys login answered no JSON', {}, error);
  }
  if (
    typeof body !== 'object' ||
    body === null ||
    !('access_token' in body) ||
    typeof body.access_token !== 'string' ||
    body.access_token === ''
  ) {
    throw new BridgeError('provider-unavailable', 'Genesys login answered no token');
  }
  const lifeSeconds = 'expires_in' in body && typeof body.expires_in === 'number' ? body.expires_in : 300;
  const lifeMs = lifeSeconds * 1000;
  return { token: body.access_token, refreshAt: askedAt + lifeMs - Math.min(earliestRefreshMs, lifeMs / 10) };
}
