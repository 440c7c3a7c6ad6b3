// Reads a Meta webhook leniently: every entry, change, message and status is walked, and one odd item never touches
// its neighbours. Facts: Meta "messages" webhook reference (2026-05), BSUID page (2026-05).

import type { InboundItem, SenderIdentity } from '../../model/envelope.ts';
import { defaultCustomerId } from '../../policy/identity.ts';

/** An item whose id is still to be made when WhatsApp gave none. */
export type WebhookItem = Omit<InboundItem, 'id'> & { id: string | undefined };

/** The messages of one customer of one number in one webhook, in order. */
export interface CustomerGroup {
  /** Empty when the webhook named no number. */
  numberId: string;
  /** BSUID, else phone, else empty. */
  customerKey: string;
  items: WebhookItem[];
}

export interface WebhookContent {
  groups: CustomerGroup[];
  messages: number;
  statuses: number;
  /** Changes of other fields, and errors Meta reports beside them. */
  otherChanges: number;
  /** Parts that could not be read; they are in the archive only. */
  malformed: number;
}

type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A non-empty string; Meta's own examples carry some ids as numbers. */
export function readId(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** Splits a parsed webhook body by customer. Never throws. */
export function splitWebhook(body: unknown): WebhookContent {
  const content: WebhookContent = { groups: [], messages: 0, statuses: 0, otherChanges: 0, malformed: 0 };
  const groups = new Map<string, CustomerGroup>();
  if (!isObject(body) || !Array.isArray(body.entry)) {
    content.malformed = 1;
    return content;
  }
  for (const entry of body.entry) {
    if (!isObject(entry) || !Array.isArray(entry.changes)) {
      content.malformed += 1;
      continue;
    }
    for (const change of entry.changes) readChange(change, groups, content);
  }
  content.groups = [...groups.values()];
  return content;
}

function readChange(change: unknown, groups: Map<string, CustomerGroup>, content: WebhookContent): void {
  if (!isObject(change) || !isObject(change.value)) {
    content.malformed += 1;
    return;
  }
  const { value } = change;
  const carriesMessages = change.field === 'messages' || change.field === undefined;
  if (!carriesMessages || !('messages' in value || 'statuses' in value)) {
    content.otherChanges += 1;
    return;
  }
  if (Array.isArray(value.statuses)) content.statuses += value.statuses.length;
  else if ('statuses' in value) content.malformed += 1;
  if (!('messages' in value)) return;
  if (!Array.isArray(value.messages)) {
    content.malformed += 1;
    return;
  }
  const numberId = (isObject(value.metadata) && readId(value.metadata.phone_number_id)) || '';
  const contacts = readContacts(value.contacts);
  for (const message of value.messages) {
    if (!isObject(message)) {
      content.malformed += 1;
      continue;
    }
    content.messages += 1;
    addToGroup(groups, numberId, readItem(message, contacts));
  }
}

/** The contacts of one change by their ids, so that finding one takes no longer among thousands. */
interface Contacts {
  byUserId: Map<string, JsonObject>;
  byPhone: Map<string, JsonObject>;
  /** Set when there is exactly one. */
  only: JsonObject | undefined;
}

function readContacts(value: unknown): Contacts {
  const list = Array.isArray(value) ? value.filter(isObject) : [];
  const byUserId = new Map<string, JsonObject>();
  const byPhone = new Map<string, JsonObject>();
  for (const contact of list) {
    const userId = readId(contact.user_id);
    const phone = readId(contact.wa_id);
    if (userId !== undefined && !byUserId.has(userId)) byUserId.set(userId, contact);
    if (phone !== undefined && !byPhone.has(phone)) byPhone.set(phone, contact);
  }
  return { byUserId, byPhone, only: list.length === 1 ? list[0] : undefined };
}

function addToGroup(groups: Map<string, CustomerGroup>, numberId: string, item: WebhookItem): void {
  const customerKey = defaultCustomerId(item) ?? '';
  const groupKey = `${numberId}\n${customerKey}`;
  const group = groups.get(groupKey);
  if (group) group.items.push(item);
  else groups.set(groupKey, { numberId, customerKey, items: [item] });
}

function readItem(message: JsonObject, contacts: Contacts): WebhookItem {
  const contact = findContact(message, contacts);
  const profile = isObject(contact?.profile) ? contact.profile : undefined;
  const name = readId(profile?.name);
  const username = readId(profile?.username);
  const item: WebhookItem = { id: readId(message.id), message };
  addSender(item, message, contact);
  if (name !== undefined) item.name = name;
  if (username !== undefined) item.username = username;
  return item;
}

/** Quirk(meta): `from` and `wa_id` are left out when the customer hides the phone; they are not replaced by the BSUID. */
function addSender(sender: SenderIdentity, message: JsonObject, contact: JsonObject | undefined): void {
  const userId = readId(message.from_user_id) ?? readId(contact?.user_id);
  const phone = readId(message.from) ?? readId(contact?.wa_id);
  if (userId !== undefined) sender.userId = userId;
  if (phone !== undefined) sender.phone = phone;
}

/** Contacts are matched by id, never by position; a message without any sender takes the only contact there is. */
function findContact(message: JsonObject, { byUserId, byPhone, only }: Contacts): JsonObject | undefined {
  const userId = readId(message.from_user_id);
  const phone = readId(message.from);
  if (userId === undefined && phone === undefined) return only;
  const known = userId === undefined ? undefined : byUserId.get(userId);
  return known ?? (phone === undefined ? undefined : byPhone.get(phone));
}
