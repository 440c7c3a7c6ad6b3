// GET /media/{token}: a person follows a link to media that was too large to attach. A link of ours leads to a fresh
// address of the store; everything else is not found, whatever is wrong with it.
import type { MediaLinks, MediaStore } from '../core/media-ports.ts';

export interface AnswerMediaLinkPorts {
  links: Pick<MediaLinks, 'read'>;
  store: Pick<MediaStore, 'mintUrl'>;
}

/** @throws BridgeError `secret-unavailable`, `store-unavailable` */
export async function answerMediaLink(
  token: string,
  { links, store }: AnswerMediaLinkPorts,
): Promise<{ status: number; headers: Record<string, string> }> {
  const key = await links.read(token);
  const headers = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
  if (key === undefined) return { status: 404, headers };
  return { status: 302, headers: { ...headers, location: await store.mintUrl(key) } };
}
