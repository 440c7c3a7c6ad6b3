import { fillPhrase } from '../phrases.ts';
import type { Converter } from './conversion.ts';
import { readAt, readText } from './conversion.ts';
import { readMessageId } from './json-values.ts';

/** Quirk(meta): a removed reaction comes without `emoji`, or with an empty one. */
export const convertReaction: Converter = (content, { phrases }) => {
  const emoji = readText(content, 'emoji');
  const quotedId = readMessageId(readAt(content, 'message_id'));
  return {
    text: emoji === undefined ? phrases.reactionRemoved : fillPhrase(phrases.reaction, { emoji }),
    placeholder: false,
    ...(quotedId === undefined ? {} : { quotedId, quotedAs: 'subject' }),
  };
};
