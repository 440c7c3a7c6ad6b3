// One error class for every failure of the bridge: `kind` says what happened, `next` says what to do about it.

/** What happened. Stable codes: they appear in logs, metrics and ledger records. */
export type FailureKind =
  | 'signature-invalid'
  | 'secret-unavailable'
  | 'payload-malformed'
  | 'throttled'
  | 'provider-unavailable'
  | 'delivery-unknown'
  | 'credential-rejected'
  | 'integration-missing'
  | 'provider-rejected'
  | 'store-unavailable'
  | 'invariant-broken';

/** What to do next about a failure of this kind. */
export type NextStep =
  | 'refuse'
  | 'carry-on'
  | 'retry'
  | 'retry-after'
  | 'confirm'
  | 'alarm-and-retry'
  | 'fail-visibly';

const nextSteps: Record<FailureKind, NextStep> = {
  'signature-invalid': 'refuse',
  'secret-unavailable': 'retry',
  'payload-malformed': 'carry-on',
  throttled: 'retry-after',
  'provider-unavailable': 'retry',
  'delivery-unknown': 'confirm',
  'credential-rejected': 'alarm-and-retry',
  'integration-missing': 'alarm-and-retry',
  'provider-rejected': 'fail-visibly',
  'store-unavailable': 'retry',
  'invariant-broken': 'alarm-and-retry',
};

/** Facts about a failure: ids, codes and durations, never text, names or numbers of people. */
export interface FailureDetails {
  /** Code of the provider, e.g. `bad.request`. */
  code?: string;
  /** HTTP status of the provider. */
  status?: number;
  /** Wait asked for by the provider. */
  retryAfterMs?: number;
  /** Correlation id of the provider, for its support. */
  providerCorrelationId?: string;
}

/** Every failure the bridge names; anything else that is thrown is a bug. */
export class BridgeError extends Error {
  readonly kind: FailureKind;
  readonly details: FailureDetails;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'BridgeError';
    this.kind = kind;
    this.details = details;
  }

  get next(): NextStep {
    return nextSteps[this.kind];
  }
}
