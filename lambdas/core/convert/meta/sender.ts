// Who a WhatsApp message is from, and which ids an event gives that person from then on.
// Facts: Meta BSUID page (2026-05), "system" messages reference (2026-05) and changelog (2026-08-11).
import type { SenderIdentity } from '../../model/envelope.ts';
import { isObject, type JsonObject, readId } from './json-values.ts';

/** The contacts of one change. */
export interface Contacts {
  /** Set when there is exactly one, as there mostly is. */
  only: JsonObject | undefined;
  /** By their ids, so that finding one takes no longer among thousands. */
  byUserId: ReadonlyMap<string, JsonObject>;
  byPhone: ReadonlyMap<string, JsonObject>;
}

const none: ReadonlyMap<string, JsonObject> = new Map();

export function readContacts(value: unknown): Contacts {
  const list = Array.isArray(value) ? value.filter(isObject) : [];
  if (list.length <= 1) return { only: list[0], byUserId: none, byPhone: none };
  const byUserId = new Map<string, JsonObject>();
  const byPhone = new Map<string, JsonObject>();
  for (const contact of list) {
    const userId = readId(contact.user_id);
    const phone = readId(contact.wa_id);
    if (userId !== undefined && !byUserId.has(userId)) byUserId.set(userId, contact);
    if (phone !== undefined && !byPhone.has(phone)) byPhone.set(phone, contact);
  }
  return { only: undefined, byUserId, byPhone };
}

/** Contacts are matched by id, never by position; a message without any sender takes the only contact there is. */
export function findContact(
  message: JsonObject,
  { only, byUserId, byPhone }: Contacts,
): JsonObject | undefined {
  const userId = readId(message.from_user_id);
  const phone = readId(message.from);
  if (only) {
    const isTheirs =
      (userId !== undefined && readId(only.user_id) === userId) ||
      (phone !== undefined && readId(only.wa_id) === phone);
    return isTheirs || (userId ?? phone) === undefined ? only : undefined;
  }
  const known = userId === undefined ? undefined : byUserId.get(userId);
  return known ?? (phone === undefined ? undefined : byPhone.get(phone));
}

/**
 * Writes the sender's ids into `sender`. An event that changes ids is from whoever the person was before it, so that it
 * is queued behind that person's earlier messages.
 * Quirk(meta): `from` and `wa_id` are left out when the customer hides the phone; they are not replaced by the BSUID.
 */
export function addSender(
  sender: SenderIdentity,
  message: JsonObject,
  contact: JsonObject | undefined,
): void {
  const change = message.type === 'system' ? readIdentityChange(message) : undefined;
  if (change) {
    Object.assign(sender, change.before);
    return;
  }
  const userId = readId(message.from_user_id) ?? readId(contact?.user_id);
  const phone = readId(message.from) ?? readId(contact?.wa_id);
  const parentUserId = readId(message.from_parent_user_id) ?? readId(contact?.parent_user_id);
  if (userId !== undefined) sender.userId = userId;
  if (phone !== undefined) sender.phone = phone;
  if (parentUserId !== undefined) sender.parentUserId = parentUserId;
}

/** The same person before and after an event; the same ids twice when it does not say who the person was. */
export interface IdentityChange {
  before: SenderIdentity;
  after: SenderIdentity;
}

const changeTypes = new Set(['user_changed_number', 'user_changed_user_id', 'customer_changed_number']);

/**
 * Reads a `system` message that gives its sender other ids; undefined for any other message.
 * Quirk(meta): the older form has `new_wa_id` and `customer`; `previous_…` ids are sent since 2026-08-11 only.
 */
export function readIdentityChange(message: unknown): IdentityChange | undefined {
  if (!isObject(message) || message.type !== 'system' || !isObject(message.system)) return undefined;
  const { system } = message;
  const previousUserId = readId(system.previous_user_id);
  const previousParentId = readId(system.previous_parent_user_id);
  const newPhone = readId(system.new_wa_id);
  const saysSo = changeTypes.has(readId(system.type) ?? '');
  if (!saysSo && (previousUserId ?? previousParentId ?? newPhone) === undefined) return undefined;

  const after = toIdentity(
    readId(system.user_id),
    newPhone ?? readId(system.wa_id),
    readId(system.parent_user_id),
  );
  const unlessNew = (id: string | undefined, now: string | undefined) => (id === now ? undefined : id);
  const before = toIdentity(
    previousUserId ?? unlessNew(readId(message.from_user_id), after.userId),
    unlessNew(readId(message.from) ?? readId(system.customer), after.phone),
    previousParentId ?? unlessNew(readId(message.from_parent_user_id), after.parentUserId),
  );
  return { before: isNobody(before) ? after : before, after };
}

function toIdentity(
  userId: string | undefined,
  phone: string | undefined,
  parentUserId: string | undefined,
): SenderIdentity {
  return {
    ...(userId === undefined ? {} : { userId }),
    ...(phone === undefined ? {} : { phone }),
    ...(parentUserId === undefined ? {} : { parentUserId }),
  };
}

function isNobody({ userId, phone, parentUserId }: SenderIdentity): boolean {
  return (userId ?? phone ?? parentUserId) === undefined;
}
