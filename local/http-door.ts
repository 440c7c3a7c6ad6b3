// Stands for API Gateway: one listener, the routes of the template, its limits and its answers when something fails.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { toHttpAnswer, toHttpEvent } from './http-event.ts';
import { compileRoutes } from './http-routes.ts';
import type { InvokeResult } from './invocation.ts';
import type { RoutePlan } from './plan.ts';

export interface HttpDoorOptions {
  port: number;
  routes: RoutePlan[];
  invoke: (functionName: string, event: unknown) => Promise<InvokeResult>;
}

export interface HttpDoor {
  url: string;
  close(): Promise<void>;
}

const headerLimitBytes = 10 * 1024;
const bodyLimitBytes = 10 * 1024 * 1024;
/** Lambda's limit of a synchronous event, which base64 and JSON escapes reach sooner than the body limit. */
const eventLimitBytes = 6 * 1024 * 1024;
const keepAliveMs = 65_000;

/** @throws Error when the port is taken. */
export async function startHttpDoor({ port, routes, invoke }: HttpDoorOptions): Promise<HttpDoor> {
  const findRoute = compileRoutes(routes);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) return sendMessage(response, 413, 'Request Entity Too Large');
    const [path = '/'] = (request.url ?? '/').split('?');
    const found = findRoute(request.method ?? '', path);
    if (!found) return sendMessage(response, 404, 'Not Found');
    const { route, pathParameters } = found;
    const event = toHttpEvent(request, body, { routeKey: route.routeKey, pathParameters }, new Date());
    if (Buffer.byteLength(JSON.stringify(event)) > eventLimitBytes) {
      return sendMessage(response, 413, 'Request Entity Too Large');
    }
    const result = await withinMs(route.timeoutMs, invoke(route.functionName, event));
    if (result === 'late') return sendMessage(response, 503, 'Service Unavailable');
    const reply = result.ok ? toHttpAnswer(result.value) : undefined;
    if (!reply) return sendMessage(response, 500, 'Internal Server Error');
    response.writeHead(reply.statusCode, { ...reply.headers, 'content-length': reply.body.length });
    response.end(request.method === 'HEAD' ? undefined : reply.body);
  }

  const server = createServer(
    { maxHeaderSize: headerLimitBytes, keepAliveTimeout: keepAliveMs },
    (request, response) => {
      // Only a broken connection or an answer that is no valid HTTP gets here.
      answer(request, response).catch(() => {
        if (response.headersSent) response.destroy();
        else sendMessage(response, 500, 'Internal Server Error');
      });
    },
  );
  server.on('clientError', refuseUnreadable);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Reads a body over the limit to its end too, so that the sender sees the answer and not a reset. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= bodyLimitBytes) chunks.push(chunk);
    else chunks.length = 0;
  }
  return size <= bodyLimitBytes ? Buffer.concat(chunks) : undefined;
}

function sendMessage(response: ServerResponse, statusCode: number, message: string): void {
  response.writeHead(statusCode, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
}

/** What the HTTP parser itself refuses: no request object exists yet, so the answer is written by hand. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) return;
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  const body = JSON.stringify({ message: status.slice(4) });
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

async function withinMs<T>(timeoutMs: number, work: Promise<T>): Promise<T | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'late');
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
