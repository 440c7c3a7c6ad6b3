// In which order the queue accepted what customers wrote.
import { isClaimCheck, parseQueueBody } from '../lambdas/core/model/envelope.ts';
import type { Outcome } from './world.ts';

export interface AcceptedMessage {
  id: string;
  customer: string;
  groupId: string;
}

/** Items in the order of the queue's acceptance, each at its first appearance. */
export function readAcceptanceOrder({ queue }: Pick<Outcome, 'queue'>): AcceptedMessage[] {
  const seen = new Map<string, AcceptedMessage>();
  for (const { body, groupId } of queue.accepted) {
    const envelope = parseQueueBody(body);
    if (isClaimCheck(envelope)) continue;
    for (const { id, phone = '' } of envelope.items)
      if (!seen.has(id)) seen.set(id, { id, customer: phone, groupId });
  }
  return [...seen.values()];
}
