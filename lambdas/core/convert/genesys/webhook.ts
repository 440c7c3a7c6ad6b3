// What a webhook of Genesys Open Messaging is about, as far as the door has to know. Fields: OpenNormalizedMessage of the
// Genesys SDK (2026-08); read leniently, since what is not understood here must still reach somebody who tells the agent.
import { isObject, type JsonObject } from '../meta/json-values.ts';

/** Where a webhook goes: to the customer, to the ledger (`desk-receipt`: Genesys' word on a message we posted), or nowhere. */
export type DeskWebhookKind = 'message' | 'typing' | 'desk-receipt' | 'other';

export interface DeskWebhook {
  kind: DeskWebhookKind;
  /** Genesys' id of the message; undefined when it has none that can be used. */
  id: string | undefined;
  /** The address the customer has in our messages to Genesys; empty when the webhook names nobody. */
  to: string;
  conversationId: string | undefined;
  /** Integration the body names. */
  integrationId: string | undefined;
  /** `type` of the body, for the log. */
  type: string;
  /** Status of a receipt: one message may have several. */
  status: string;
}

/** Never throws; anything that is no JSON object is `other`. */
export function readDeskWebhook(body: unknown): DeskWebhook {
  const webhook = isObject(body) ? body : {};
  const channel = isObject(webhook.channel) ? webhook.channel : {};
  const type = readWord(webhook.type) ?? '';
  const kind = readKind(webhook, type);
  return {
    kind,
    id: readId(webhook.id) ?? readId(channel.messageId),
    to: readAddress(channel.to),
    conversationId: readId(webhook.conversationId),
    integrationId: readId(channel.id),
    type: type === '' ? 'missing' : type,
    status: kind === 'desk-receipt' ? (readWord(webhook.status) ?? '') : '',
  };
}

function readKind({ text, content, events, direction }: JsonObject, type: string): DeskWebhookKind {
  if (type === 'Receipt') return 'desk-receipt';
  // The customer's own words, should Genesys ever show them to us, are not for the customer.
  if (direction === 'Inbound') return 'other';
  if (type === 'Event') return Array.isArray(events) && events.some(isTyping) ? 'typing' : 'other';
  // An empty message goes on as well, so that the agent hears that it was not sent.
  if (type === 'Text' || type === 'Structured') return 'message';
  const says = typeof text === 'string' && text !== '';
  return says || (Array.isArray(content) && content.length > 0) ? 'message' : 'other';
}

function isTyping(event: unknown): boolean {
  return isObject(event) && event.eventType === 'Typing';
}

/** Ids become keys, so one that is too long or holds anything but visible ASCII counts as none. */
function readId(value: unknown): string | undefined {
  return typeof value === 'string' && /^[!-~]{1,200}$/.test(value) ? value : undefined;
}

function readAddress(to: unknown): string {
  return (isObject(to) ? readId(to.id) : undefined) ?? '';
}

/** For logs and names of counters: an identifier, or nothing. */
function readWord(value: unknown): string | undefined {
  return typeof value === 'string' && /^\w{1,40}$/.test(value) ? value : undefined;
}
