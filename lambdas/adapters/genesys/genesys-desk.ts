// Delivers to Genesys Open Messaging through the current inbound endpoint (the old catch-all was retired on 2026-10-05).
import { toGenesys, toGenesysResponse } from '../../core/convert/genesys/to-genesys.ts';
import { BridgeError } from '../../core/errors.ts';
import type { DeskAnswer, DeskMessage } from '../../core/model/desk-message.ts';
import type { RateNotice } from '../../core/policy/token-bucket.ts';
import type { AgentDesk, Clock, NumberSecrets } from '../../core/ports.ts';
import type { HttpAnswer } from '../http/http-client.ts';
import { exchange } from '../http/http-client.ts';
import { readBrokenExchange, readFailure } from './genesys-failures.ts';
import type { GenesysHosts } from './genesys-hosts.ts';
import { readRateNotice } from './genesys-rate-notice.ts';
import type { GenesysCredentials, GenesysTokens } from './genesys-token.ts';

export interface GenesysDeskOptions {
  hosts: GenesysHosts;
  tokens: GenesysTokens;
  clock: Clock;
  numbers: ReadonlyMap<string, { integrationId: string }>;
  secrets: Pick<NumberSecrets, 'get'>;
  /** Told with every answer what Genesys says of its own count; undefined when it says nothing. */
  onRateNotice?(notice: RateNotice | undefined): void;
}

const maxAnswerBytes = 1024 * 1024;

export function createGenesysDesk(options: GenesysDeskOptions): AgentDesk {
  return {
    async deliver(numberId, message, deadlineAt) {
      const integrationId = options.numbers.get(numberId)?.integrationId;
      if (integrationId === undefined) {
        return unsent(
          new BridgeError('integration-missing', 'the tenant file maps this number to no integration'),
        );
      }
      let credentials: GenesysCredentials;
      let token: string;
      try {
        credentials = await readCredentials(numberId, options);
        token = await options.tokens.get(credentials, deadlineAt - options.clock.now());
      } catch (error) {
        return unsent(error);
      }
      const first = await postFittingly(integrationId, message, token, deadlineAt, options);
      if (first.delivered || first.failure.details.status !== 401) return first;
      // A token Genesys no longer knows: the message was not looked at, so one more try with a fresh one repeats nothing.
      options.tokens.forget(credentials, token);
      try {
        token = await options.tokens.get(credentials, deadlineAt - options.clock.now());
      } catch (error) {
        return unsent(error);
      }
      return postFittingly(integrationId, message, token, deadlineAt, options);
    },
  };
}

async function readCredentials(
  numberId: string,
  { secrets }: GenesysDeskOptions,
): Promise<GenesysCredentials> {
  const { genesysClientId: clientId, genesysClientSecret: clientSecret } = await secrets.get(numberId);
  return { clientId, clientSecret };
}

function unsent(error: unknown): DeskAnswer {
  if (!(error instanceof BridgeError)) throw error;
  return { delivered: false, failure: error, effect: 'none' };
}

/** What Genesys answers when the message that was tapped on, or its conversation, is not known to it any more. */
const noLongerAnswerable = new Set([400, 404, 410]);

/** A tap goes as a structured response; refused without effect, it goes as the text it stands for. */
async function postFittingly(
  integrationId: string,
  message: DeskMessage,
  token: string,
  deadlineAt: number,
  options: GenesysDeskOptions,
): Promise<DeskAnswer> {
  const base = `/api/v2/conversations/messages/${encodeURIComponent(integrationId)}/inbound/open`;
  const { tap } = message;
  if (tap) {
    const path = `${base}/structured/response`;
    const answer = await post(path, toGenesysResponse(message, tap), token, deadlineAt, options);
    if (answer.delivered || !noLongerAnswerable.has(answer.failure.details.status ?? 0)) return answer;
  }
  return post(`${base}/message?prefetchConversationId=true`, toGenesys(message), token, deadlineAt, options);
}

async function post(
  path: string,
  body: object,
  token: string,
  deadlineAt: number,
  { hosts, clock, onRateNotice }: GenesysDeskOptions,
): Promise<DeskAnswer> {
  let answer: HttpAnswer;
  try {
    answer = await exchange(
      new URL(`${hosts.api}${path}`),
      {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      },
      { timeoutMs: deadlineAt - clock.now(), maxAnswerBytes },
    );
  } catch (error) {
    return { delivered: false, ...readBrokenExchange(error) };
  }
  onRateNotice?.(readRateNotice(answer.headers));
  if (answer.status < 200 || answer.status > 299)
    return { delivered: false, ...readFailure(answer, clock.now()) };
  return { delivered: true, ...readIds(answer.text) };
}

/** The message is accepted with the 2xx; ids that are missing or unreadable are learned later. */
function readIds(text: string): { genesysId?: string; conversationId?: string } {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return {};
    return {
      ...('id' in body && typeof body.id === 'string' && body.id !== '' ? { genesysId: body.id } : {}),
      ...('conversationId' in body && typeof body.conversationId === 'string' && body.conversationId !== ''
        ? { conversationId: body.conversationId }
        : {}),
    };
  } catch {
    return {};
  }
}
