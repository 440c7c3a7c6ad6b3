import fc from 'fast-check';
import { splitLastPart, splitText } from '../../../../../lambdas/core/convert/whatsapp/split-text.ts';

const family = '👨‍👩‍👧‍👦';
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const graphemes = (text: string) => [...segmenter.segment(text)].map(({ segment }) => segment);
const withoutSpace = (text: string) => text.replace(/\s/g, '');
const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc
    .array(
      fc.constantFrom(
        'a',
        'word',
        ' ',
        '\n',
        '  ',
        family,
        '🇬🇧',
        'e\u0301',
        '🎉',
        '\u200d',
        '👍🏽',
        'क्षि',
        '.',
      ),
      {
        maxLength: 100,
      },
    )
    .map((pieces) => pieces.join('')),
);

describe('a text that is split', () => {
  it.each([
    ['fits', 'one two', 7, ['one two']],
    ['fits with space around it', ' one \n', 10, [' one \n']],
    ['has words', 'one two three', 8, ['one two', 'three']],
    ['has a border just behind the part', 'one two', 3, ['one', 'two']],
    ['has lines, which go before words', 'one two\nthree four', 12, ['one two', 'three four']],
    ['has a line and a later word', 'one two three\nab cd efg', 18, ['one two three', 'ab cd efg']],
    ['has an early line alone, which is not worth it', 'a\nbcd efg hij', 10, ['a\nbcd efg', 'hij']],
    ['has one long word', 'abcdefgh', 3, ['abc', 'def', 'gh']],
    ['has emoji', '🎉🎉🎉', 5, ['🎉🎉', '🎉']],
    ['has joined emoji', `${family}${family}`, 15, [family, family]],
    ['has flags', '🇬🇧🇩🇪🇫🇷', 7, ['🇬🇧', '🇩🇪', '🇫🇷']],
    ['has marks', 'e\u0301e\u0301e\u0301', 3, ['e\u0301', 'e\u0301', 'e\u0301']],
    ['has a grapheme longer than a part', family, 4, ['👨\u200d', '👩\u200d', '👧\u200d', '👦']],
    ['is one endless grapheme', `a${'\u0301'.repeat(9)}`, 5, [`a${'\u0301'.repeat(4)}`, '\u0301'.repeat(5)]],
    ['begins with much space', `${' '.repeat(9)}one`, 4, ['one']],
    ['is nothing but space', ' \n '.repeat(9), 4, []],
    ['is empty', '', 4, []],
  ])('and %s is cut where a reader would', (_name, text, length, parts) => {
    expect(splitText(text, length)).toEqual(parts);
  });

  it('is the whole text but for white space where it was cut', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 16, max: 60 }), (text, length) => {
        const parts = splitText(text, length);

        expect(withoutSpace(parts.join(''))).toBe(withoutSpace(text));
        for (const part of parts) {
          expect(part.length).toBeLessThanOrEqual(length);
          expect(part.trim()).not.toBe('');
          expect(text).toContain(part);
        }
      }),
    );
  });

  it('never breaks a grapheme that fits', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 16, max: 60 }), (text, length) => {
        const whole = graphemes(text);
        fc.pre(whole.every((grapheme) => grapheme.length <= length));
        const visible = (list: string[]) => list.filter((grapheme) => grapheme.trim() !== '');

        expect(visible(splitText(text, length).flatMap(graphemes))).toEqual(visible(whole));
      }),
    );
  });

  it('never breaks a surrogate pair, whatever the length', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 2, max: 9 }), (text, length) => {
        for (const part of splitText(text, length)) {
          expect(part.isWellFormed()).toBe(true);
          expect(part.length).toBeLessThanOrEqual(length);
        }
      }),
    );
  });

  it('takes no time to speak of, even as one grapheme of a million units', () => {
    const monster = `a${'\u0301'.repeat(1_000_000)}`;

    expect(splitText(monster, 4096).join('')).toBe(monster);
  });
});

describe('a text whose end is asked for', () => {
  it.each([
    ['short', { before: '', last: 'short' }],
    ['one two three', { before: 'one two', last: 'three' }],
    ['', { before: '', last: '' }],
  ])('(%j) comes as its last part and what stands before it', (text, parts) => {
    expect(splitLastPart(text, 8)).toEqual(parts);
  });

  it('loses nothing but white space', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { before, last } = splitLastPart(text, 20);

        expect(withoutSpace(before + last)).toBe(withoutSpace(text));
        expect(last.length).toBeLessThanOrEqual(20);
      }),
    );
  });
});
