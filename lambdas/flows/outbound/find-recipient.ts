// Whom an agent's message is for. The conversation says it best: phones change hands, and the address a customer has at
// Genesys stays what it was at first sight. Without a conversation the customer with this address is looked for.

import type { CustomerProfile } from '../../core/model/customer.ts';
import type { CustomerTarget } from '../../core/model/customer-message.ts';
import type { OutboundItem } from '../../core/model/outbound-envelope.ts';
import { chooseTarget, isPhone } from '../../core/policy/addressing.ts';
import type { CustomerLookUps } from '../../core/ports.ts';
import { peekRoot } from '../join-customers.ts';

export interface Recipient {
  /** Where the customer is filed, or would be. */
  customerId: string;
  /** Undefined when the customer never wrote to this number. */
  profile?: CustomerProfile;
  /** Undefined when nobody can say how to reach the customer. */
  target?: CustomerTarget;
}

/** @throws BridgeError `store-unavailable` */
export async function findRecipient(
  { to, conversationId }: Pick<OutboundItem, 'to' | 'conversationId'>,
  numberId: string,
  now: number,
  directory: CustomerLookUps,
): Promise<Recipient> {
  if (conversationId !== undefined) {
    const found = await directory.findByConversation(conversationId);
    const profile =
      found?.numberId === numberId ? await peekRoot(found.customerId, { numberId, directory }) : undefined;
    if (profile) return describe(profile, to);
  }
  if (isPhone(to)) return findByPhone(to, numberId, now, directory);
  const profile = await peekRoot(to, { numberId, directory });
  return profile ? describe(profile, to) : nobodyYet(to, to);
}

async function findByPhone(
  to: string,
  numberId: string,
  now: number,
  directory: CustomerLookUps,
): Promise<Recipient> {
  const alias = await directory.resolveAlias(numberId, to, { customerId: to, at: now });
  // Whose it is at the moment nobody can say, and the wrong person must not read it.
  if (alias.disputedAt !== undefined) return { customerId: to };
  const peek = (customerId: string) => peekRoot(customerId, { numberId, directory });
  const holder = await peek(alias.customerId);
  if (holder?.fromId !== to && alias.formerly !== undefined) {
    const former = await peek(alias.formerly);
    if (former?.fromId === to) return describe(former, to);
  }
  if (holder) return describe(holder, to);
  return nobodyYet(alias.customerId, to);
}

function describe(profile: CustomerProfile, to: string): Recipient {
  const target = chooseTarget(profile, to);
  return { customerId: profile.customerId, profile, ...(target === undefined ? {} : { target }) };
}

function nobodyYet(customerId: string, to: string): Recipient {
  const target = chooseTarget(undefined, to);
  return { customerId, ...(target === undefined ? {} : { target }) };
}
