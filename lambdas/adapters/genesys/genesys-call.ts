// One request to the Genesys platform API in the name of a number: login, deadline, and what a failure means.
import { BridgeError } from '../../core/errors.ts';
import type { RateNotice } from '../../core/policy/token-bucket.ts';
import type { Clock, NumberSecrets } from '../../core/ports.ts';
import type { HttpAnswer } from '../http/http-client.ts';
import { exchange } from '../http/http-client.ts';
import { readBrokenExchange, readFailure } from './genesys-failures.ts';
import type { GenesysHosts } from './genesys-hosts.ts';
import { readRateNotice } from './genesys-rate-notice.ts';
import type { GenesysCredentials, GenesysTokens } from './genesys-token.ts';

export interface GenesysCallOptions {
  hosts: GenesysHosts;
  tokens: GenesysTokens;
  clock: Clock;
  secrets: Pick<NumberSecrets, 'get'>;
  /** Told with every answer what Genesys says of its own count; undefined when it says nothing. */
  onRateNotice?(notice: RateNotice | undefined): void;
}

export interface GenesysRequest {
  method: 'POST' | 'PATCH';
  /** Below the host of the API, with its query. */
  path: string;
  body: object;
}

/** `text`: body of the 2xx. `none`: Genesys surely did not act on the request. */
export type GenesysAnswer =
  | { ok: true; text: string }
  | { ok: false; failure: BridgeError; effect: 'none' | 'unknown' };

const maxAnswerBytes = 1024 * 1024;

/** Asks once, ending before `deadlineAt` (epoch ms); a second time only when the token was refused. Failures are answers. */
export async function callGenesys(
  numberId: string,
  request: GenesysRequest,
  deadlineAt: number,
  options: GenesysCallOptions,
): Promise<GenesysAnswer> {
  const { tokens, clock } = options;
  let credentials: GenesysCredentials;
  let token: string;
  try {
    credentials = await readCredentials(numberId, options);
    token = await tokens.get(credentials, deadlineAt - clock.now());
  } catch (error) {
    return unsent(error);
  }
  const first = await send(request, token, deadlineAt, options);
  if (first.ok || first.failure.details.status !== 401) return first;
  // A token Genesys no longer knows: the request was not looked at, so one more try with a fresh one repeats nothing.
  tokens.forget(credentials, token);
  try {
    token = await tokens.get(credentials, deadlineAt - clock.now());
  } catch (error) {
    return unsent(error);
  }
  return send(request, token, deadlineAt, options);
}

async function readCredentials(
  numberId: string,
  { secrets }: GenesysCallOptions,
): Promise<GenesysCredentials> {
  const { genesysClientId: clientId, genesysClientSecret: clientSecret } = await secrets.get(numberId);
  return { clientId, clientSecret };
}

function unsent(error: unknown): GenesysAnswer {
  if (!(error instanceof BridgeError)) throw error;
  return { ok: false, failure: error, effect: 'none' };
}

async function send(
  { method, path, body }: GenesysRequest,
  token: string,
  deadlineAt: number,
  { hosts, clock, onRateNotice }: GenesysCallOptions,
): Promise<GenesysAnswer> {
  let answer: HttpAnswer;
  try {
    answer = await exchange(
      new URL(`${hosts.api}${path}`),
      {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      },
      { timeoutMs: deadlineAt - clock.now(), maxAnswerBytes },
    );
  } catch (error) {
    return { ok: false, ...readBrokenExchange(error) };
  }
  onRateNotice?.(readRateNotice(answer.headers));
  if (answer.status < 200 || answer.status > 299) return { ok: false, ...readFailure(answer, clock.now()) };
  return { ok: true, text: answer.text };
}
