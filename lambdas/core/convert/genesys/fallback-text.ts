// What a reader could be shown of content the bridge has no form for, e.g. date pickers.
import { readId } from '../meta/json-values.ts';

/** Fields that hold words for people in the content models of Genesys. */
const wordFields = new Set([
  'title',
  'subtitle',
  'header',
  'text',
  'body',
  'description',
  'summaryText',
  'footer',
  'url',
]);
const deepest = 6;
const mostLines = 50;

/** Lines of words in the order of the content, none twice; empty when there are none. */
export function collectFallbackText(content: unknown): string[] {
  const lines = new Set<string>();
  visit(content, 0, lines);
  return [...lines];
}

function visit(value: unknown, depth: number, lines: Set<string>): void {
  if (typeof value !== 'object' || value === null || depth > deepest) return;
  for (const [name, part] of Object.entries(value)) {
    if (lines.size >= mostLines) return;
    const words = wordFields.has(name) ? readId(part) : undefined;
    if (words !== undefined) lines.add(words);
    else visit(part, depth + 1, lines);
  }
}
