// Whose an item is that is no message of the customer: nothing is learned of the customer by it, and it is no activity
// that would open WhatsApp's window for answers.
import type { CustomerProfile } from '../core/model/customer.ts';
import type { SenderIdentity } from '../core/model/envelope.ts';
import { defaultCustomerId } from '../core/policy/identity.ts';
import type { CustomerDirectory } from '../core/ports.ts';
import { peekRoot } from './join-customers.ts';

export interface PeekedCustomer {
  /** Where the customer is filed, or would be at first sight. */
  customerId: string;
  /** Undefined when the customer is not known yet. */
  profile?: CustomerProfile;
}

/** Undefined when the item names nobody. @throws BridgeError `store-unavailable`. */
export async function peekCustomer(
  sender: SenderIdentity,
  numberId: string,
  at: number,
  directory: Pick<CustomerDirectory, 'peek' | 'resolveAlias'>,
): Promise<PeekedCustomer | undefined> {
  const fallback = defaultCustomerId(sender);
  if (fallback === undefined) return undefined;
  const { userId, phone } = sender;
  const peek = (customerId: string) => peekRoot(customerId, { numberId, directory });
  const own = userId === undefined ? undefined : await peek(userId);
  if (own) return { customerId: own.customerId, profile: own };
  if (phone === undefined) return { customerId: fallback };
  const entry = { customerId: fallback, at, ...(userId === undefined ? {} : { userId }) };
  const alias = await directory.resolveAlias(numberId, phone, entry);
  const isAnothers = userId !== undefined && alias.userId !== undefined && alias.userId !== userId;
  if (isAnothers || alias.disputedAt !== undefined) return { customerId: fallback };
  const holder = await peek(alias.customerId);
  return holder ? { customerId: holder.customerId, profile: holder } : { customerId: alias.customerId };
}
