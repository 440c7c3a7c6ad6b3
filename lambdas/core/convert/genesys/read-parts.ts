// The small things that contents of Genesys are made of. Everything may be missing, empty or of another type.
import type { OutboundAttachment } from '../../model/customer-message.ts';
import type { DeskOption } from '../../model/desk-message.ts';
import { isBlank, toSafeLine, toSafeText } from '../hostile-text.ts';
import { isObject, readId } from '../meta/json-values.ts';
import type { CardLink } from '../whatsapp/card.ts';

/** A text made safe; empty when a reader would see nothing. */
export function readWords(value: unknown): string {
  const text = toSafeText(readId(value) ?? '');
  return isBlank(text) ? '' : text;
}

/** The objects of a list; a single object stands for a list of one. */
export function listObjects(value: unknown): Record<string, unknown>[] {
  return (Array.isArray(value) ? value : [value]).filter(isObject);
}

/** The option that a quick reply or a postback offers, undefined when it shows nothing. */
export function readOption(type: DeskOption['type'], value: Record<string, unknown>): DeskOption | undefined {
  const own = readId(value.text) ?? '';
  const payload = readId(value.payload) ?? own;
  // What stands on a button is one line; what goes back to Genesys is what it wrote.
  const text = [own, payload].find((shown) => readLine(shown) !== '');
  return text === undefined ? undefined : { type, text, payload };
}

const mimeByMediaType: Readonly<Record<string, string>> = {
  image: 'image/jpeg',
  sticker: 'image/webp',
  video: 'video/mp4',
  audio: 'audio/mpeg',
  voice: 'audio/ogg',
};

/** Undefined without an address that can be asked. */
export function readAttachment(part: Record<string, unknown>): OutboundAttachment | undefined {
  const url = readWebAddress(part.url);
  if (url === undefined) return undefined;
  const mediaType = readId(part.mediaType)?.toLowerCase() ?? '';
  const mime = readId(part.mime)?.trim().toLowerCase() ?? mimeByMediaType[mediaType];
  const filename = readId(part.filename);
  return {
    url,
    mime: mime ?? 'application/octet-stream',
    ...(filename === undefined ? {} : { filename }),
    ...(mediaType === 'voice' ? { voice: true } : {}),
    ...(mediaType === 'sticker' ? { sticker: true } : {}),
  };
}

/** An absolute http or https address without white space, undefined for anything else. */
export function readWebAddress(value: unknown): string | undefined {
  const url = readId(value)?.trim() ?? '';
  return /^https?:\/\/[^\s\p{Cc}]+$/iu.test(url) && url.isWellFormed() && URL.canParse(url) ? url : undefined;
}

/** A link as it is written; undefined without an address of any kind. */
export function readLink(label: unknown, address: unknown): CardLink | undefined {
  const url = readWords(address).trim();
  return url === '' ? undefined : { label: readLine(label), url };
}

/** One line made safe, however long; may be empty. */
export function readLine(value: unknown): string {
  const line = readId(value) ?? '';
  return toSafeLine(line, line.length);
}
