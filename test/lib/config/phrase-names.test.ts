import { english } from '../../../lambdas/core/convert/phrase-sets/english.ts';
import { phraseSets } from '../../../lambdas/core/convert/phrases.ts';
import { languages, phraseNames } from '../../../lib/config/phrase-names.ts';

it('a tenant file knows the languages and phrases that the worker knows', () => {
  expect(languages).toEqual(Object.keys(phraseSets));
  expect(phraseNames).toEqual(Object.keys(english));
});
