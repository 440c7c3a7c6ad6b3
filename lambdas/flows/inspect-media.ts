// Looks at media while it streams by: its size, and whether it begins like what it is said to be.
import { isActiveType, largestMediaBytes } from '../core/convert/media-rules.ts';
import { contradictsKind, signatureBytes } from '../core/convert/media-signature.ts';
import { BridgeError } from '../core/errors.ts';
import type { OpenedMedia } from '../core/media-ports.ts';
import type { MediaReference } from '../core/model/agent-content.ts';

/** Passes the bytes on unless they contradict the media. @throws BridgeError with code `wrong-type`, `too-large` or `empty` */
export async function* inspectMedia(
  { chunks, mime = '' }: Pick<OpenedMedia, 'chunks' | 'mime'>,
  media: Pick<MediaReference, 'kind' | 'mime'>,
): AsyncGenerator<Uint8Array> {
  if (media.kind !== 'document' && (isActiveType(mime) || isActiveType(media.mime)))
    throw refuse('wrong-type');
  let size = 0;
  let head: Uint8Array[] | undefined = [];
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > largestMediaBytes) throw refuse('too-large');
    if (head === undefined) {
      yield chunk;
      continue;
    }
    head.push(chunk);
    if (size < signatureBytes) continue;
    yield checkHead(head, media);
    head = undefined;
  }
  if (size === 0) throw refuse('empty');
  if (head !== undefined) yield checkHead(head, media);
}

function checkHead(parts: readonly Uint8Array[], { kind }: Pick<MediaReference, 'kind'>): Uint8Array {
  const head = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    head.set(part, at);
    at += part.length;
  }
  if (contradictsKind(kind, head)) throw refuse('wrong-type');
  return head;
}

function refuse(code: string): BridgeError {
  return new BridgeError('provider-rejected', `the media was refused: ${code}`, { code });
}
