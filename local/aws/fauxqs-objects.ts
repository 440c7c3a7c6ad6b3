// What fauxqs' S3 leaves out and the bridge relies on: large parts, any content type, empty bodies, conditional puts,
// tags, overridden response headers, and presigned URLs that are checked and expire.

import type { ServerResponse } from 'node:http';
import type { buildApp } from 'fauxqs';
import { answerError } from './error-answer.ts';
import { checkPresignedUrl } from './presigned-url.ts';

type App = ReturnType<typeof buildApp>;

/** The part of fauxqs' `S3Store` that the hooks use. */
export interface ObjectStore {
  /** The stored object itself. @throws when there is no such bucket or key. */
  headObject(bucket: string, key: string): object;
}

interface Refusal {
  name: string;
  message: string;
  status: number;
}

const BODY_LIMIT_BYTES = 128 * 2 ** 20;
const OVERRIDABLE_HEADERS = ['type', 'language', 'disposition', 'encoding']
  .map((name) => `content-${name}`)
  .concat('cache-control', 'expires');

/** To be called before the app is ready. */
export function addObjectHooks(app: App, store: ObjectStore, secretAccessKey: string): void {
  acceptAnyBody(app);
  const tags = new WeakMap<object, Buffer>();

  // A hook with a callback: nothing may come between the check of a condition and the write that depends on it.
  app.addHook('preHandler', (request, reply, done) => {
    const { bucket, '*': key } = request.params as { bucket?: string; '*'?: string };
    if (bucket === undefined) return done();
    request.body ??= Buffer.alloc(0);
    const { method = '', url: target = '', headers } = request.raw;
    const query = request.query as Record<string, string>;
    const existing = key ? findObject(store, bucket, key) : undefined;
    const isTagging = Boolean(key) && 'tagging' in query;
    const refusal =
      checkPresignedUrl({ method, target, headers }, secretAccessKey, Date.now()) ??
      refuseOverrides(query) ??
      refuseOverwrite(method, headers['if-none-match'], existing) ??
      (isTagging && !existing ? NO_SUCH_KEY : undefined);
    if (!refusal && !isTagging) return done();
    reply.hijack();
    if (refusal) answerError(reply.raw, { method, wire: request.raw }, { service: 's3', ...refusal });
    else if (existing) answerTagging(reply.raw, method, tags, existing, request.body as Buffer);
  });

  app.addHook('onSend', (request, reply, _payload, done) => {
    const query = request.query as Record<string, string>;
    for (const name of reply.statusCode < 300 ? OVERRIDABLE_HEADERS : []) {
      const value = query[`response-${name}`];
      if (value !== undefined) reply.header(name, value);
    }
    done();
  });
}

const NO_SUCH_KEY = { name: 'NoSuchKey', message: 'The specified key does not exist.', status: 404 };
const NO_TAGS = '<?xml version="1.0" encoding="UTF-8"?>\n<Tagging><TagSet></TagSet></Tagging>';

/** Tags are kept as the XML they came in; they go with the object when it is overwritten, as on S3. */
function answerTagging(
  response: ServerResponse,
  method: string,
  tags: WeakMap<object, Buffer>,
  object: object,
  body: Buffer,
): void {
  if (method === 'GET') {
    response.setHeader('content-type', 'application/xml').end(tags.get(object) ?? NO_TAGS);
    return;
  }
  if (method === 'PUT') tags.set(object, body);
  else tags.delete(object);
  response.writeHead(method === 'PUT' ? 200 : 204).end();
}

/** Objects of every type are bytes, also forms, which fauxqs would parse, and parts over its 11 MiB. */
function acceptAnyBody(app: App): void {
  app.removeContentTypeParser(['*', 'application/x-www-form-urlencoded']);
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) =>
    done(null, body),
  );
}

function findObject(store: ObjectStore, bucket: string, key: string): object | undefined {
  try {
    return store.headObject(bucket, key);
  } catch {
    // A missing bucket is for the operation itself to report.
    return undefined;
  }
}

/** `If-None-Match: *` on a write: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
function refuseOverwrite(
  method: string,
  ifNoneMatch: string | undefined,
  existing?: object,
): Refusal | undefined {
  if (ifNoneMatch !== '*' || !existing || (method !== 'PUT' && method !== 'POST')) return undefined;
  const message = 'At least one of the pre-conditions you specified did not hold';
  return { name: 'PreconditionFailed', message, status: 412 };
}

function refuseOverrides(query: Record<string, string>): Refusal | undefined {
  const bad = OVERRIDABLE_HEADERS.find((name) =>
    /[^\t\x20-\x7e\x80-\xff]/.test(query[`response-${name}`] ?? ''),
  );
  if (!bad) return undefined;
  const message = `Header value cannot be represented using ISO-8859-1: response-${bad}`;
  return { name: 'InvalidArgument', message, status: 400 };
}
