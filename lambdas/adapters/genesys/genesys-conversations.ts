// Ends conversations at Genesys.
import type { DeskConversations } from '../../core/conversation-ports.ts';
import type { GenesysCallOptions } from './genesys-call.ts';
import { callGenesys } from './genesys-call.ts';

/** A conversation that is not known, or not any more, needs no ending. */
const notThere = new Set([404, 410]);

export function createGenesysConversations(options: GenesysCallOptions): DeskConversations {
  return {
    async disconnect(numberId, conversationId, deadlineAt) {
      const path = `/api/v2/conversations/messages/${encodeURIComponent(conversationId)}`;
      const request = { method: 'PATCH', path, body: { state: 'disconnected' } } as const;
      const answer = await callGenesys(numberId, request, deadlineAt, options);
      if (answer.ok || notThere.has(answer.failure.details.status ?? 0)) return { done: true };
      return { done: false, failure: answer.failure };
    },
  };
}
