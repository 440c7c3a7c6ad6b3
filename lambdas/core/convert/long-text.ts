// Genesys takes bodies of up to 512,000 bytes. A text beyond that goes along as a file, with its beginning in the message.
import type { ShownContent } from '../model/agent-content.ts';
import { cutText } from './hostile-text.ts';
import type { Phrases } from './phrases.ts';

/** The rest is left to quotes, notes, names and participant data. */
const mostTextBytes = 480_000;
const beginningLength = 2000;

/** The same content when its text fits. */
export function carryLongText(content: ShownContent, phrases: Phrases): ShownContent {
  const { text } = content;
  if (!isTooLong(text)) return content;
  // A file that is there already, a vCard, holds what the text says.
  const file = content.file ?? { filename: 'message.txt', mime: 'text/plain; charset=utf-8', content: text };
  return { ...content, text: `${cutText(text, beginningLength)}\n${phrases.textContinues}`, file };
}

function isTooLong(text: string): boolean {
  // No UTF-16 unit needs more than six bytes in JSON, and the quotes two.
  if (text.length * 6 + 2 <= mostTextBytes) return false;
  return new TextEncoder().encode(JSON.stringify(text)).length > mostTextBytes;
}
