// What each answer of Genesys means. Table: Genesys swagger error codes, and its resiliency guidance (2021).
import type { FailureDetails, FailureKind } from '../../core/errors.ts';
import { BridgeError } from '../../core/errors.ts';
import type { HttpAnswer } from '../http/http-client.ts';
import { HttpFailure } from '../http/http-client.ts';

export interface GenesysFailure {
  failure: BridgeError;
  /** `none`: Genesys surely did not act on the request. */
  effect: 'none' | 'unknown';
}

/** By HTTP status; what is not listed falls to its class below. */
const byStatus: Record<number, { kind: FailureKind; effect: 'none' | 'unknown' }> = {
  400: { kind: 'provider-rejected', effect: 'none' },
  401: { kind: 'credential-rejected', effect: 'none' },
  403: { kind: 'credential-rejected', effect: 'none' },
  404: { kind: 'integration-missing', effect: 'none' },
  408: { kind: 'delivery-unknown', effect: 'unknown' },
  // What a conflict means on inbound is not documented; it may be the message itself, already there.
  409: { kind: 'delivery-unknown', effect: 'unknown' },
  410: { kind: 'integration-missing', effect: 'none' },
  413: { kind: 'provider-rejected', effect: 'none' },
  415: { kind: 'provider-rejected', effect: 'none' },
  429: { kind: 'throttled', effect: 'none' },
};

/** Turns an answer that is not 2xx into a failure. */
export function readFailure(answer: HttpAnswer, now: number): GenesysFailure {
  const { status } = answer;
  const { kind, effect } = byStatus[status] ?? byClass(status);
  const code = readCode(answer.text);
  const retryAfterMs = readRetryAfterMs(answer.headers.get('retry-after'), now);
  const correlationId = answer.headers.get('inin-correlation-id');
  const details: FailureDetails = {
    status,
    ...(code === undefined ? {} : { code }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(correlationId === null ? {} : { providerCorrelationId: correlationId }),
  };
  return {
    failure: new BridgeError(kind, `Genesys answered ${status}${code ? ` ${code}` : ''}`, details),
    effect,
  };
}

/** Turns a broken exchange into a failure. */
export function readBrokenExchange(error: unknown): GenesysFailure {
  if (!(error instanceof HttpFailure)) throw error;
  return error.reached === 'no'
    ? { failure: new BridgeError('provider-unavailable', error.message, {}, error), effect: 'none' }
    : { failure: new BridgeError('delivery-unknown', error.message, {}, error), effect: 'unknown' };
}

function byClass(status: number): { kind: FailureKind; effect: 'none' | 'unknown' } {
  // 503 included: nothing says that Genesys has not acted by then.
  if (status >= 500) return { kind: 'delivery-unknown', effect: 'unknown' };
  if (status >= 400) return { kind: 'provider-rejected', effect: 'none' };
  return { kind: 'integration-missing', effect: 'none' };
}

/** Error codes are identifiers; anything else in their place is not passed on to logs. */
function readCode(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
    return typeof code === 'string' && /^[\w.-]{1,80}$/.test(code) ? code : undefined;
  } catch {
    return undefined;
  }
}

/** Milliseconds from whole seconds or an HTTP date; undefined for anything else. */
export function readRetryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  // `Date.parse` takes numbers for years and months; every HTTP date begins with the name of a day.
  const ms = /^[a-z]/i.test(header) ? Date.parse(header) - now : Number.NaN;
  return Number.isFinite(ms) ? Math.max(ms, 0) : undefined;
}
