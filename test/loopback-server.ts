// A real HTTP server on 127.0.0.1 that records what it is sent and answers as told.
import { once } from 'node:events';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  method: string;
  /** With the query. */
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export type Answer = (response: ServerResponse, request: ReceivedRequest) => void;

export interface LoopbackServer {
  /** Without a trailing slash. */
  url: string;
  requests: ReceivedRequest[];
  /** How the next requests are answered; nothing at all until it is set. */
  answer: Answer;
  close(): Promise<void>;
}

export async function startLoopbackServer(): Promise<LoopbackServer> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, body: Buffer.concat(chunks).toString('utf8') };
    loopback.requests.push(received);
    loopback.answer(response, received);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const loopback: LoopbackServer = {
    url: `http://127.0.0.1:${port}`,
    requests: [],
    answer: () => {},
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return loopback;
}

export function answering(status: number, body: unknown = '', headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** Gives each answer once, then the last one again and again. */
export function answeringInTurn(...answers: Answer[]): Answer {
  const waiting = [...answers];
  return (response, request) => (waiting.length > 1 ? waiting.shift() : waiting[0])?.(response, request);
}

/** Breaks the connection without an answer. */
export const resetting: Answer = (response) => response.destroy();
