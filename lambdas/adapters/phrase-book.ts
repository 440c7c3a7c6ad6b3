// The bridge's words to agents, chosen once at cold start.
import type { Phrases } from '../core/convert/phrases.ts';
import { choosePhrases } from '../core/convert/phrases.ts';

/** The phrases of a language, with the tenant's own in place of some. */
export function openPhraseBook(config: { language: string; overrides: Record<string, string> }): Phrases {
  return choosePhrases(config.language, config.overrides);
}
