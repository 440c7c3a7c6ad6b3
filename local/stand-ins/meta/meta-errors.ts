// The Graph API's error body, field for field.
import { randomBytes } from 'node:crypto';
import type { Answer } from '../http-exchange.ts';

export interface GraphFailure {
  status: number;
  code: number;
  message: string;
  /** @default OAuthException */
  type?: string;
  subcode?: number;
  /** What in particular is wrong; decides together with the code. */
  details?: string;
}

/** The failure as the Graph API answers it. */
export function failGraph(failure: GraphFailure): Answer {
  const { status, code, message, type = 'OAuthException', subcode, details } = failure;
  return {
    status,
    body: {
      error: {
        message,
        type,
        code,
        ...(subcode !== undefined && { error_subcode: subcode }),
        ...(details !== undefined && { error_data: { messaging_product: 'whatsapp', details } }),
        fbtrace_id: `A${randomBytes(17).toString('base64url').slice(0, 22)}`,
      },
    },
  };
}

export const invalidToken: GraphFailure = {
  status: 401,
  code: 190,
  message: 'Invalid OAuth access token - Cannot parse access token',
};

/** The Graph API's answer for an id that does not exist or belongs to someone else. */
export function describeMissingObject(id: string): GraphFailure {
  return {
    status: 400,
    code: 100,
    subcode: 33,
    type: 'GraphMethodException',
    message: `Unsupported request. Object with ID '${id}' does not exist, cannot be loaded due to missing permissions, or does not support this operation`,
  };
}

export function describeUnknownPath(path: string): GraphFailure {
  return { status: 400, code: 2500, message: `Unknown path components: ${path}` };
}

export function describeInvalidParameter(details: string): GraphFailure {
  return { status: 400, code: 100, message: '(#100) Invalid parameter', details };
}

export function describeInvalidValue(details: string): GraphFailure {
  return { status: 400, code: 131009, message: '(#131009) Parameter value is not valid', details };
}

export function describeMissingParameter(details: string): GraphFailure {
  return { status: 400, code: 131008, message: '(#131008) Required parameter is missing', details };
}
