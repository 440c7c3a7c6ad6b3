// Reads a Meta webhook leniently: every entry, change, message and status is walked, and one odd item never touches
// its neighbours. Facts: Meta "messages" webhook reference (2026-05), BSUID page (2026-05).

import type { InboundItem } from '../../model/envelope.ts';
import { defaultCustomerId } from '../../policy/identity.ts';
import { readEchoItems } from './echo.ts';
import { isObject, type JsonObject, readId, readMessageId } from './json-values.ts';
import type { OtherChange } from './operator-events.ts';
import { readPreferenceItems } from './preferences.ts';
import { addSender, type Contacts, findContact, readContacts } from './sender.ts';

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
  /** The statuses of what was sent to one customer, in order; they are no messages. */
  receipts: CustomerGroup[];
  messages: number;
  statuses: number;
  /** Changes of other fields, and of `messages` where Meta reports errors of the account. */
  others: OtherChange[];
  /** Parts that could not be read; they are in the archive only. */
  malformed: number;
}

/** Splits a parsed webhook body by customer. Never throws. */
export function splitWebhook(body: unknown): WebhookContent {
  const content: WebhookContent = {
    groups: [],
    receipts: [],
    messages: 0,
    statuses: 0,
    others: [],
    malformed: 0,
  };
  const groups = new Map<string, CustomerGroup>();
  const receipts = new Map<string, CustomerGroup>();
  if (!isObject(body) || !Array.isArray(body.entry)) {
    content.malformed = 1;
    return content;
  }
  for (const entry of body.entry) {
    if (!isObject(entry) || !Array.isArray(entry.changes)) {
      content.malformed += 1;
      continue;
    }
    for (const change of entry.changes) readChange(change, entry.id, { groups, receipts }, content);
  }
  content.groups = [...groups.values()];
  content.receipts = [...receipts.values()];
  return content;
}

function readChange(
  change: unknown,
  account: unknown,
  { groups, receipts }: Record<'groups' | 'receipts', Map<string, CustomerGroup>>,
  content: WebhookContent,
): void {
  if (!isObject(change) || !isObject(change.value)) {
    content.malformed += 1;
    return;
  }
  const { value } = change;
  const carriesMessages = change.field === 'messages' || change.field === undefined;
  const hasMessages = carriesMessages && ('messages' in value || 'statuses' in value);
  if (!hasMessages || 'errors' in value) {
    const field = change.field === undefined ? 'messages' : (readId(change.field) ?? 'other');
    content.others.push({ field, account: readId(account) ?? '', value });
  }
  if (!hasMessages) {
    const readItems = itemReaders.get(change.field);
    for (const item of readItems?.(value) ?? []) addToGroup(groups, readNumberId(value), item);
    return;
  }
  if (Array.isArray(value.statuses)) {
    content.statuses += value.statuses.length;
    for (const status of value.statuses) {
      if (isObject(status)) addToGroup(receipts, readNumberId(value), readStatus(status));
      else content.malformed += 1;
    }
  }
  if ('statuses' in value && !Array.isArray(value.statuses)) content.malformed += 1;
  if (!('messages' in value)) return;
  if (!Array.isArray(value.messages)) {
    content.malformed += 1;
    return;
  }
  const numberId = readNumberId(value);
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

/** Other fields that say something for the queue of a customer. */
const itemReaders: ReadonlyMap<unknown, (value: JsonObject) => WebhookItem[]> = new Map([
  ['user_preferences', readPreferenceItems],
  ['smb_message_echoes', readEchoItems],
]);

function readNumberId({ metadata }: JsonObject): string {
  return (isObject(metadata) && readId(metadata.phone_number_id)) || '';
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
  const item: WebhookItem = { id: readMessageId(message.id), message };
  addSender(item, message, contact);
  if (name !== undefined) item.name = name;
  if (username !== undefined) item.username = username;
  return item;
}

/** One status of one message of ours: the same message has several in its life, each of them once. */
function readStatus(status: JsonObject): WebhookItem {
  const wamid = readId(status.id);
  const name = readId(status.status);
  const userId = readId(status.recipient_user_id);
  const phone = readId(status.recipient_id);
  return {
    id: wamid === undefined || name === undefined ? undefined : `${wamid}.${name}`,
    kind: 'status',
    message: status,
    ...(userId === undefined ? {} : { userId }),
    ...(phone === undefined ? {} : { phone }),
  };
}
