// What the bridge makes of a media object: how large it may be, how it is named, and as what the agent sees it.
import type { MediaReference } from '../model/agent-content.ts';
import type { DeskAttachment } from '../model/desk-message.ts';
import { toSafeFilename } from './hostile-text.ts';

export type MediaKind = MediaReference['kind'];

const mebibyte = 1024 * 1024;
/** Genesys takes no larger attachment. Source: Genesys resource centre, "supported content" (25 MB). */
export const largestAttachmentBytes = 25 * mebibyte;
/** WhatsApp carries nothing larger. Source: Meta, media reference (documents: 100 MB). */
export const largestMediaBytes = 100 * mebibyte;

const unknownType = 'application/octet-stream';

/** The usual types of WhatsApp and the extensions people know them by. */
const extensions: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
  'video/mp4': 'mp4',
  'video/3gpp': '3gp',
  'video/quicktime': 'mov',
  'audio/aac': 'aac',
  'audio/amr': 'amr',
  'audio/mpeg': 'mp3',
  'audio/mp4': 'm4a',
  'audio/ogg': 'ogg',
  'application/pdf': 'pdf',
  'application/msword': 'doc',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.ms-powerpoint': 'ppt',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
  'application/zip': 'zip',
  'text/csv': 'csv',
  'text/plain': 'txt',
  'text/vcard': 'vcf',
};

/** Types a browser would run; nobody gets them from us under their own name. */
const activeType =
  /^(text\/html|application\/xhtml|image\/svg|(text|application)\/(xml|(x-)?javascript|ecmascript))/;

/** How a file is kept and shown. */
export interface FileTraits {
  /** Type without parameters. */
  mime: string;
  /** Safe to show and to save. */
  filename: string;
  /** Without the dot. */
  extension: string;
}

/** @param shortId tells files without a name of their own apart */
export function describeFile(
  { kind, mime, filename }: { kind: string; mime: string; filename?: string },
  shortId: string,
): FileTraits {
  const bare = bareType(mime);
  const own = toSafeFilename(filename);
  const extension = extensions[bare] ?? /\.([a-z0-9]{1,8})$/i.exec(own ?? '')?.[1]?.toLowerCase() ?? 'bin';
  return {
    mime: isActiveType(bare) ? unknownType : bare,
    filename: own ?? `${kind}-${shortId}.${extension}`,
    extension,
  };
}

/** True for types that a browser would run; such a thing is no picture, sound or film. */
export function isActiveType(mime: string): boolean {
  return activeType.test(bareType(mime));
}

export function toMediaType(mime: string): DeskAttachment['mediaType'] {
  if (mime.startsWith('image/')) return 'Image';
  if (mime.startsWith('video/')) return 'Video';
  return mime.startsWith('audio/') ? 'Audio' : 'File';
}

/** Hex of a sha256 given as hex (look-up) or base64 (webhook); undefined when it is neither. */
export function toHexDigest(digest: string | undefined): string | undefined {
  if (digest === undefined) return undefined;
  if (/^[0-9a-f]{64}$/i.test(digest)) return digest.toLowerCase();
  // 32 bytes are 43 base64 digits and padding.
  if (!/^[\w+/-]{43}=?$/.test(digest)) return undefined;
  const bytes = atob(digest.replaceAll('-', '+').replaceAll('_', '/'));
  return Array.from(bytes, (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
}

/** Type in lower case without parameters; `application/octet-stream` for what is none. */
function bareType(mime: string): string {
  const bare = mime.split(';')[0]?.trim().toLowerCase() ?? '';
  return /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/.test(bare) ? bare : unknownType;
}
