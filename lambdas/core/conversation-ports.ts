// What the ends of conversations need of the world.
import type { BridgeError } from './errors.ts';

/** Conversations as Genesys keeps them. */
export interface DeskConversations {
  /**
   * Ends a conversation for everybody in it, asking once and ending before `deadlineAt` (epoch ms). Ending one that is over
   * changes nothing. Failures are answers.
   */
  disconnect(
    numberId: string,
    conversationId: string,
    deadlineAt: number,
  ): Promise<{ done: true } | { done: false; failure: BridgeError }>;
}
