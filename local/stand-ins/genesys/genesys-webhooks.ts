// An agent's words on their way to the bridge: signed outbound webhooks with Genesys' retry rule.
import { createHmac } from 'node:crypto';
import { type Answer, RefusedError } from '../http-exchange.ts';
import {
  expectAnyObject,
  expectList,
  expectObject,
  expectText,
  type JsonObject,
  requireShape,
} from '../json-shape.ts';
import type { KnownNumber, StandInContext } from '../stand-ins.ts';
import { type DeliveryRule, deliverWebhook } from '../webhook-delivery.ts';
import { type GenesysConversations, makeMessageId } from './genesys-conversations.ts';

/** "Validate webhook notifications": 10 s to answer; timeouts, 429 and 5xx are retried 5 times, 5 s apart. */
export const genesysDeliveryRule: DeliveryRule = {
  timeoutMs: 10_000,
  retryDelaysMs: [5_000, 5_000, 5_000, 5_000, 5_000],
  isRetried: (status) => status === null || status === 429 || status >= 500,
};

interface Reply {
  to: string;
  text?: string;
  content?: JsonObject[];
  type?: string;
  id?: string;
  integrationId?: string;
}

const filledText = expectText({ min: 1 });
const checkReply = expectObject(
  { to: filledText },
  {
    text: expectText(),
    content: expectList(expectAnyObject()),
    type: filledText,
    id: filledText,
    integrationId: filledText,
  },
);

/** Handles `POST /_reply`; answers once the first attempt has ended. @throws RefusedError 400 */
export async function sendReply(
  body: unknown,
  context: StandInContext,
  conversations: GenesysConversations,
): Promise<Answer> {
  requireShape(body, checkReply, 'reply');
  const reply = body as Reply;
  const type = reply.type ?? guessType(reply.content ?? []);
  const isContentful = type === 'Text' || type === 'Structured';
  if (isContentful && !reply.text && !reply.content?.length) {
    throw new RefusedError(400, `reply: a reply of type ${type} needs text or content`);
  }
  const number = pickNumber(reply, context, conversations);
  const id = reply.id ?? makeMessageId();
  conversations.storeOutbound(number.integrationId, id);
  const webhook = {
    id,
    channel: makeChannel(reply.to, id, number, context.timers.nowMs()),
    type,
    ...(reply.text !== undefined && { text: reply.text }),
    ...(reply.content && { content: reply.content }),
    ...makeKindFields(type),
    conversationId: conversations.open(number.integrationId, reply.to),
  };
  const bytes = Buffer.from(JSON.stringify(webhook));
  const digest = createHmac('sha256', number.secrets.genesysWebhookSecret).update(bytes).digest('base64');
  const status = await deliverWebhook(
    {
      url: () => `${context.bridgeUrl()}/webhook/genesys/${number.integrationId}`,
      headers: { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${digest}` },
      bytes,
    },
    genesysDeliveryRule,
    context.timers,
  );
  return { status: 200, body: { id, status } };
}

function pickNumber(reply: Reply, context: StandInContext, conversations: GenesysConversations): KnownNumber {
  const integrationId = reply.integrationId ?? conversations.findIntegration(reply.to);
  const number = context.numbers.find((candidate) => candidate.integrationId === integrationId);
  if (reply.integrationId && !number) {
    throw new RefusedError(400, `reply: there is no integration ${reply.integrationId}`);
  }
  return number ?? context.numbers[0];
}

function makeChannel(to: string, id: string, number: KnownNumber, nowMs: number): JsonObject {
  return {
    id: number.integrationId,
    platform: 'Open',
    type: 'Private',
    to: { id: to, idType: /^\+?\d+$/.test(to) ? 'Phone' : 'Opaque' },
    from: { id: number.integrationId, idType: 'Opaque', nickname: 'WhatsApp' },
    time: new Date(nowMs).toISOString(),
    messageId: id,
  };
}

/** Everything but text and attachments comes from bots and is structured. */
function guessType(content: JsonObject[]): string {
  const isPlain = content.every(
    ({ contentType }) => contentType === undefined || contentType === 'Attachment',
  );
  return isPlain ? 'Text' : 'Structured';
}

function makeKindFields(type: string): JsonObject {
  if (type === 'Event') {
    const typing = { eventType: 'Typing', typing: { type: 'On', duration: 5000 } };
    return { events: [typing], direction: 'Outbound' };
  }
  if (type === 'Receipt') return { status: 'Published', isFinalReceipt: true, direction: 'Inbound' };
  return { originatingEntity: type === 'Structured' ? 'Bot' : 'Human', direction: 'Outbound' };
}
