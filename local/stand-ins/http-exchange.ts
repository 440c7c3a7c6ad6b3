// Requests and answers as the stand-ins see them: plain values on top of node:http.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request to a stand-in; `path` is without the base prefix and without the query. */
export interface StandInRequest {
  method: string;
  path: string;
  query: Record<string, string | string[]>;
  headers: Record<string, string>;
  bytes: Buffer;
  receivedAtMs: number;
}

/** A `Buffer` body is sent as it is, a string as text, anything else as JSON; no body if undefined. */
export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A request that is refused; its message is the answer. */
export class RefusedError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

// WhatsApp's largest media is 100 MB; the rest is room for the multipart frame of an upload.
const largestBodyBytes = 110 * 1024 * 1024;

/** Reads the whole request; `prefix` is cut from the path. @throws RefusedError 413 when the body is larger than any provider would take. */
export async function readRequest(
  incoming: IncomingMessage,
  url: URL,
  prefix: string,
  nowMs: number,
): Promise<StandInRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    size += chunk.length;
    if (size > largestBodyBytes) throw new RefusedError(413, `body is larger than ${largestBodyBytes} bytes`);
    chunks.push(chunk);
  }
  const query: StandInRequest['query'] = {};
  for (const key of new Set(url.searchParams.keys())) {
    const values = url.searchParams.getAll(key);
    query[key] = values.length === 1 ? (values[0] ?? '') : values;
  }
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname.slice(prefix.length) || '/',
    query,
    headers,
    bytes: Buffer.concat(chunks),
    receivedAtMs: nowMs,
  };
}

/** @throws RefusedError 400 when the body is not JSON. */
export function parseJsonBody(request: StandInRequest): unknown {
  try {
    return JSON.parse(request.bytes.toString('utf8'));
  } catch {
    throw new RefusedError(400, `${request.method} ${request.path}: the body is not JSON`);
  }
}

/** The one value of a query parameter; undefined if it is missing or repeated. */
export function readQuery(request: StandInRequest, name: string): string | undefined {
  const value = request.query[name];
  return typeof value === 'string' ? value : undefined;
}

/** Sends the answer with its length; a given content type wins over the one of the body. */
export function sendAnswer(outgoing: ServerResponse, answer: Answer): void {
  const { bytes, contentType } = encodeBody(answer.body);
  outgoing.writeHead(answer.status, {
    ...(contentType && { 'content-type': contentType }),
    'content-length': String(bytes.length),
    ...lowerCaseNames(answer.headers ?? {}),
  });
  outgoing.end(bytes);
}

/** Bytes as the request log shows them: parsed JSON, text, or `{base64}`; null when empty. */
export function describeBytes(bytes: Buffer, contentType = ''): unknown {
  if (bytes.length === 0) return null;
  if (/^(image|audio|video|application\/(octet-stream|pdf|zip))\b/i.test(contentType)) {
    return { base64: bytes.toString('base64') };
  }
  const text = bytes.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(bytes)) return { base64: bytes.toString('base64') };
  if (contentType && !/json/i.test(contentType)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** An answer's body as the request log shows it. */
export function describeBody(answer: Answer): unknown {
  const { bytes, contentType } = encodeBody(answer.body);
  return describeBytes(bytes, lowerCaseNames(answer.headers ?? {})['content-type'] ?? contentType);
}

function encodeBody(body: unknown): { bytes: Buffer; contentType?: string } {
  if (body === undefined) return { bytes: Buffer.alloc(0) };
  if (Buffer.isBuffer(body)) return { bytes: body, contentType: 'application/octet-stream' };
  if (typeof body === 'string') return { bytes: Buffer.from(body), contentType: 'text/plain; charset=utf-8' };
  return { bytes: Buffer.from(JSON.stringify(body)), contentType: 'application/json; charset=utf-8' };
}

function lowerCaseNames(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
