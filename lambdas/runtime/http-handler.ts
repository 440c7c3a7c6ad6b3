// The middy chain of every door: raw bytes in, plain answer out, an unforeseen error becomes a bare 500.
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { FlushedTelemetry } from './telemetry.ts';

export interface HttpRequest {
  method: string;
  /** The exact bytes that were sent. */
  bytes: Buffer;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  /** Parts of the route in braces. */
  pathParameters: Record<string, string | undefined>;
  /** Unique per request; travels with everything the request causes. */
  correlationId: string;
}

export interface HttpAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

export function createHttpHandler(
  answer: (request: HttpRequest) => Promise<HttpAnswer>,
  telemetry: FlushedTelemetry,
): HttpHandler {
  const handle = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    const {
      status,
      headers,
      body = '',
    } = await answer({
      method: event.requestContext.http.method,
      bytes: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
      headers: event.headers,
      query: event.queryStringParameters ?? {},
      pathParameters: event.pathParameters ?? {},
      correlationId: event.requestContext.requestId,
    });
    return { statusCode: status, body, ...(headers ? { headers } : {}) };
  };
  // The early-timeout race of middy would start a timer per request; the doors have deadlines of their own.
  return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>(handle, { timeoutEarlyInMillis: 0 })
    .after(() => telemetry.flush())
    .onError((request) => {
      telemetry.problem('request.failed', request.error, {
        correlationId: request.event.requestContext.requestId,
      });
      telemetry.flush();
      request.response = { statusCode: 500, body: '' };
    }) as unknown as HttpHandler;
}
