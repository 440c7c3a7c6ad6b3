// A file of an agent as one piece of memory, fetched from where Genesys says it is, in bounded tries.
import { largestAttachmentBytes } from '../../core/convert/media-rules.ts';
import { BridgeError } from '../../core/errors.ts';
import type { AttachmentSource } from '../../core/outbound-ports.ts';
import type { Clock, Sleeper } from '../../core/ports.ts';

export interface FetchFilePorts {
  clock: Clock;
  sleeper: Sleeper;
  source: AttachmentSource;
}

interface FetchRequest {
  numberId: string;
  attachment: { url: string };
  /** Epoch ms. */
  deadlineAt: number;
}

const mostTries = 3;
const firstPauseMs = 300;

/** @throws BridgeError `secret-unavailable` */
export async function fetchFile(
  request: FetchRequest,
  ports: FetchFilePorts,
): Promise<{ whole: true; bytes: Uint8Array<ArrayBuffer> } | { whole: false; failure: BridgeError }> {
  const { clock, sleeper } = ports;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return { whole: true, bytes: await download(request, ports) };
    } catch (error) {
      if (!(error instanceof BridgeError) || error.kind === 'secret-unavailable') throw error;
      const pauseMs = firstPauseMs * 2 ** (attempt - 1);
      const isPassing = error.kind === 'provider-unavailable' || error.details.code === 'address-dead';
      if (isPassing && attempt < mostTries && clock.now() + pauseMs < request.deadlineAt) {
        await sleeper.sleep(pauseMs);
        continue;
      }
      return { whole: false, failure: error };
    }
  }
}

/** Genesys takes no larger files from agents, so a larger one is no file of an agent; and a whole one is held in memory. */
async function download(
  { numberId, attachment, deadlineAt }: FetchRequest,
  { source }: FetchFilePorts,
): Promise<Uint8Array<ArrayBuffer>> {
  const opened = await source.open(numberId, attachment.url, deadlineAt);
  try {
    const parts: Uint8Array[] = [];
    let size = 0;
    if ((opened.bytes ?? 0) > largestAttachmentBytes) throw tooLarge();
    for await (const chunk of opened.chunks) {
      size += chunk.length;
      if (size > largestAttachmentBytes) throw tooLarge();
      parts.push(chunk);
    }
    if (opened.bytes !== undefined && opened.bytes !== size)
      throw new BridgeError('provider-unavailable', 'the file has another length than announced', {
        code: 'cut-short',
      });
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  } finally {
    opened.close();
  }
}

function tooLarge(): BridgeError {
  return new BridgeError('provider-rejected', 'the file is larger than 25 MB', { code: 'too-large' });
}
