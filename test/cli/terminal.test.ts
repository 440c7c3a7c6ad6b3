import { PassThrough } from 'node:stream';
import { countOf, createTerminal, renderFigures, renderProgress } from '../../cli/terminal.ts';

describe('progress', () => {
  it('is a bar that fills, with the figures beside it', () => {
    expect(renderProgress('parked', 0, 4)).toBe(`parked     [${'·'.repeat(24)}] 0 of 4`);
    expect(renderProgress('parked', 2, 4)).toContain(`[${'█'.repeat(12)}${'·'.repeat(12)}] 2 of 4`);
    expect(renderProgress('parked', 0, 0)).toContain('█'.repeat(24));
  });

  it('is rewritten in place on a terminal and comes in lines elsewhere, the same never twice', () => {
    const written = (isTTY: boolean): string => {
      const out = Object.assign(new PassThrough(), { isTTY }) as unknown as NodeJS.WriteStream;
      const terminal = createTerminal(out);
      terminal.progress('parked', 1, 2);
      terminal.progress('parked', 1, 2);
      terminal.progress('parked', 2, 2);
      terminal.line('done');
      return String((out as unknown as PassThrough).read());
    };
    expect(written(true).split('\r')).toHaveLength(3);
    expect(written(true)).toMatch(/\ndone\n$/);
    expect(written(false).split('\n')).toHaveLength(4);
    expect(written(false)).not.toContain('\r');
  });
});

describe('figures', () => {
  it('stand under each other, without those that are nothing', () => {
    expect(
      renderFigures([
        ['FAILED', 3],
        ['DELIVERED', 120],
        ['HELD', 0],
        ['ERASED', undefined],
      ]),
    ).toEqual(['  FAILED       3', '  DELIVERED  120']);
  });
});

describe('a count', () => {
  it('is of one or of several', () => {
    expect([0, 1, 2].map((count) => countOf(count, 'message'))).toEqual([
      '0 messages',
      '1 message',
      '2 messages',
    ]);
  });
});
