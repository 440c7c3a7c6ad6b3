// An edited message is shown anew with what it was before; of a deleted one the agent is told, but it is not repeated.
import type { Converter } from './conversion.ts';
import { readAt } from './conversion.ts';
import { readMessageId } from './json-values.ts';

export const convertEdit: Converter = (content, { phrases, convertInner }) => {
  const inner = convertInner(readAt(content, 'message'));
  const quotedId = readMessageId(readAt(content, 'original_message_id'));
  return {
    ...inner,
    notes: [phrases.edited, ...(inner.notes ?? [])],
    ...(quotedId === undefined ? {} : { quotedId, quotedAs: 'subject' }),
  };
};

export const convertRevoke: Converter = (_content, { phrases }) => ({
  text: phrases.deleted,
  placeholder: false,
});
