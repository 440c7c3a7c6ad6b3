import fc from 'fast-check';
import {
  cutText,
  isBlank,
  toSafeFilename,
  toSafeLine,
  toSafeName,
  toSafeText,
} from '../../../../lambdas/core/convert/hostile-text.ts';

const anyText = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: 'grapheme' }),
);
const family = '👨‍👩‍👧‍👦';
const harmful = /[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u2028\u2029\ufeff]/u;

describe('a text that is cut', () => {
  it('stays as it is when it is short enough', () => {
    expect(cutText('abc', 3)).toBe('abc');
    expect(cutText('', 0)).toBe('');
  });

  it.each([
    ['abcd', 3, 'abc…'],
    [family.repeat(3), 15, `${family}…`],
    ['🇬🇧🇩🇪', 6, '🇬🇧…'],
    ['e\u0301e\u0301', 3, 'e\u0301…'],
    [family, 3, '…'],
  ])('(%j to %i) ends between graphemes', (text, length, cut) => {
    expect(cutText(text, length)).toBe(cut);
  });

  it('is the beginning of the text, whole graphemes and never longer than asked for', () => {
    const segments = (text: string) =>
      [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(text)].map(({ index }) => index);
    fc.assert(
      fc.property(anyText, fc.nat(30), (text, length) => {
        const cut = cutText(text, length);
        if (text.length <= length) return expect(cut).toBe(text);

        const kept = cut.slice(0, -1);
        expect(cut.endsWith('…')).toBe(true);
        expect(text.startsWith(kept)).toBe(true);
        expect(kept.length).toBeLessThanOrEqual(length);
        expect(segments(text)).toContain(kept.length);
      }),
    );
  });
});

describe('a text that is sent on', () => {
  it.each([
    ['a\u0000b\u0007c\u009fd', 'abcd'],
    ['one\r\ntwo\rthree\u2028four\u2029five', 'one\ntwo\nthree\nfour\nfive'],
    ['  a\tb  ', '  a\tb  '],
    ['a\ud83d', 'a\ufffd'],
    [family, family],
    ['علی\u200cرضا', 'علی\u200cرضا'],
  ])('(%j) keeps its lines and spaces and loses what harms', (text, safe) => {
    expect(toSafeText(text)).toBe(safe);
  });

  it.each([[''], [' \n\t'], ['\u200b\u200d\ufeff'], ['\u3000\u00a0'], ['\u0000']])(
    '(%j) may be blank',
    (text) => {
      expect(isBlank(text)).toBe(true);
    },
  );

  it.each([['a'], [' . '], ['🎉'], ['\u0301'], ['0']])('(%j) is not blank', (text) => {
    expect(isBlank(text)).toBe(false);
  });
});

describe('a name of a stranger', () => {
  it.each([
    ['Ada Löve', 'Ada Löve'],
    ['  Ada\n\tLöve ', 'Ada Löve'],
    ['Ada\u202egpj.exe', 'Adagpj.exe'],
    ['Ada\u0000\u0007', 'Ada'],
    [family, family],
    ['علی\u200cرضا', 'علی\u200cرضا'],
    ['a\ud800b', 'a\ufffdb'],
    [`a${'\u0301'.repeat(10_000)}`, `a${'\u0301'.repeat(6)}`],
    ['x'.repeat(10_000), `${'x'.repeat(80)}…`],
  ])('%# is readable', (name, safe) => {
    expect(toSafeName(name)).toBe(safe);
  });

  it.each([[undefined], [''], [' \n'], ['\u202e'], ['\u200b\u200d'], ['\u3000'], ['\u0301\u0301']])(
    'of which nothing is left (%j) is none',
    (name) => {
      expect(toSafeName(name)).toBeUndefined();
    },
  );

  it('never holds what hides or reorders, and is always one short line', () => {
    fc.assert(
      fc.property(anyText, (name) => {
        const safe = toSafeName(name) ?? '';

        expect(safe).not.toMatch(harmful);
        expect(safe.isWellFormed()).toBe(true);
        expect(safe.length).toBeLessThanOrEqual(81);
        expect(safe).toBe(safe.trim());
      }),
    );
  });

  it('has no double space where something invisible stood between two', () => {
    expect(toSafeLine('a \u200b b', 20)).toBe('a b');
  });

  it('is made safe once and for all', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 5, max: 50 }), (text, length) => {
        const line = toSafeLine(text, length);

        expect(toSafeLine(line, length + 1)).toBe(line);
      }),
    );
  });
});

describe('a file name of a stranger', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['C:\\Users\\me\\a.txt', 'a.txt'],
    ['..\\..\\a.txt', 'a.txt'],
    ['folder/', 'folder'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['a\r\nContent-Type: text/html', 'html'],
    ['a"b<c>d|e?f*g:h.txt', 'a_b_c_d_e_f_g_h.txt'],
    ['.hidden', 'hidden'],
    ['CON.txt', '_CON.txt'],
    ['lpt1', '_lpt1'],
    ['Fähre – Ticket №12 🎫.pdf', 'Fähre – Ticket №12 🎫.pdf'],
    [`${'x'.repeat(10_000)}.pdf`, `${'x'.repeat(116)}….pdf`],
    [`a.${'x'.repeat(10_000)}`, `a.${'x'.repeat(118)}…`],
  ])('%# is safe and readable', (filename, safe) => {
    expect(toSafeFilename(filename)).toBe(safe);
  });

  it.each([[undefined], [''], ['..'], ['/'], ['../..'], ['. .'], ['\u0000'], ['\u202e']])(
    'of which nothing is left (%j) is none',
    (filename) => {
      expect(toSafeFilename(filename)).toBeUndefined();
    },
  );

  it('never leads anywhere', () => {
    fc.assert(
      fc.property(
        fc.oneof(anyText, fc.string({ unit: fc.constantFrom(...'./\\ab:\u202e ') })),
        (filename) => {
          const safe = toSafeFilename(filename) ?? 'file';

          expect(safe).not.toMatch(harmful);
          expect(safe).not.toMatch(/[/\\<>:"|?*]|^\.|\.$/);
          expect(safe.length).toBeLessThanOrEqual(121);
        },
      ),
    );
  });
});
