import { choosePhrases, fillPhrase, phraseSets } from '../../../../lambdas/core/convert/phrases.ts';

const english = choosePhrases('en');
const gaps = (phrase: string) => (phrase.match(/\{\w+\}/g) ?? []).sort();

describe.each(Object.keys(phraseSets))('the phrases in %s', (language) => {
  const phrases = choosePhrases(language);

  it('are complete and take the same values as the English ones', () => {
    expect(Object.keys(phrases)).toEqual(Object.keys(english));
    for (const [name, phrase] of Object.entries(phrases)) {
      expect([name, gaps(phrase)]).toEqual([name, gaps(english[name as keyof typeof english])]);
    }
  });

  it('stand in brackets where the English ones do', () => {
    for (const [name, phrase] of Object.entries(phrases)) {
      const isBracketed = english[name as keyof typeof english].startsWith('[');
      expect([name, /^\[.*\]$/.test(phrase)]).toEqual([name, isBracketed]);
    }
  });
});

describe('the phrases of a tenant', () => {
  it('are those of its language with some replaced', () => {
    const phrases = choosePhrases('de', { reply: '[Re]' });

    expect(phrases.reply).toBe('[Re]');
    expect(phrases.location).toBe('[Standort]');
  });

  it.each(['xx', '', 'constructor', '__proto__'])(
    'are English for a language without a set (%j)',
    (language) => {
      expect(choosePhrases(language)).toEqual(english);
    },
  );
});

describe('a phrase', () => {
  it('is filled with what the customer wrote, braces and all', () => {
    expect(fillPhrase('[{kind}: {filename}]', { kind: '{filename}', filename: '$& {kind}' })).toBe(
      '[{filename}: $& {kind}]',
    );
  });

  it('keeps a gap that nobody fills', () => {
    expect(fillPhrase('{a} {toString}', { a: '1' })).toBe('1 {toString}');
  });
});
