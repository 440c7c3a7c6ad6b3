// What an answer of the Graph API to a send or an upload means. The codes are in core/policy/meta-errors.ts.
import { isObject } from '../../core/convert/meta/json-values.ts';
import type { FailureDetails, FailureKind } from '../../core/errors.ts';
import { BridgeError } from '../../core/errors.ts';
import type { MetaErrorClass } from '../../core/policy/meta-errors.ts';
import { readMetaError } from '../../core/policy/meta-errors.ts';
import type { HttpAnswer } from '../http/http-client.ts';
import { HttpFailure } from '../http/http-client.ts';

export interface GraphFailure {
  failure: BridgeError;
  /** `none`: WhatsApp surely did not act on the request. */
  effect: 'none' | 'unknown';
}

/** Codes with which the Graph API turns a request away before it looks at it, whatever the HTTP status. */
const turnedAway = new Set([4, 613, 80007, 130429, 131056, 131057]);
/** Codes that say "not so often" rather than "not now". */
const throttleCodes = new Set([4, 613, 80007, 130429, 131056]);
/** Code and subcode of an object that is not there or not ours: on these paths the object is the number itself. */
const missingObject = { code: 100, subcode: 33 };

const kinds: Readonly<Record<MetaErrorClass, FailureKind>> = {
  retry: 'provider-unavailable',
  'retry-pair': 'throttled',
  wait: 'provider-rejected',
  config: 'credential-rejected',
  window: 'provider-rejected',
  permanent: 'provider-rejected',
};

/** Turns an answer that is not 2xx into a failure. */
export function readGraphFailure(answer: HttpAnswer): GraphFailure {
  const { status } = answer;
  const { code, subcode, traceId } = readGraphError(answer.text);
  const details: FailureDetails = {
    status,
    ...(code === undefined ? {} : { code: String(code) }),
    ...(traceId === undefined ? {} : { providerCorrelationId: traceId }),
  };
  const effect = isDefinite(status, code) ? 'none' : 'unknown';
  const kind = effect === 'unknown' ? 'delivery-unknown' : chooseKind(status, code, subcode);
  const named = code === undefined ? '' : ` with code ${code}`;
  return { failure: new BridgeError(kind, `WhatsApp answered ${status}${named}`, details), effect };
}

/** Turns a broken exchange into a failure. */
export function readBrokenSend(error: unknown): GraphFailure {
  if (!(error instanceof HttpFailure)) throw error;
  return error.reached === 'no'
    ? { failure: new BridgeError('provider-unavailable', error.message, {}, error), effect: 'none' }
    : { failure: new BridgeError('delivery-unknown', error.message, {}, error), effect: 'unknown' };
}

/** There is no key that would make a repeated send harmless, so a server error counts as "may have been sent". */
function isDefinite(status: number, code: number | undefined): boolean {
  if (code !== undefined && turnedAway.has(code)) return true;
  return status >= 300 && status < 500 && status !== 408;
}

function chooseKind(status: number, code: number | undefined, subcode: number | undefined): FailureKind {
  if (code === missingObject.code && subcode === missingObject.subcode) return 'integration-missing';
  if (status === 429 || (code !== undefined && throttleCodes.has(code))) return 'throttled';
  // A redirect is no answer of the Graph API: something stands between.
  if (status < 400) return 'provider-unavailable';
  return kinds[readMetaError(code, status).class];
}

function readGraphError(text: string): { code?: number; subcode?: number; traceId?: string } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return {};
  }
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  const { code, error_subcode: subcode, fbtrace_id: traceId } = error;
  return {
    ...(Number.isSafeInteger(code) ? { code: Number(code) } : {}),
    ...(Number.isSafeInteger(subcode) ? { subcode: Number(subcode) } : {}),
    // Only what looks like an id gets into a log.
    ...(typeof traceId === 'string' && /^[\w-]{1,80}$/.test(traceId) ? { traceId } : {}),
  };
}
