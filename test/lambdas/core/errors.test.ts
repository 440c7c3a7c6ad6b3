import type { FailureKind, NextStep } from '../../../lambdas/core/errors.ts';
import { BridgeError } from '../../../lambdas/core/errors.ts';

describe('a failure', () => {
  const steps: Record<FailureKind, NextStep> = {
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

  it.each(Object.entries(steps))('of kind %s is followed by: %s', (kind, step) => {
    expect(new BridgeError(kind as FailureKind, 'what happened').next).toBe(step);
  });

  it('says what happened, with its facts and its cause', () => {
    const cause = new Error('inner');
    const failure = new BridgeError('throttled', 'slow down', { status: 429, retryAfterMs: 1000 }, cause);

    expect(failure).toBeInstanceOf(Error);
    expect(failure).toMatchObject({
      name: 'BridgeError',
      kind: 'throttled',
      message: 'slow down',
      details: { status: 429, retryAfterMs: 1000 },
      cause,
    });
  });

  it('has no cause and no facts unless they are given', () => {
    const failure = new BridgeError('invariant-broken', 'a bug');

    expect(failure.details).toEqual({});
    expect('cause' in failure).toBe(false);
  });
});
