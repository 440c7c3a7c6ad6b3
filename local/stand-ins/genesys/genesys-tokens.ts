// Client-credentials tokens and the requests per minute that each may make.
import { randomBytes } from 'node:crypto';
import type { Answer, StandInRequest } from '../http-exchange.ts';
import type { KnownNumber } from '../stand-ins.ts';
import type { Timers } from '../timers.ts';
import { failures, type GenesysFailure } from './genesys-errors.ts';
import type { GenesysSettings } from './genesys-settings.ts';

interface Token {
  expiresAtMs: number;
  windowEndsAtMs: number;
  requestsInWindow: number;
}

/** The verdict on an API call's token: headers for the answer, and the failure if it may not go on. */
export interface Admission {
  headers: Record<string, string>;
  failure?: GenesysFailure;
}

const minuteMs = 60_000;

export class GenesysTokens {
  readonly #numbers: readonly KnownNumber[];
  readonly #timers: Timers;
  readonly #tokens = new Map<string, Token>();

  constructor(numbers: readonly KnownNumber[], timers: Timers) {
    this.#numbers = numbers;
    this.#timers = timers;
  }

  expireAll(): void {
    this.#tokens.clear();
  }

  /** Begins every token's minute anew: a test that sets a limit starts from zero. */
  restartWindows(): void {
    for (const token of this.#tokens.values()) token.windowEndsAtMs = 0;
  }

  /** Answers `POST /oauth/token`. */
  issue(request: StandInRequest, lifetimeSeconds: number): Answer {
    if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
      return failOauth('invalid_request', 'the content type must be application/x-www-form-urlencoded');
    }
    if (!this.#isKnownClient(request.headers.authorization ?? '')) {
      return failOauth('invalid_client', 'authentication failed');
    }
    const grantType = new URLSearchParams(request.bytes.toString('utf8')).get('grant_type');
    if (grantType !== 'client_credentials') {
      return failOauth('unsupported_grant_type', 'grant_type must be client_credentials');
    }
    const nowMs = this.#timers.nowMs();
    for (const [name, { expiresAtMs }] of this.#tokens) if (expiresAtMs <= nowMs) this.#tokens.delete(name);
    const accessToken = randomBytes(48).toString('base64url');
    this.#tokens.set(accessToken, {
      expiresAtMs: nowMs + lifetimeSeconds * 1000,
      windowEndsAtMs: 0,
      requestsInWindow: 0,
    });
    return {
      status: 200,
      body: { access_token: accessToken, token_type: 'bearer', expires_in: lifetimeSeconds },
    };
  }

  /** Checks the bearer token of an API call and counts the call against its minute. */
  admit(request: StandInRequest, settings: GenesysSettings): Admission {
    const authorization = request.headers.authorization;
    if (!authorization) return { headers: {}, failure: failures.authenticationRequired };
    const nowMs = this.#timers.nowMs();
    const token = this.#tokens.get(/^bearer +(\S+)$/i.exec(authorization)?.[1] ?? '');
    if (!token || token.expiresAtMs <= nowMs) return { headers: {}, failure: failures.badCredentials };
    const allowed = settings.rateLimitPerMinute;
    if (!allowed) return { headers: {} };
    if (token.windowEndsAtMs <= nowMs) {
      token.windowEndsAtMs = nowMs + minuteMs;
      token.requestsInWindow = 0;
    }
    token.requestsInWindow += 1;
    const resetSeconds = Math.max(1, Math.ceil((token.windowEndsAtMs - nowMs) / 1000));
    const headers = {
      'inin-ratelimit-allowed': String(allowed),
      'inin-ratelimit-count': String(token.requestsInWindow),
      'inin-ratelimit-reset': String(resetSeconds),
    };
    if (token.requestsInWindow <= allowed) return { headers };
    return { headers, failure: refuseRate(allowed, resetSeconds) };
  }

  #isKnownClient(authorization: string): boolean {
    const encoded = /^basic +(\S+)$/i.exec(authorization)?.[1] ?? '';
    const given = Buffer.from(encoded, 'base64').toString('utf8');
    return this.#numbers.some(
      ({ secrets }) => given === `${secrets.genesysClientId}:${secrets.genesysClientSecret}`,
    );
  }
}

function refuseRate(allowed: number, resetSeconds: number): GenesysFailure {
  return {
    status: 429,
    code: 'too.many.requests.retry.after',
    message: `Rate limit exceeded the maximum. Retry the request in [${resetSeconds}] seconds`,
    limit: {
      namespace: 'platform.api',
      key: 'client.credentials.token.rate.per.minute',
      value: allowed,
    },
    headers: { 'retry-after': String(resetSeconds) },
  };
}

function failOauth(error: string, description: string): Answer {
  return { status: 400, body: { error, description, error_description: description } };
}
