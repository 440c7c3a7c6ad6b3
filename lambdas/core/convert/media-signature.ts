// Recognises what bytes are by how they begin. Only long, certain signatures: unknown bytes are nobody's enemy.
import type { MediaKind } from './media-rules.ts';

type Family = 'image' | 'sound-or-film' | 'markup' | 'document';

/** Bytes of a file's beginning that are enough to recognise it. */
export const signatureBytes = 1024;

interface Signature {
  family: Family;
  at: number;
  text: string;
  /** Where the signature stands for a single type. */
  mime?: string;
}

/** As Latin-1 text. */
const signatures: readonly Signature[] = [
  { family: 'image', at: 0, text: '\xff\xd8\xff', mime: 'image/jpeg' },
  { family: 'image', at: 0, text: '\x89PNG\r\n\x1a\n', mime: 'image/png' },
  { family: 'image', at: 0, text: 'GIF8', mime: 'image/gif' },
  { family: 'image', at: 8, text: 'WEBP', mime: 'image/webp' },
  { family: 'image', at: 4, text: 'ftyphei', mime: 'image/heic' },
  { family: 'image', at: 4, text: 'ftypavif', mime: 'image/avif' },
  { family: 'image', at: 4, text: 'ftypmif1', mime: 'image/heif' },
  { family: 'sound-or-film', at: 4, text: 'ftyp3gp', mime: 'video/3gpp' },
  { family: 'sound-or-film', at: 4, text: 'ftypM4A', mime: 'audio/mp4' },
  { family: 'sound-or-film', at: 4, text: 'ftypqt', mime: 'video/quicktime' },
  { family: 'sound-or-film', at: 4, text: 'ftyp' },
  { family: 'sound-or-film', at: 0, text: 'OggS' },
  { family: 'sound-or-film', at: 0, text: '#!AMR', mime: 'audio/amr' },
  { family: 'sound-or-film', at: 8, text: 'WAVEfmt', mime: 'audio/wav' },
  { family: 'sound-or-film', at: 0, text: '\x1aE\xdf\xa3', mime: 'video/webm' },
  { family: 'document', at: 0, text: '%PDF-', mime: 'application/pdf' },
  { family: 'document', at: 0, text: 'PK\x03\x04' },
  { family: 'document', at: 0, text: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1' },
  { family: 'document', at: 0, text: '\x7fELF' },
];

/** A byte order mark, white space and comments may stand before the first tag; UTF-16 puts zero bytes between. */
const markup =
  /^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?[\s\0]*(<!--|<\?xml|<!doctype|<(html|head|body|script|svg|iframe|meta|title|style|img|a)[\s>/])/i;

/** True when the bytes are surely something else than the kind says. Every file may be a document. */
export function contradictsKind(kind: MediaKind, head: Uint8Array): boolean {
  if (kind === 'document') return false;
  const family = recognise(head)?.family;
  const expected: Family = kind === 'image' || kind === 'sticker' ? 'image' : 'sound-or-film';
  return family !== undefined && family !== expected;
}

/** What the beginning of a file surely is; `mime` where that is one type alone. Undefined when it could be anything. */
export function recognise(head: Uint8Array): { family: Family; mime?: string } | undefined {
  const text = toLatin1(head.subarray(0, signatureBytes));
  const found = signatures.find((signature) => text.startsWith(signature.text, signature.at));
  if (found) return { family: found.family, ...(found.mime === undefined ? {} : { mime: found.mime }) };
  return markup.test(text) || markup.test(text.replaceAll('\0', '')) ? { family: 'markup' } : undefined;
}

/** One character per byte. */
export function toLatin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}
