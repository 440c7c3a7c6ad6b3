// The directory for those who only look: a phone that points nowhere is answered as it would be filed, and is not filed.
import type { CustomerDirectory, CustomerLookUps } from '../../core/ports.ts';

export function lookOnly(
  directory: Pick<CustomerDirectory, 'peek' | 'peekAlias' | 'findByConversation'>,
): CustomerLookUps {
  return {
    peek: (numberId, customerId) => directory.peek(numberId, customerId),
    findByConversation: (conversationId) => directory.findByConversation(conversationId),
    resolveAlias: async (numberId, alias, { at: filedAt, ...entry }) =>
      (await directory.peekAlias(numberId, alias)) ?? { ...entry, filedAt },
  };
}
