// The bridge's own words to the agent, in the language of the tenant.
import { english } from './phrase-sets/english.ts';
import { french } from './phrase-sets/french.ts';
import { german } from './phrase-sets/german.ts';
import { italian } from './phrase-sets/italian.ts';
import { portuguese } from './phrase-sets/portuguese.ts';
import { spanish } from './phrase-sets/spanish.ts';

export type PhraseKey = keyof typeof english;
export type Phrases = Readonly<Record<PhraseKey, string>>;

/** Complete sets by language code. */
export const phraseSets: Readonly<Record<string, Phrases>> = {
  en: english,
  es: spanish,
  de: german,
  fr: french,
  pt: portuguese,
  it: italian,
};

/** The set of a language with single phrases replaced; English for a language nobody translated. */
export function choosePhrases(language: string, overrides: Readonly<Record<string, string>> = {}): Phrases {
  const set = (Object.hasOwn(phraseSets, language) && phraseSets[language]) || english;
  return { ...set, ...overrides };
}

/** Replaces `{name}` by its value; what the customer wrote is put in as it is, braces and all. */
export function fillPhrase(phrase: string, values: Readonly<Record<string, string>>): string {
  return phrase.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}
