import { parseOptions, readList, readStatuses, readTime } from '../../cli/arguments.ts';
import { CommandError } from '../../cli/command-error.ts';

const now = Date.UTC(2026, 10, 20, 12);

describe('a time', () => {
  it.each([
    ['2026-11-20', Date.UTC(2026, 10, 20)],
    ['2026-11-20T10:15Z', Date.UTC(2026, 10, 20, 10, 15)],
    ['2026-11-20T10:15:30.5+01:00', Date.UTC(2026, 10, 20, 9, 15, 30, 500)],
    ['90m', now - 90 * 60_000],
    ['6h', now - 6 * 3_600_000],
    ['3d', now - 3 * 86_400_000],
  ])('%s is understood', (text, at) => {
    expect(readTime(text, 'from', now)).toBe(at);
  });

  it.each(['', 'yesterday', '2026-13-01', '2026-11-20T10:15', '6x', '-6h', '20/11/2026'])(
    'of the form %p is refused, naming the option and what to give',
    (text) => {
      expect(() => readTime(text, 'from', now)).toThrow(/--from: .* give 2026-11-20/);
    },
  );
});

describe('a list', () => {
  it('is separated by commas, with spaces around them allowed', () => {
    expect(readList('a, b,c', 'ids')).toEqual(['a', 'b', 'c']);
  });

  it('with an empty entry is refused', () => {
    expect(() => readList('a,,b', 'ids')).toThrow('--ids holds an empty entry');
  });
});

describe('statuses', () => {
  it('are taken in any case', () => {
    expect(readStatuses('failed,Held', 'status')).toEqual(['FAILED', 'HELD']);
  });

  it('that do not exist are refused with those that do', () => {
    expect(() => readStatuses('broken', 'status')).toThrow(/--status: 'broken' is none of .*PARKED/);
  });
});

describe('options', () => {
  it('that are not known, lack their value or stand alone are refused', () => {
    for (const args of [['--nope'], ['--ids'], ['stray']])
      expect(() => parseOptions(args, { ids: 'string' })).toThrow(CommandError);
  });
});
