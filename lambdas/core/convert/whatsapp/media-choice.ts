// As what a file goes to a customer. WhatsApp takes few types as pictures, sounds and films, and refuses the others only
// after the send; what would be refused goes as a document. Source: Meta, media reference (2026-06).
import { describeFile, largestMediaBytes } from '../media-rules.ts';
import { recognise, toLatin1 } from '../media-signature.ts';

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

export type SendableKind = 'image' | 'video' | 'audio' | 'document' | 'sticker';

/** What is known of a file once it is there. */
export interface FileFacts {
  /** As Genesys says. */
  mime: string;
  /** Its first 1,024 bytes, or all of them. */
  head: Uint8Array;
  bytes: number;
  filename?: string;
  /** True when a text goes with it; sounds and stickers cannot carry one. */
  captioned?: boolean;
  voice?: boolean;
  sticker?: boolean;
}

export type MediaChoice =
  | {
      taken: true;
      kind: SendableKind;
      /** True when it is played as a voice message. */
      voice?: true;
      /** Type to upload it as, by its bytes. */
      mime: string;
      /** Safe to show and to save. */
      filename: string;
      /** False where Meta does not promise to take it as a document; where it refuses the upload, a link is left. */
      certain: boolean;
    }
  | {
      taken: false;
      reason: 'MediaTypeNotAllowed' | 'InvalidMediaContentLength';
      /** Whether a link to our own copy helps; an error page or an empty file helps nobody. */
      fallback: 'link' | 'none';
    };

/** Names that people and programs give to types. */
const aliases: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'audio/mp3': 'audio/mpeg',
  'audio/m4a': 'audio/mp4',
  'audio/x-m4a': 'audio/mp4',
  'audio/opus': 'audio/ogg',
  'application/ogg': 'audio/ogg',
  'audio/x-aac': 'audio/aac',
  'video/3gp': 'video/3gpp',
};

const limits: Readonly<Record<string, { kind: SendableKind; bytes: number }>> = {
  'image/jpeg': { kind: 'image', bytes: 5 * megabyte },
  'image/png': { kind: 'image', bytes: 5 * megabyte },
  'video/mp4': { kind: 'video', bytes: 16 * megabyte },
  'video/3gpp': { kind: 'video', bytes: 16 * megabyte },
  'audio/aac': { kind: 'audio', bytes: 16 * megabyte },
  'audio/amr': { kind: 'audio', bytes: 16 * megabyte },
  'audio/mpeg': { kind: 'audio', bytes: 16 * megabyte },
  'audio/mp4': { kind: 'audio', bytes: 16 * megabyte },
  'audio/ogg': { kind: 'audio', bytes: 16 * megabyte },
};

const certainDocuments =
  /^(text\/plain|application\/(pdf|msword|vnd\.ms-(excel|powerpoint)|vnd\.openxmlformats-officedocument\..*))$/;

/** @param shortId tells files without a name of their own apart */
export function chooseMedia(file: FileFacts, shortId: string): MediaChoice {
  if (file.bytes === 0) return { taken: false, reason: 'InvalidMediaContentLength', fallback: 'none' };
  const announced = toBareType(file.mime);
  const found = recognise(file.head);
  // Servers answer errors with pages; only what was announced as text may be one.
  if (found?.family === 'markup' && !/^text\/|[/+]xml$|javascript$/.test(announced)) {
    return { taken: false, reason: 'MediaTypeNotAllowed', fallback: 'none' };
  }
  if (file.bytes > largestMediaBytes) {
    return { taken: false, reason: 'InvalidMediaContentLength', fallback: 'link' };
  }
  const mime = decideType(announced, found, file.head);
  const kind = chooseKind(mime, file);
  const traits = describeFile({ kind, mime, filename: file.filename }, shortId);
  return {
    taken: true,
    kind,
    ...(kind === 'audio' && file.voice && mime === 'audio/ogg' ? { voice: true } : {}),
    // Types that a browser would run go under a neutral name.
    mime: traits.mime,
    filename: traits.filename,
    certain: kind !== 'document' || isSurelyTaken(traits.mime, file.bytes),
  };
}

/** Quirk(meta): an upload is measured by its type, whatever it is going to be sent as. */
function isSurelyTaken(mime: string, bytes: number): boolean {
  return certainDocuments.test(mime) || bytes <= (findLimit(mime)?.bytes ?? 0);
}

/** The bytes have the last word where they know one. */
function decideType(announced: string, found: ReturnType<typeof recognise>, head: Uint8Array): string {
  if (!found) return announced;
  if (found.mime !== undefined) return found.mime;
  if (toLatin1(head.subarray(0, 4)) === 'OggS')
    return announced.startsWith('video/') ? 'video/ogg' : 'audio/ogg';
  const isFilm = found.family === 'sound-or-film';
  // Left are the MP4 brands, which say nothing certain of sound or film, and containers of documents.
  if (isFilm) return /^(audio|video)\/mp4$/.test(announced) ? announced : 'video/mp4';
  return /^(image|audio|video)\//.test(announced) ? 'application/octet-stream' : announced;
}

function chooseKind(mime: string, { head, bytes, captioned, sticker }: FileFacts): SendableKind {
  if (mime === 'image/webp')
    return sticker && !captioned && fitsSticker(head, bytes) ? 'sticker' : 'document';
  const limit = findLimit(mime);
  if (!limit || bytes > limit.bytes) return 'document';
  if (limit.kind === 'audio' && captioned) return 'document';
  if (mime === 'audio/ogg' && !isMonoOpus(head)) return 'document';
  if (mime === 'image/png' && isDeepPng(head)) return 'document';
  return limit.kind;
}

function findLimit(mime: string): { kind: SendableKind; bytes: number } | undefined {
  return Object.hasOwn(limits, mime) ? limits[mime] : undefined;
}

function fitsSticker(head: Uint8Array, bytes: number): boolean {
  // Extended WebP: bit 1 of the flags that follow the size of the first chunk means animation.
  const isAnimated = toLatin1(head.subarray(12, 16)) === 'VP8X' && ((head[20] ?? 0) & 2) !== 0;
  return bytes <= (isAnimated ? 500 : 100) * kilobyte;
}

/** Meta plays Ogg with one Opus channel and nothing else. Source: RFC 7845, section 5.1: the channel count follows the version. */
function isMonoOpus(head: Uint8Array): boolean {
  const at = toLatin1(head).indexOf('OpusHead');
  return at >= 0 && head[at + 9] === 1;
}

/** More than eight bits per channel. Source: PNG specification, IHDR. */
function isDeepPng(head: Uint8Array): boolean {
  return (head[24] ?? 8) > 8;
}

function toBareType(mime: string): string {
  const bare = mime.split(';')[0]?.trim().toLowerCase() ?? '';
  return (Object.hasOwn(aliases, bare) && aliases[bare]) || bare;
}
