// A customer who writes one of the tenant's stop words leaves: once the message is with the agent, the conversation is ended
// at Genesys. Best effort: it is tried twice at most and within the time of its message, and a failure is counted and told,
// but holds up nothing of the customer.

import type { DeskConversations } from '../core/conversation-ports.ts';
import { isObject } from '../core/convert/meta/json-values.ts';
import { BridgeError } from '../core/errors.ts';
import type { InboundItem } from '../core/model/envelope.ts';
import { isStopWord } from '../core/policy/stop-words.ts';
import type { Clock, CustomerDirectory, Telemetry } from '../core/ports.ts';

export interface LeaveConversationPorts {
  clock: Clock;
  customers: Pick<CustomerDirectory, 'forgetConversation'>;
  conversations: DeskConversations;
  telemetry: Telemetry;
  stopWords: readonly string[];
  timing: { postTimeoutMs: number };
}

export interface DeliveredMessage {
  item: InboundItem;
  numberId: string;
  customerId: string;
  conversationId: string | undefined;
  correlationId: string;
  /** Epoch ms. */
  deadlineAt: number;
}

/** Ends the conversation of a message that is a stop word, and does nothing for any other. No trouble of it is thrown. */
export type LeaveIfAsked = (delivered: DeliveredMessage) => Promise<void>;

const mostTries = 2;

export function createLeaving(ports: LeaveConversationPorts): LeaveIfAsked {
  return async (delivered) => {
    if (!isStopWord(readOwnText(delivered.item), ports.stopWords)) return;
    const { conversationId, correlationId, item } = delivered;
    const ids = { messageId: item.id, conversationId, correlationId };
    const failure = await leave(delivered, ports);
    if (failure === undefined) {
      ports.telemetry.count('ConversationsLeft');
      ports.telemetry.event('conversation.left', ids);
    } else {
      ports.telemetry.count('ConversationLeavesFailed');
      ports.telemetry.problem('conversation.not-left', failure, ids);
    }
  };
}

/** Empty for everything the customer did not type. */
function readOwnText({ kind, message }: InboundItem): string {
  if (kind !== undefined || !isObject(message) || message.type !== 'text' || !isObject(message.text))
    return '';
  return typeof message.text.body === 'string' ? message.text.body : '';
}

async function leave(
  { conversationId, numberId, customerId, deadlineAt }: DeliveredMessage,
  { clock, customers, conversations, timing }: LeaveConversationPorts,
): Promise<BridgeError | undefined> {
  if (conversationId === undefined)
    return new BridgeError('integration-missing', 'Genesys has not said which conversation it is');
  const until = Math.min(deadlineAt, clock.now() + timing.postTimeoutMs);
  try {
    // First, so that the end is the customer's own and no closing text answers it.
    await customers.forgetConversation(numberId, customerId, conversationId);
    for (let tries = 1; ; tries += 1) {
      const answer = await conversations.disconnect(numberId, conversationId, until);
      if (answer.done) return undefined;
      // Ending twice is ending once, so a try whose outcome is unknown may be repeated.
      const isPassing = answer.failure.next === 'retry' || answer.failure.next === 'confirm';
      if (!isPassing || tries === mostTries || clock.now() >= until) return answer.failure;
    }
  } catch (error) {
    if (error instanceof BridgeError) return error;
    throw error;
  }
}
