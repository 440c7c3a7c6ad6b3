import type { Converter } from './conversion.ts';
import { readText } from './conversion.ts';

/** The text exactly as the customer wrote it. */
export const convertText: Converter = (content, { phrases }) => {
  const body = readText(content, 'body') ?? readText(content);
  return body === undefined
    ? { text: phrases.emptyMessage, placeholder: true }
    : { text: body, placeholder: false };
};
