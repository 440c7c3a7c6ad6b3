// The send of a file that was uploaded.
import type { MetaSend } from '../../model/customer-message.ts';
import { toSafeFilename } from '../hostile-text.ts';
import type { SendableKind } from './media-choice.ts';

/** Longest text that stands under a picture, a film or a document. */
export const longestCaption = 1024;

/** @param caption left out where the kind takes none; `chooseMedia` picks such a kind only for files without one */
export function toMediaSend(
  { kind, voice }: { kind: SendableKind; voice?: true },
  mediaId: string,
  caption?: string,
  filename?: string,
): MetaSend {
  const safeName = kind === 'document' ? toSafeFilename(filename) : undefined;
  return {
    type: kind,
    [kind]: {
      id: mediaId,
      ...(caption && takesCaption(kind) ? { caption } : {}),
      ...(safeName === undefined ? {} : { filename: safeName }),
      ...(kind === 'audio' && voice ? { voice: true } : {}),
    },
  };
}

function takesCaption(kind: SendableKind): boolean {
  return kind !== 'audio' && kind !== 'sticker';
}
