// One HTTP exchange under one deadline that covers headers and body, with a cap on the answer's size.

export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** Body as text. */
  text: string;
}

export interface HttpLimits {
  /** Milliseconds until the whole exchange must be over. */
  timeoutMs: number;
  maxAnswerBytes: number;
}

/** The exchange did not end with a whole answer. `reached: 'no'` only when the request surely never left. */
export class HttpFailure extends Error {
  readonly reached: 'no' | 'unknown';

  constructor(message: string, reached: 'no' | 'unknown', cause: unknown) {
    super(message, { cause });
    this.name = 'HttpFailure';
    this.reached = reached;
  }
}

/** Failures before any byte of the request was sent: no connection, no name, no trust in the certificate. */
const unsentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
]);

/** Never follows a redirect. @throws HttpFailure */
export async function exchange(url: URL, init: RequestInit, limits: HttpLimits): Promise<HttpAnswer> {
  if (limits.timeoutMs <= 0) throw new HttpFailure('no time left to send', 'no', undefined);
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(limits.timeoutMs),
    });
    return {
      status: response.status,
      headers: response.headers,
      text: await readCapped(response, limits.maxAnswerBytes),
    };
  } catch (error) {
    const { code, duringTransfer } = readCode(error);
    throw new HttpFailure(
      `no whole answer from ${url.host} (${code})`,
      unsentCodes.has(code) && !duringTransfer ? 'no' : 'unknown',
      error,
    );
  }
}

interface ErrorLink {
  name?: unknown;
  code?: unknown;
  syscall?: unknown;
  cause?: unknown;
}

/** The first code in the chain of causes, else the error's name. A network can also vanish while bytes are on their way. */
function readCode(error: unknown): { code: string; duringTransfer: boolean } {
  const isLink = (value: unknown): value is ErrorLink => typeof value === 'object' && value !== null;
  for (let at = error; isLink(at); at = at.cause) {
    if (typeof at.code === 'string')
      return { code: at.code, duringTransfer: at.syscall === 'read' || at.syscall === 'write' };
  }
  const name = isLink(error) && typeof error.name === 'string' ? error.name : 'unknown';
  return { code: name, duringTransfer: false };
}

async function readCapped(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes) throw new RangeError('ANSWER_TOO_LARGE');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
