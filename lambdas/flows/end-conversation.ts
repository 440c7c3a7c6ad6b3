// What happens when Genesys says that the customer's session in a conversation is over:
// 1. find whose conversation it is; 2. leave it alone when a later session runs, the customer has written since, or the
// conversation is not the customer's any more; 3. queue the tenant's closing text, if there is one and WhatsApp takes it;
// 4. forget the conversation. In this order, so that a repeat after a crash does what is left.
import type { SessionEvent } from '../core/convert/genesys/session-event.ts';
import { readSessionEvent } from '../core/convert/genesys/session-event.ts';
import { toAsciiJson } from '../core/model/envelope.ts';
import type { OutboundEnvelope } from '../core/model/outbound-envelope.ts';
import { isWindowOpen } from '../core/policy/service-window.ts';
import type { Clock, CustomerDirectory, InboundQueue, Pseudonyms, Telemetry } from '../core/ports.ts';
import { peekRoot } from './join-customers.ts';

export interface EndConversationPorts {
  clock: Clock;
  customers: CustomerDirectory;
  pseudonyms: Pseudonyms;
  outbound: InboundQueue;
  telemetry: Telemetry;
  /** Sent to the customer when the desk ends a conversation. */
  closingText: string | undefined;
}

/** What came of an event. */
export type ConversationEnd =
  | 'not-ours'
  | 'session-noted'
  | 'unknown'
  | 'superseded'
  | 'already-over'
  | 'ended'
  | 'ended-with-closing';

const counters: Readonly<Record<ConversationEnd, string | undefined>> = {
  'not-ours': 'EventsIgnored',
  'session-noted': undefined,
  unknown: 'ConversationEndsUnknown',
  superseded: 'ConversationEndsSuperseded',
  'already-over': undefined,
  ended: 'ConversationsEnded',
  'ended-with-closing': 'ConversationsEnded',
};

/** @throws BridgeError `store-unavailable`, `secret-unavailable`; the event may come again then. */
export async function endConversation(event: unknown, ports: EndConversationPorts): Promise<ConversationEnd> {
  const session = readSessionEvent(event);
  const outcome = session === undefined ? 'not-ours' : await follow(session, ports);
  const counter = counters[outcome];
  if (counter !== undefined) ports.telemetry.count(counter);
  ports.telemetry.event('conversation.event', {
    outcome,
    phase: session?.phase,
    conversationId: session?.conversationId,
    sessionId: session?.sessionId,
  });
  return outcome;
}

async function follow(session: SessionEvent, ports: EndConversationPorts): Promise<ConversationEnd> {
  const { customers: directory } = ports;
  const { conversationId, sessionId, at } = session;
  if (session.phase === 'start') {
    await directory.noteSession(conversationId, { sessionId, at });
    return 'session-noted';
  }
  const found = await directory.findByConversation(conversationId);
  if (!found) return 'unknown';
  const { numberId } = found;
  const profile = await peekRoot(found.customerId, { numberId, directory });
  if (profile?.conversationId !== conversationId) return 'already-over';
  const later =
    found.session !== undefined && found.session.sessionId !== sessionId && found.session.at >= at;
  if (later || profile.lastInboundAt > at) return 'superseded';
  const { closingText } = ports;
  const says = closingText !== undefined && isWindowOpen(profile.lastInboundAt, ports.clock.now());
  if (says) await sendClosing(closingText, { session, numberId, to: profile.fromId }, ports);
  await directory.forgetConversation(numberId, profile.customerId, conversationId);
  return says ? 'ended-with-closing' : 'ended';
}

/** In line with what agents wrote; the same end again is the same message. */
async function sendClosing(
  text: string,
  { session, numberId, to }: { session: SessionEvent; numberId: string; to: string },
  { clock, pseudonyms, outbound }: EndConversationPorts,
): Promise<void> {
  const { conversationId, sessionId } = session;
  const id = `closing-${conversationId}-${sessionId}`;
  const envelope: OutboundEnvelope = {
    v: 1,
    channel: 'genesys',
    numberId,
    receivedAt: clock.now(),
    // No webhook stands behind it.
    rawKey: '',
    correlationId: id,
    items: [{ id, kind: 'closing', to, conversationId, message: { text } }],
  };
  const groupId = (await pseudonyms.openGroupIds())(numberId, to);
  const deduplicationId = pseudonyms.hash(`${groupId}\n${id}`);
  await outbound.send([{ groupId, deduplicationId, body: toAsciiJson(envelope) }]);
}
