import type { FailureKind } from '../../../../lambdas/core/errors.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import { FailureRun, openingMs } from '../../../../lambdas/core/policy/circuit.ts';

const failWith = (run: FailureRun, kind: FailureKind, customerKey = 'ada', numberId = '1') =>
  run.add(new BridgeError(kind, kind), { customerKey, numberId });

describe('failures', () => {
  it.each<FailureKind>(['credential-rejected', 'integration-missing'])(
    'of kind %s are trouble of the number at once',
    (kind) => {
      expect(failWith(new FailureRun(), kind, 'ada', '42')).toBe('number-42');
    },
  );

  it.each<FailureKind>([
    'throttled',
    'provider-rejected',
    'secret-unavailable',
    'store-unavailable',
    'invariant-broken',
  ])('of kind %s are never trouble of the desk', (kind) => {
    const run = new FailureRun();

    const scopes = Array.from({ length: 20 }, (_, index) => failWith(run, kind, `customer-${index}`));

    expect(scopes.every((scope) => scope === undefined)).toBe(true);
  });

  it.each<FailureKind>(['provider-unavailable', 'delivery-unknown'])(
    'of kind %s are trouble of the desk after five in a row of three customers',
    (kind) => {
      const run = new FailureRun();

      const scopes = ['ada', 'bob', 'ada', 'bob', 'eve'].map((customer) => failWith(run, kind, customer));

      expect(scopes).toEqual([undefined, undefined, undefined, undefined, 'desk']);
    },
  );

  it('of one or two customers are their own, however many', () => {
    const run = new FailureRun();

    const scopes = Array.from({ length: 50 }, (_, index) =>
      failWith(run, 'delivery-unknown', `c${index % 2}`),
    );

    expect(scopes.every((scope) => scope === undefined)).toBe(true);
  });

  it('are not in a row when the desk answered in between', () => {
    const run = new FailureRun();
    for (const customer of ['a', 'b', 'c', 'd']) failWith(run, 'delivery-unknown', customer);

    run.end();

    expect(failWith(run, 'delivery-unknown', 'e')).toBeUndefined();
  });
});

describe('an opening', () => {
  it('lasts longer every time, up to the longest back-off', () => {
    const settings = { backoffBaseMs: 2000, backoffCapMs: 900_000 };

    expect([1, 2, 3, 8, 9, 1000].map((openings) => openingMs(openings, settings))).toEqual([
      4000, 8000, 16_000, 512_000, 900_000, 900_000,
    ]);
  });
});
