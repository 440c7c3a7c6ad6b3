// Recognises what bytes are by how they begin. Only long, certain signatures: unknown bytes are nobody's enemy.
import type { MediaKind } from './media-rules.ts';

type Family = 'image' | 'sound-or-film' | 'markup' | 'document';

/** Bytes of a file's beginning that are enough to recognise it. */
export const signatureBytes = 1024;

interface Signature {
  family: Family;
  at: number;
  text: string;
}

/** As Latin-1 text. */
const signatures: readonly Signature[] = [
  { family: 'image', at: 0, text: '\xff\xd8\xff' },
  { family: 'image', at: 0, text: '\x89PNG\r\n\x1a\n' },
  { family: 'image', at: 0, text: 'GIF8' },
  { family: 'image', at: 8, text: 'WEBP' },
  { family: 'image', at: 4, text: 'ftyphei' },
  { family: 'image', at: 4, text: 'ftypavif' },
  { family: 'image', at: 4, text: 'ftypmif1' },
  { family: 'sound-or-film', at: 4, text: 'ftyp' },
  { family: 'sound-or-film', at: 0, text: 'OggS' },
  { family: 'sound-or-film', at: 0, text: '#!AMR' },
  { family: 'sound-or-film', at: 8, text: 'WAVEfmt' },
  { family: 'sound-or-film', at: 0, text: '\x1aE\xdf\xa3' },
  { family: 'document', at: 0, text: '%PDF-' },
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
  const family = recognise(head);
  const expected: Family = kind === 'image' || kind === 'sticker' ? 'image' : 'sound-or-film';
  return family !== undefined && family !== expected;
}

function recognise(head: Uint8Array): Family | undefined {
  let text = '';
  for (const byte of head.subarray(0, signatureBytes)) text += String.fromCharCode(byte);
  const found = signatures.find((signature) => text.startsWith(signature.text, signature.at));
  if (found) return found.family;
  return markup.test(text) || markup.test(text.replaceAll('\0', '')) ? 'markup' : undefined;
}
