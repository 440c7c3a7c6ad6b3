// What the journeys about media say to the local run.
import { createHash, randomBytes } from 'node:crypto';
import type { LocalRun, ProviderRequest } from './local-run.ts';
import { aPhone, until } from './local-run.ts';

export interface ShownAttachment {
  mediaType: string;
  url: string;
  mime: string;
  filename: string;
  sha256: string;
}

export function digest(bytes: Uint8Array, encoding: 'hex' | 'base64'): string {
  return createHash('sha256').update(bytes).digest(encoding);
}

/** Bytes that begin as files of their type do. */
const beginnings: Record<string, Buffer> = {
  'image/jpeg': Buffer.from('ffd8ffe000104a464946', 'hex'),
  'image/png': Buffer.from('89504e470d0a1a0a', 'hex'),
  'image/webp': Buffer.from('524946460000000057454250', 'hex'),
  'video/mp4': Buffer.from('0000001866747970697336d6', 'hex'),
  'audio/ogg; codecs=opus': Buffer.from('OggS'),
  'application/pdf': Buffer.from('%PDF-1.7\n'),
};

export function someBytes(mime: string, size: number): Buffer {
  const bytes = randomBytes(size);
  beginnings[mime]?.copy(bytes);
  return bytes;
}

/** Puts the bytes where WhatsApp keeps media. */
export async function upload(
  run: LocalRun,
  bytes: Uint8Array,
  mime: string,
): Promise<{ id: string; sha256: string }> {
  const response = await fetch(`${run.endpoints.meta}/_media`, {
    method: 'POST',
    headers: { 'content-type': mime },
    body: new Uint8Array(bytes),
  });
  return (await response.json()) as { id: string; sha256: string };
}

/** The customer sends a message with media; answers its wamid. */
export async function sendMedia(
  run: LocalRun,
  kind: string,
  media: Record<string, unknown>,
  from: string = aPhone(),
): Promise<string> {
  const message = { type: kind, [kind]: media };
  const answer = await run.tell('POST', `${run.endpoints.meta}/_send`, { from, message });
  return (answer as { id: string }).id;
}

/** What Genesys was given for a message. */
export async function untilShown(
  run: LocalRun,
  id: string,
): Promise<{ text?: string; attachment?: ShownAttachment }> {
  const [row] = await until(
    async () => (await run.delivered()).filter(({ body }) => body.channel.messageId === id),
    (rows) => rows.length > 0,
  );
  type WithContent = ProviderRequest & { body: { content?: [{ attachment: ShownAttachment }] } };
  const { text, content } = (row as WithContent).body;
  return { text, ...(content ? { attachment: content[0].attachment } : {}) };
}
