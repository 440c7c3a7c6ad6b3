// What the four Open Messaging inbound calls do and answer once their body is known to be right.
import type { Answer } from '../http-exchange.ts';
import type { JsonObject } from '../json-shape.ts';
import type { InboundCall } from './genesys-contract.ts';
import { type GenesysConversations, makeMessageId } from './genesys-conversations.ts';
import { failGenesys, failures } from './genesys-errors.ts';
import type { GenesysSettings } from './genesys-settings.ts';

export interface InboundRequest {
  integrationId: string;
  body: JsonObject & { channel: JsonObject };
  wantsConversationId: boolean;
  contextId: string;
}

type Accept = (
  request: InboundRequest,
  conversations: GenesysConversations,
  settings: GenesysSettings,
) => Answer;

const acceptMessage: Accept = ({ integrationId, body, wantsConversationId }, conversations, settings) => {
  const messageId = typeof body.channel.messageId === 'string' ? body.channel.messageId : undefined;
  const first = messageId !== undefined && conversations.findFirstAnswer(integrationId, messageId);
  if (settings.dedupByMessageId && first) return { status: 200, body: first };

  const id = makeMessageId();
  const conversationId = openConversation(integrationId, body, conversations);
  const normalizedMessage = {
    id,
    channel: normalizeChannel(integrationId, body.channel),
    type: 'Text',
    ...withoutChannel(body),
  };
  conversations.store(id, { conversationId, providerMessageId: messageId ?? id, normalizedMessage });
  const isTold = wantsConversationId && !settings.nullConversationId;
  const answer = { ...normalizedMessage, ...(isTold && { conversationId }) };
  if (messageId !== undefined) conversations.storeFirstAnswer(integrationId, messageId, answer);
  return { status: 200, body: answer };
};

const acceptStructuredResponse: Accept = ({ integrationId, body, contextId }, conversations) => {
  if (!conversations.hasOutbound(integrationId, String(body.originatingMessageId))) {
    const message = `The originating message ${body.originatingMessageId} was not found.`;
    return failGenesys({ ...failures.notFound, message }, contextId);
  }
  openConversation(integrationId, body, conversations);
  return answerNormalized('Structured', makeMessageId(), integrationId, body);
};

const acceptEvent: Accept = ({ integrationId, body }) =>
  answerNormalized('Event', makeMessageId(), integrationId, body);

/** A test may send a webhook of its own making, so an id that nobody here made is unknown only when ordered so. */
const acceptReceipt: Accept = ({ integrationId, body, contextId }, conversations, settings) => {
  const id = String(body.id);
  const isUnknown = settings.refuseUnknownReceipts && !conversations.hasOutbound(integrationId, id);
  if (!isUnknown && !conversations.isForeign(integrationId, id))
    return answerNormalized('Receipt', id, integrationId, body);
  return failGenesys({ ...failures.notFound, message: `The message ${id} was not found.` }, contextId);
};

/** By call: the effect of a body that keeps the contract, and its answer. */
export const inboundCalls: Record<InboundCall, Accept> = {
  message: acceptMessage,
  event: acceptEvent,
  receipt: acceptReceipt,
  'structured/response': acceptStructuredResponse,
};

function openConversation(
  integrationId: string,
  body: InboundRequest['body'],
  conversations: GenesysConversations,
): string {
  const from = body.channel.from as { id: string };
  return conversations.open(integrationId, from.id);
}

function answerNormalized(
  type: string,
  id: string,
  integrationId: string,
  body: InboundRequest['body'],
): Answer {
  return {
    status: 200,
    body: { ...withoutChannel(body), id, channel: normalizeChannel(integrationId, body.channel), type },
  };
}

function normalizeChannel(integrationId: string, channel: JsonObject): JsonObject {
  return { id: integrationId, platform: 'Open', type: 'Private', to: { id: integrationId }, ...channel };
}

function withoutChannel(body: JsonObject): JsonObject {
  const { channel: _channel, ...rest } = body;
  return rest;
}
