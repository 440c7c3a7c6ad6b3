// HTTP request ⇄ payload format 2.0 of API Gateway, byte for byte as API Gateway does it.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export interface HttpAnswer {
  statusCode: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
}

export interface RouteMatch {
  routeKey: string;
  pathParameters: Record<string, string>;
}

const accountId = '000000000000';
const apiId = 'local';
const textTypes = ['application/json', 'application/javascript', 'application/xml'];

/** Bodies are text or base64 by content type alone; without a body there is no `body`. */
export function toHttpEvent(request: IncomingMessage, body: Buffer, match: RouteMatch, now: Date): unknown {
  const [path = '', query = ''] = splitAt(request.url ?? '/', '?');
  const { cookie, ...headers } = joinHeaders(request.rawHeaders);
  const sourceIp = request.socket.remoteAddress ?? '';
  const port = String(request.socket.localPort ?? '');
  const domainName = headers.host ?? '';
  const queryParameters = joinDuplicates([...new URLSearchParams(query)]);
  const isText = isTextType(headers['content-type']);
  return {
    version: '2.0',
    routeKey: match.routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookie ? { cookies: cookie.split(/;\s*/) } : {}),
    headers: {
      'x-amzn-trace-id': makeTraceId(now),
      'x-forwarded-for': sourceIp,
      'x-forwarded-port': port,
      'x-forwarded-proto': 'http',
      ...headers,
    },
    ...(query && Object.keys(queryParameters).length > 0 ? { queryStringParameters: queryParameters } : {}),
    ...(Object.keys(match.pathParameters).length > 0 ? { pathParameters: match.pathParameters } : {}),
    requestContext: {
      accountId,
      apiId,
      domainName,
      domainPrefix: domainName.split('.')[0],
      http: {
        method: request.method,
        path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: makeRequestId(),
      routeKey: match.routeKey,
      stage: '$default',
      time: toLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 ? { body: body.toString(isText ? 'utf8' : 'base64') } : {}),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** @returns undefined when the function's answer is not one API Gateway understands. */
export function toHttpAnswer(value: unknown): HttpAnswer | undefined {
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(text) };
  }
  const { statusCode, headers, cookies, body, isBase64Encoded } = value as Record<string, unknown>;
  const status = Number(statusCode);
  const isBodyText = body === undefined || body === null || typeof body === 'string';
  if (!Number.isInteger(status) || status < 100 || status > 599 || !isBodyText) return undefined;
  const given = Object.entries((headers as Record<string, unknown>) ?? {}).map(
    ([name, item]) => [name.toLowerCase(), String(item)] as const,
  );
  return {
    statusCode: status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      ...Object.fromEntries(given),
      ...(Array.isArray(cookies) ? { 'set-cookie': cookies.map(String) } : {}),
    },
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** Everything else, also a missing type, reaches the function base64-encoded. */
export function isTextType(contentType: string | undefined): boolean {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
  return type.startsWith('text/') || textTypes.includes(type);
}

function joinHeaders(rawHeaders: string[]): Record<string, string> {
  const pairs: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    // Node reads header bytes as Latin-1; the ones beyond ASCII are UTF-8 in practice.
    const value = Buffer.from(rawHeaders[index + 1] ?? '', 'latin1').toString('utf8');
    pairs.push([(rawHeaders[index] ?? '').toLowerCase(), value]);
  }
  return joinDuplicates(pairs);
}

function joinDuplicates(pairs: [string, string][]): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function makeRequestId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}

function makeTraceId(now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString('hex')}`;
}

/** `12/Mar/2026:19:03:58 +0000` */
function toLogTime(now: Date): string {
  const [, day, month, year, time] = /(\d+) (\w+) (\d+) ([\d:]+)/.exec(now.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
