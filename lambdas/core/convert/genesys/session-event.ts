// Genesys' events about the customer's session in a conversation, as EventBridge hands them over. Fields: models
// `ConversationCustomerStartTopic…` and `…CustomerEndTopic…` of the Genesys SDK (2026-05).
import { isObject } from '../meta/json-values.ts';

export interface SessionEvent {
  phase: 'start' | 'end';
  conversationId: string;
  sessionId: string;
  /** Genesys' time of it, epoch ms. */
  at: number;
}

const phases: Readonly<Record<string, SessionEvent['phase']>> = {
  'v2.detail.events.conversation.{id}.customer.start': 'start',
  'v2.detail.events.conversation.{id}.customer.end': 'end',
};

/** Undefined for every other event, and for sessions that are not of Open Messaging. */
export function readSessionEvent(event: unknown): SessionEvent | undefined {
  if (!isObject(event) || !isObject(event.detail) || !isObject(event.detail.eventBody)) return undefined;
  const phase = phases[String(event['detail-type'])];
  const { conversationId, sessionId, messageType, eventTime } = event.detail.eventBody;
  if (phase === undefined || messageType !== 'OPEN') return undefined;
  if (!isUuid(conversationId) || !isUuid(sessionId)) return undefined;
  const at = typeof eventTime === 'number' ? eventTime : Date.parse(String(event.time));
  return Number.isFinite(at) ? { phase, conversationId, sessionId, at } : undefined;
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f-]{36}$/i.test(value);
}
