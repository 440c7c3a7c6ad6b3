// Images, videos, audio, documents and stickers: the caption is the text, the file goes along as an attachment.
import type { MediaReference } from '../../model/agent-content.ts';
import { toSafeFilename } from '../hostile-text.ts';
import { fillPhrase } from '../phrases.ts';
import type { Converter } from './conversion.ts';
import { joinParts, readAt, readText } from './conversion.ts';

type MediaKind = MediaReference['kind'];

/** Used when WhatsApp names no usable type. */
const usualTypes: Record<MediaKind, string> = {
  image: 'image/jpeg',
  video: 'video/mp4',
  audio: 'audio/ogg',
  document: 'application/octet-stream',
  sticker: 'image/webp',
};

/** The converter of one kind of media. */
export function convertMedia(kind: MediaKind): Converter {
  return (content, { phrases }) => {
    const caption = readText(content, 'caption') ?? '';
    const isVoice = kind === 'audio' && readAt(content, 'voice') === true;
    const filename = toSafeFilename(readText(content, 'filename'));
    const named = phrases[isVoice ? 'voice' : kind];
    const mediaLabel =
      filename === undefined ? named : fillPhrase(phrases.fileNamed, { kind: named, filename });
    const id = readText(content, 'id');
    if (id === undefined || !/^[\w-]{1,200}$/.test(id)) {
      const failed = fillPhrase(phrases.mediaFailed, { what: mediaLabel });
      return { text: joinParts([caption, failed], '\n'), placeholder: true };
    }
    const media: MediaReference = { id, kind, mime: readMime(content) ?? usualTypes[kind] };
    const sha256 = readText(content, 'sha256');
    const url = readText(content, 'url');
    if (sha256 !== undefined) media.sha256 = sha256;
    if (url !== undefined) media.url = url;
    if (filename !== undefined) media.filename = filename;
    return { text: caption, placeholder: false, media, mediaLabel };
  };
}

/** A media type that may stand in a header; parameters that may not are left out. */
function readMime(content: unknown): string | undefined {
  const mime = readText(content, 'mime_type')?.trim() ?? '';
  const [bare] = /^[\w.+-]{1,60}\/[\w.+-]{1,100}(?=\s*(;|$))/.exec(mime) ?? [];
  const isWhole = /^[^;]+(; ?[\w.-]{1,40}=[\w.-]{1,60})*$/.test(mime) && mime.length <= 200;
  return bare === undefined ? undefined : isWhole ? mime : bare;
}
