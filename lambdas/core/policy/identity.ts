// Which customer a sender is. Keyed by BSUID with phone and parent BSUID as aliases. Two customers become one only
// where WhatsApp itself names both ids in one message or event; whatever contradicts what it said before is a conflict.
import type { CustomerAlias, CustomerProfile } from '../model/customer.ts';
import type { SenderIdentity } from '../model/envelope.ts';

/** The key a sender is filed under when nothing else is known: the BSUID, else the phone, else the parent BSUID. */
export function defaultCustomerId(sender: SenderIdentity): string | undefined {
  return sender.userId ?? sender.phone ?? sender.parentUserId;
}

export type PhoneVerdict =
  /** Already known to be the sender's own. */
  | 'same'
  /** WhatsApp names the sender and this phone's customer together, and nothing speaks against it. */
  | 'join'
  /** Its former holder moved away: it is the sender's now, and nothing of the former holder is. */
  | 'take-over'
  /** It was the sender's when the message was sent, and has become somebody else's since. */
  | 'past'
  /** Another BSUID holds it, or the sender's BSUID belongs to another phone: a person has to look. */
  | 'conflict';

/**
 * Decides what a phone that is filed under somebody else means for the sender it came with. Reads only what is stored,
 * so that a crash between two writes leads to the same decision again.
 * @param own what is known of the BSUID, if anything
 * @param known.same both are known to be one customer
 * @param known.former the phone was filed under the sender before
 */
export function judgePhone(
  { userId, phone, sentAt }: { userId: string; phone: string; sentAt: number },
  alias: CustomerAlias,
  own: CustomerProfile | undefined,
  known: { same: boolean; former: boolean },
): PhoneVerdict {
  if (known.same) return 'same';
  if (known.former && sentAt < alias.filedAt) return 'past';
  if (alias.leftAt !== undefined) return 'take-over';
  if (alias.userId === userId) return 'join';
  const belongsToAnotherPhone = own?.phone !== undefined && own.phone !== phone;
  return alias.userId === undefined && !belongsToAnotherPhone ? 'join' : 'conflict';
}

export type NewPhoneVerdict =
  /** Filed under the customer who moves to it, as it should be. */
  | 'settled'
  /** To be filed under the customer who moves to it. */
  | 'refile'
  /** First seen after the move, so its messages were of the customer who moved: both are one. */
  | 'join'
  /** Another has got it since. */
  | 'leave';

/** Decides what an event that moves a customer to a phone at `movedAt` (epoch ms) does to that phone's alias. */
export function judgeNewPhone(
  alias: CustomerAlias,
  { userId, movedAt, same }: { userId: string | undefined; movedAt: number; same: boolean },
): NewPhoneVerdict {
  const heldByMover = alias.userId === userId || alias.userId === undefined;
  if (same) {
    if (alias.leftAt !== undefined) return alias.leftAt < movedAt ? 'refile' : 'settled';
    return userId === undefined || (alias.userId === userId && alias.disputedAt === undefined)
      ? 'settled'
      : 'refile';
  }
  if (alias.filedAt < movedAt) return 'refile';
  return heldByMover ? 'join' : 'leave';
}

/**
 * The customer that the others become: the one whose first message was accepted first. The order never changes, so
 * links always lead from younger to elder and cannot form a circle, whoever writes them at the same time.
 */
export function findEldest<T extends Pick<CustomerProfile, 'customerId' | 'since'>>(
  customers: readonly T[],
): T | undefined {
  return [...customers].sort((a, b) => a.since - b.since || (a.customerId < b.customerId ? -1 : 1))[0];
}
