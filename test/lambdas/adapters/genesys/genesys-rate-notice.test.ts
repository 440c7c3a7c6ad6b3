import { readRateNotice } from '../../../../lambdas/adapters/genesys/genesys-rate-notice.ts';

const read = (allowed?: string, count?: string, reset?: string) =>
  readRateNotice(
    new Headers(
      Object.entries({
        'inin-ratelimit-allowed': allowed,
        'inin-ratelimit-count': count,
        'inin-ratelimit-reset': reset,
      }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as [string, string]])),
    ),
  );

describe('the count of requests', () => {
  it('is read from the headers', () => {
    expect(read('300', '299', '7')).toEqual({ allowedPerMinute: 300, used: 299, resetMs: 7000 });
  });

  it('is of a minute, whatever the reset says', () => {
    expect(read('300', '1', '86400')?.resetMs).toBe(60_000);
  });

  it.each<[string, ...(string | undefined)[]]>([
    ['nothing', undefined, undefined, undefined],
    ['no allowance', undefined, '1', '1'],
    ['an allowance of nothing', '0', '1', '1'],
    ['no count', '300', undefined, '1'],
    ['no reset', '300', '1', undefined],
    ['words', 'many', '1', '1'],
    ['a negative count', '300', '-1', '1'],
    ['a fraction', '300', '1', '1.5'],
  ])('is not made up from %s', (_name, allowed, count, reset) => {
    expect(read(allowed, count, reset)).toBeUndefined();
  });
});
