// A request whose body has been read, so that it can be looked into before anything takes effect, and then be handed
// to whoever serves it as if it had just come in.

import { IncomingMessage } from 'node:http';

export interface ArrivedRequest {
  /** The request on the wire; its body is gone, its headers and socket are not. */
  wire: IncomingMessage;
  method: string;
  /** Path and query as sent. */
  target: string;
  path: string;
  query: URLSearchParams;
  body: Buffer;
}

/** The whole body; `too-large` when it passes the limit, `aborted` when the client went away first. */
export async function readBody(
  wire: IncomingMessage,
  limitBytes: number,
): Promise<Buffer | 'too-large' | 'aborted'> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of wire as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length;
      // Read on past the limit, keeping nothing: a client still sending would not see the answer.
      if (sizeBytes <= limitBytes) chunks.push(chunk);
    }
  } catch {
    return 'aborted';
  }
  return sizeBytes > limitBytes ? 'too-large' : Buffer.concat(chunks, sizeBytes);
}

/** The request once more, unread. The emulators may listen, pause and drop listeners as they like on this one. */
export function replayRequest(request: ArrivedRequest): IncomingMessage {
  const replay = new IncomingMessage(request.wire.socket);
  replay.method = request.method;
  replay.url = request.target;
  replay.httpVersion = request.wire.httpVersion;
  replay.httpVersionMajor = request.wire.httpVersionMajor;
  replay.httpVersionMinor = request.wire.httpVersionMinor;
  replay.headers = request.wire.headers;
  replay.rawHeaders = request.wire.rawHeaders;
  replay.complete = true;
  if (request.body.length > 0) replay.push(request.body);
  replay.push(null);
  return replay;
}
