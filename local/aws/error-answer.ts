// Errors in the shape of the service that is asked, so that the SDK makes of them what it would on AWS.

import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ArrivedRequest } from './arrived-request.ts';

const TYPE_PREFIXES: Record<string, string> = {
  dynamodb: 'com.amazonaws.dynamodb.v20120810#',
  sqs: 'com.amazonaws.sqs#',
};

/** Status AWS answers an error with; for names it does not know, what the name suggests. */
export function statusOfError(service: string, name: string): number {
  if (/^(SlowDown|ServiceUnavailable|ServiceUnavailableException)$/.test(name)) return 503;
  if (/^Internal(\w*)(Error|Failure|Exception)?$/.test(name)) return 500;
  if (service !== 's3') return 400;
  if (/Throttl|RequestLimitExceeded|TooManyRequests/.test(name)) return 503;
  if (/^(AccessDenied|SignatureDoesNotMatch|InvalidAccessKeyId)$/.test(name)) return 403;
  if (/^(NoSuch\w+|NotFound)$/.test(name)) return 404;
  if (name === 'PreconditionFailed') return 412;
  return 400;
}

/** Answers `name` in JSON, or in XML to S3 and to callers of the old query protocol. */
export function answerError(
  response: ServerResponse,
  request: Pick<ArrivedRequest, 'method' | 'wire'>,
  error: { service: string; name: string; message: string; status?: number },
): void {
  const status = error.status ?? statusOfError(error.service, error.name);
  const contentType = request.wire.headers['content-type'] ?? '';
  const isQuery = contentType.startsWith('application/x-www-form-urlencoded');
  const isXml = error.service === 's3' || isQuery;
  const requestId = randomUUID();
  response.statusCode = status;
  response.setHeader('x-amzn-requestid', requestId);
  response.setHeader('x-amz-request-id', requestId);
  if (!isXml) response.setHeader('x-amzn-errortype', error.name);
  response.setHeader('content-type', isXml ? 'application/xml' : contentType || 'application/json');
  const body = isXml
    ? toXml(error.name, error.message, requestId, isQuery)
    : JSON.stringify({
        __type: `${TYPE_PREFIXES[error.service] ?? ''}${error.name}`,
        message: error.message,
      });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function toXml(name: string, message: string, requestId: string, isQuery: boolean): string {
  const facts = `<Code>${escapeXml(name)}</Code><Message>${escapeXml(message)}</Message>`;
  const body = isQuery
    ? `<ErrorResponse><Error><Type>Sender</Type>${facts}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
    : `<Error>${facts}<RequestId>${requestId}</RequestId></Error>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${body}`;
}

function escapeXml(text: string): string {
  return text.replace(/[<>&]/g, (char) => `&#${char.charCodeAt(0)};`);
}
