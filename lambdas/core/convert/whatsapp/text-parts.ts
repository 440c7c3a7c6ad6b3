// Texts as sends, and how every part is quoted when the customer answers it.
import type { CustomerPart, MetaSend } from '../../model/customer-message.ts';
import type { DeskOption } from '../../model/desk-message.ts';
import { cutText, isBlank } from '../hostile-text.ts';
import { splitText } from './split-text.ts';

/** Longest text of one message. Source: Meta, text messages. */
const longestText = 4096;
const snippetLength = 80;

/** The whole text in as many messages as it takes, none of them one where a reader would see nothing. */
export function toTextParts(text: string): CustomerPart[] {
  return splitText(text, longestText)
    .filter((body) => !isBlank(body))
    .map((body) => {
      const preview = /https?:\/\//i.test(body) ? { preview_url: true } : {};
      return readyPart({ type: 'text', text: { body, ...preview } }, body);
    });
}

export function readyPart(
  send: MetaSend,
  shown: string,
  options?: Readonly<Record<string, DeskOption>>,
): CustomerPart {
  return { kind: 'ready', send, snippet: toSnippet(shown), ...(options ? { options } : {}) };
}

/** Beginning of what the customer sees. */
export function toSnippet(shown: string): string {
  return cutText(shown, snippetLength);
}
