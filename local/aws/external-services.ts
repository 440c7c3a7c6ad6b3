// Forwards calls to an AWS endpoint given from outside (LocalStack, MiniStack, moto …), byte for byte.

import { Agent as HttpAgent, request as requestHttp, type ServerResponse } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { ArrivedRequest } from './arrived-request.ts';
import type { ServiceBackend } from './aws-proxy.ts';
import { answerError } from './error-answer.ts';

/** Headers that belong to one connection; the signature never covers them. */
const CONNECTION_HEADERS = new Set(['connection', 'keep-alive', 'transfer-encoding', 'expect']);

/**
 * Host and signature stay as they are; a caller that goes away ends the forwarded call too.
 * Step Functions stay here: their tasks are functions of this run, which nobody outside could call.
 */
export function startExternalServices(endpoint: URL, states: ServiceBackend['serve']): ServiceBackend {
  const isTls = endpoint.protocol === 'https:';
  const agent = isTls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const open = isTls ? requestHttps : requestHttp;
  return {
    serve: (service, request, response) => {
      if (service === 'states') return states(service, request, response);
      const upstream = open({
        host: endpoint.hostname.replace(/^\[|\]$/g, ''),
        port: endpoint.port || (isTls ? 443 : 80),
        method: request.method,
        path: request.target,
        headers: forwardHeaders(request),
        setHost: false,
        agent,
      });
      upstream.on('response', (answer) => {
        response.writeHead(answer.statusCode ?? 502, dropConnectionHeaders(answer.rawHeaders));
        answer.on('error', () => response.destroy());
        answer.pipe(response);
      });
      upstream.on('error', (error) => failForward(service, endpoint, request, response, error));
      response.once('close', () => upstream.destroy());
      upstream.end(request.body);
    },
    close: async () => agent.destroy(),
  };
}

function failForward(
  service: string,
  endpoint: URL,
  request: ArrivedRequest,
  response: ServerResponse,
  error: Error,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const message = `the AWS endpoint ${endpoint.origin} does not answer: ${error.message}`;
  answerError(response, request, { service, name: 'ServiceUnavailable', message });
}

function forwardHeaders(request: ArrivedRequest): string[] {
  const headers = dropConnectionHeaders(request.wire.rawHeaders);
  const hasLength = 'content-length' in request.wire.headers;
  if (!hasLength && request.body.length > 0) headers.push('content-length', String(request.body.length));
  return headers;
}

function dropConnectionHeaders(rawHeaders: string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    if (!CONNECTION_HEADERS.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}
