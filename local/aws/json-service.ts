// The AWS JSON protocol in small, for services of which the local run needs a handful of operations.

import type { ServiceBackend } from './aws-proxy.ts';
import { answerError } from './error-answer.ts';

export type JsonInput = Record<string, unknown>;
/** Operation name → what it does; the result is the answer's body. */
export type JsonOperations = Record<string, (input: JsonInput) => object>;

/** Thrown by an operation to answer an error of the service. */
export class JsonServiceError extends Error {
  constructor(name: string, message: string) {
    super(message);
    this.name = name;
  }
}

/** Serves the operations; a `JsonServiceError` becomes the answer. */
export function createJsonService(operations: JsonOperations): ServiceBackend['serve'] {
  return (service, request, response) => {
    const contentType = request.wire.headers['content-type'] ?? 'application/x-amz-json-1.1';
    const operation = String(request.wire.headers['x-amz-target']).split('.').at(-1) ?? '';
    try {
      const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
      if (!run) throw new JsonServiceError('UnknownOperationException', `no local ${service} ${operation}`);
      const answer = JSON.stringify(run(readInput(request.body)));
      response.writeHead(200, { 'content-type': contentType }).end(answer);
    } catch (error) {
      if (!(error instanceof JsonServiceError)) throw error;
      answerError(response, request, { service, name: error.name, message: error.message });
    }
  };
}

/** @throws JsonServiceError ValidationException when the field is not a non-empty string. */
export function readText(input: JsonInput, field: string): string {
  const value = input[field];
  if (typeof value === 'string' && value !== '') return value;
  throw new JsonServiceError('ValidationException', `${field} must be a non-empty string`);
}

function readInput(body: Buffer): JsonInput {
  try {
    const input: unknown = JSON.parse(body.toString('utf8'));
    if (typeof input === 'object' && input !== null) return input as JsonInput;
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw new JsonServiceError('SerializationException', 'the body is not a JSON object');
}
