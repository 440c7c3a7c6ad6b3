// Who calls, read from the credential scope every AWS request carries: in its Authorization header, or in the query of
// a presigned URL. The scope is believed, not verified: all callers of the local run share one key.

import type { IncomingMessage } from 'node:http';

export interface SignedCaller {
  /** The access key id, which is the function's name. */
  name: string;
  region: string;
  /** As in the credential scope, e.g. `dynamodb`. */
  service: string;
}

/** Starts the access key ids of the runner's own clients; the dot keeps them apart from every function name. */
export const RUNNER_PREFIX = 'runner.';

/** True for clients of the runner itself, whose calls are neither recorded nor faulted. */
export function isRunner(caller: SignedCaller): boolean {
  return caller.name.startsWith(RUNNER_PREFIX);
}

/** Undefined when the request is not signed with Signature Version 4. */
export function readCaller(
  request: Pick<IncomingMessage, 'headers'>,
  query: URLSearchParams,
): SignedCaller | undefined {
  const header = /^AWS4-HMAC-SHA256 .*\bCredential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1];
  const credential = header ?? query.get('X-Amz-Credential');
  if (!credential) return undefined;
  const parts = credential.split('/');
  const [region, service, terminator] = parts.slice(-3);
  const name = parts.slice(0, -4).join('/');
  if (!name || !region || !service || terminator !== 'aws4_request') return undefined;
  return { name, region, service };
}
