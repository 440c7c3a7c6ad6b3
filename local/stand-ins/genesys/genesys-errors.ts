// Genesys Cloud's ErrorBody, field for field.
import type { Answer } from '../http-exchange.ts';

export interface GenesysFailure {
  status: number;
  code: string;
  message: string;
  /** The field at fault, of a 400. */
  field?: string;
  limit?: { namespace: string; key: string; value: number };
  headers?: Record<string, string>;
}

/** The failure as Genesys answers it; `contextId` is also the correlation id of the answer. */
export function failGenesys(failure: GenesysFailure, contextId: string): Answer {
  const { status, code, message, field, limit, headers } = failure;
  return {
    status,
    headers,
    body: {
      message,
      code,
      status,
      ...(field !== undefined && { messageWithParams: message, messageParams: { field } }),
      contextId,
      ...(limit && { limit }),
      details: field === undefined ? [] : [{ errorCode: code, fieldName: field }],
      errors: [],
    },
  };
}

/** The failures without variable parts. */
export const failures = {
  authenticationRequired: {
    status: 401,
    code: 'authentication.required',
    message: 'No authentication bearer token specified in authorization header.',
  },
  badCredentials: { status: 401, code: 'bad.credentials', message: 'Invalid login credentials.' },
  notFound: { status: 404, code: 'not.found', message: 'The requested resource was not found.' },
  methodNotAllowed: {
    status: 405,
    code: 'method.not.allowed',
    message: 'The requested method is not allowed on this resource.',
  },
  retired: {
    status: 410,
    code: 'resource.retired',
    message:
      'POST /api/v2/conversations/messages/inbound/open was retired on 2026-10-05; use /api/v2/conversations/messages/{integrationId}/inbound/open/message.',
  },
  tooLarge: {
    status: 413,
    code: 'request.entity.too.large',
    message: 'The request is larger than 512000 bytes (request.bytes.max).',
  },
  unsupportedMediaType: {
    status: 415,
    code: 'unsupported.media.type',
    message: 'The content type must be application/json.',
  },
  notJson: {
    status: 400,
    code: 'bad.request',
    message: 'The request could not be understood by the server due to malformed syntax.',
  },
} satisfies Record<string, GenesysFailure>;
