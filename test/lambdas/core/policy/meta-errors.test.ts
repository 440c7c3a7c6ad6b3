import fc from 'fast-check';
import { genesysReasons } from '../../../../lambdas/core/outbound-ports.ts';
import type { MetaErrorClass } from '../../../../lambdas/core/policy/meta-errors.ts';
import { readMetaError } from '../../../../lambdas/core/policy/meta-errors.ts';

/** Every code that Meta documents, by what it asks for. */
const documented: Record<MetaErrorClass, number[]> = {
  retry: [1, 2, 4, 613, 80007, 130429, 131000, 131016, 131057, 133004],
  'retry-pair': [131056],
  wait: [368, 130472, 131048, 131049, 131064, 132015, 132069, 133016],
  config: [
    ...[0, 3, 10, 33, 190, 131005, 131031, 131037, 131042, 131045],
    ...[133005, 133006, 133008, 133009, 133010, 133015, 134011],
    ...Array.from({ length: 100 }, (_, index) => 200 + index),
  ],
  window: [131047],
  permanent: [
    ...[100, 130403, 130497, 130501, 131008, 131009, 131020, 131021, 131026, 131030, 131041, 131050],
    ...[131051, 131052, 131053, 131055, 131062, 131063, 132000, 132001, 132005, 132007, 132008],
    ...[132012, 132016, 132018, 132068, 135000, 137000],
  ],
};
const classOfCode = new Map(
  Object.entries(documented).flatMap(([name, codes]) => codes.map((code) => [code, name] as const)),
);

describe('the table of error codes', () => {
  it('counts every documented code once', () => {
    expect(classOfCode.size).toBe(Object.values(documented).flat().length);
    expect(classOfCode.size).toBe(166);
  });

  it.each([...classOfCode])('reads %d as %s, whatever the HTTP status', (code, expected) => {
    for (const httpStatus of [undefined, 200, 400, 401, 403, 429, 500, 503]) {
      const error = readMetaError(code, httpStatus);

      expect(error).toMatchObject({ class: expected, known: true });
      expect(genesysReasons).toContain(error.reason);
    }
  });

  it.each([
    [131047, 'MessageNotAllowed'],
    [131026, 'InvalidDestination'],
    [131050, 'RecipientOptedOut'],
    [130429, 'RateLimited'],
    [131056, 'RateLimited'],
    [131049, 'RateLimited'],
    [131052, 'MediaTypeNotAllowed'],
    [131053, 'MediaTypeNotAllowed'],
    [131051, 'UnsupportedMessage'],
    [131000, 'ServerError'],
    [190, 'GeneralError'],
    [250, 'GeneralError'],
    [100, 'InvalidMessageStructure'],
    [132000, 'InvalidMessageStructure'],
    [132016, 'MessageNotAllowed'],
    [137000, 'InvalidDestination'],
  ] as const)('tells Genesys of %d as %s', (code, reason) => {
    expect(readMetaError(code).reason).toBe(reason);
  });
});

describe('a code that nobody documented', () => {
  it('ends the message when a status carried it', () => {
    expect(readMetaError(999_999)).toEqual({ class: 'permanent', reason: 'GeneralError', known: false });
    expect(readMetaError(undefined)).toEqual({ class: 'permanent', reason: 'GeneralError', known: false });
  });

  it.each([
    [400, 'permanent'],
    [404, 'permanent'],
    [413, 'permanent'],
    [401, 'config'],
    [403, 'config'],
    [408, 'retry'],
    [429, 'retry'],
    [500, 'retry'],
    [503, 'retry'],
    [302, 'retry'],
  ])('goes by HTTP status %d when an answer carried it: %s', (status, expected) => {
    expect(readMetaError(999_999, status)).toEqual({ class: expected, reason: 'GeneralError', known: false });
    expect(readMetaError(undefined, status).class).toBe(expected);
  });

  it('is read whatever number it is', () => {
    const anyNumber = fc.oneof(fc.double(), fc.integer());
    fc.assert(
      fc.property(anyNumber, fc.option(fc.integer(), { nil: undefined }), (code, status) => {
        expect(genesysReasons).toContain(readMetaError(code, status).reason);
      }),
    );
  });
});
