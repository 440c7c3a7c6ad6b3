// Delivers to Genesys Open Messaging through the current inbound endpoint (the old catch-all was retired on 2026-10-05).
import { toGenesys, toGenesysResponse } from '../../core/convert/genesys/to-genesys.ts';
import { BridgeError } from '../../core/errors.ts';
import type { DeskAnswer, DeskMessage } from '../../core/model/desk-message.ts';
import type { AgentDesk } from '../../core/ports.ts';
import type { GenesysAnswer, GenesysCallOptions } from './genesys-call.ts';
import { callGenesys } from './genesys-call.ts';
import type { GenesysHosts } from './genesys-hosts.ts';

export interface GenesysDeskOptions extends GenesysCallOptions {
  numbers: ReadonlyMap<string, { integrationId: string }>;
}

/** What Genesys answers when the message that was tapped on, or its conversation, is not known to it any more. */
const noLongerAnswerable = new Set([400, 404, 410]);

export function createGenesysDesk(options: GenesysDeskOptions): AgentDesk {
  return {
    async deliver(numberId, message, deadlineAt) {
      const integrationId = options.numbers.get(numberId)?.integrationId;
      if (integrationId === undefined) {
        const reason = 'the tenant file maps this number to no integration';
        return { delivered: false, failure: new BridgeError('integration-missing', reason), effect: 'none' };
      }
      const [first, ...others] = toDeskCalls(integrationId, message);
      let answer = await post(first, numberId, deadlineAt, options);
      for (const call of others) {
        if (answer.delivered || !noLongerAnswerable.has(answer.failure.details.status ?? 0)) break;
        answer = await post(call, numberId, deadlineAt, options);
      }
      return answer;
    },
  };
}

/** One request to Genesys. */
export interface DeskCall {
  method: 'POST';
  path: string;
  body: object;
}

/** The requests for a message: each is made only if Genesys refused the one before without effect. */
export function toDeskCalls(integrationId: string, message: DeskMessage): [DeskCall, ...DeskCall[]] {
  const base = `/api/v2/conversations/messages/${encodeURIComponent(integrationId)}/inbound/open`;
  const asText: DeskCall = {
    method: 'POST',
    path: `${base}/message?prefetchConversationId=true`,
    body: toGenesys(message),
  };
  const { tap } = message;
  if (!tap) return [asText];
  // A tap goes as a structured response; refused without effect, it goes as the text it stands for.
  const asResponse: DeskCall = {
    method: 'POST',
    path: `${base}/structured/response`,
    body: toGenesysResponse(message, tap),
  };
  return [asResponse, asText];
}

/** The same requests as a person can read them, whole addresses included. */
export function describeDeskCalls({ api }: GenesysHosts) {
  return (integrationId: string, message: DeskMessage) => {
    const describe = ({ method, path, body }: DeskCall) => ({ method, url: `${api}${path}`, body });
    const [first, ...others] = toDeskCalls(integrationId, message);
    return [describe(first), ...others.map(describe)] as const;
  };
}

async function post(
  call: DeskCall,
  numberId: string,
  deadlineAt: number,
  options: GenesysDeskOptions,
): Promise<DeskAnswer> {
  return toDeskAnswer(await callGenesys(numberId, call, deadlineAt, options));
}

function toDeskAnswer(answer: GenesysAnswer): DeskAnswer {
  if (answer.ok) return { delivered: true, ...readIds(answer.text) };
  return { delivered: false, failure: answer.failure, effect: answer.effect };
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
