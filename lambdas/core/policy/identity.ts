// Which customer a sender is. Keyed by BSUID with the phone as alias; never merged by guess.
import type { CustomerProfile, PhoneAlias } from '../model/customer.ts';
import type { SenderIdentity } from '../model/envelope.ts';

export type IdentityDecision =
  | { state: 'known'; customerId: string }
  /** The BSUID is new and its phone belongs to a known customer: remember that both are one. */
  | { state: 'link'; customerId: string }
  /** The phone was just filed under a BSUID that is itself an alias: file it under the real customer. */
  | { state: 'repoint'; customerId: string }
  /** Phone and BSUID belong to different customers: a person has to look. */
  | { state: 'conflict' };

/** The key a sender is filed under when nothing else is known: the BSUID, else the phone. */
export function defaultCustomerId(sender: SenderIdentity): string | undefined {
  return sender.userId ?? sender.phone;
}

/**
 * Decides for a sender with a BSUID, from the profile found under the BSUID and the alias found under the phone.
 * Reads only what is stored, so that a crash between two writes leads to the same decision again.
 */
export function decideIdentity(
  userId: string,
  own: CustomerProfile,
  phone?: { number: string; alias: PhoneAlias },
): IdentityDecision {
  const ownId = own.aliasOf ?? userId;
  if (!phone || phone.alias.customerId === ownId) return { state: 'known', customerId: ownId };
  const { alias, number } = phone;
  if (alias.customerId === userId) return { state: 'repoint', customerId: ownId };
  const seenWithThisPhoneFirst = own.aliasOf === undefined && own.fromId === number;
  const phoneHasAnotherUser = alias.userId !== undefined && alias.userId !== userId;
  if (seenWithThisPhoneFirst && !phoneHasAnotherUser) return { state: 'link', customerId: alias.customerId };
  return { state: 'conflict' };
}
