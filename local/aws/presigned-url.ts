// Verification of presigned S3 URLs: a link that would be refused on AWS must be refused here.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html

import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface PresignedRequest {
  method: string;
  /** Path and query as sent. */
  target: string;
  headers: IncomingHttpHeaders;
}

export interface PresignedRefusal {
  name: string;
  message: string;
  status: number;
}

/** Undefined when the URL is good, or not presigned at all. */
export function checkPresignedUrl(
  request: PresignedRequest,
  secretAccessKey: string,
  now: number,
): PresignedRefusal | undefined {
  const [path = '', queryText = ''] = request.target.split('?');
  const query = new URLSearchParams(queryText);
  if (!query.has('X-Amz-Credential')) return undefined;
  const startsAt = readAmzDate(query.get('X-Amz-Date') ?? '');
  const expiresSeconds = Number(query.get('X-Amz-Expires') ?? Number.NaN);
  const signature = query.get('X-Amz-Signature');
  if (Number.isNaN(startsAt) || !(expiresSeconds >= 1 && expiresSeconds <= 604_800) || !signature) {
    const message = 'X-Amz-Date, X-Amz-Expires (1 to 604800) and X-Amz-Signature are required';
    return { name: 'AuthorizationQueryParametersError', message, status: 400 };
  }
  if (now > startsAt + expiresSeconds * 1000) {
    return { name: 'AccessDenied', message: 'Request has expired', status: 403 };
  }
  if (signature === sign(request, path, query, secretAccessKey)) return undefined;
  const message = 'The request signature we calculated does not match the signature you provided.';
  return { name: 'SignatureDoesNotMatch', message, status: 403 };
}

function sign(
  request: PresignedRequest,
  path: string,
  query: URLSearchParams,
  secretAccessKey: string,
): string {
  const headerNames = (query.get('X-Amz-SignedHeaders') ?? '').split(';');
  const canonicalRequest = [
    request.method,
    path,
    toCanonicalQuery(query),
    ...headerNames.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    headerNames.join(';'),
    request.headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
  const scope = (query.get('X-Amz-Credential') ?? '').split('/').slice(-4);
  const stringToSign = [
    'AWS4-HMAC-SHA256',
    query.get('X-Amz-Date'),
    scope.join('/'),
    createHash('sha256').update(canonicalRequest).digest('hex'),
  ].join('\n');
  const key = scope.reduce<string | Buffer>(
    (previous, part) => hmac(previous, part),
    `AWS4${secretAccessKey}`,
  );
  return hmac(key, stringToSign).toString('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

function toCanonicalQuery(query: URLSearchParams): string {
  return [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join('&');
}

/** RFC 3986, which leaves fewer characters bare than `encodeURIComponent`. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Epoch milliseconds of `20261120T131500Z`, NaN for anything else. */
function readAmzDate(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) return Number.NaN;
  const [, year, month, day, hour, minute, second] = parts;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
