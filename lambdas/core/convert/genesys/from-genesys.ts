// A message of an agent or a bot as what WhatsApp can carry of it, in order.
import type { CustomerContent, CustomerPart } from '../../model/customer-message.ts';
import { isObject, readId } from '../meta/json-values.ts';
import type { Phrases } from '../phrases.ts';
import { toCardParts, toMediaAndText } from '../whatsapp/card.ts';
import { createOptionIds, type OptionIds, offerChoices } from '../whatsapp/choices.ts';
import type { TemplateName } from '../whatsapp/template-send.ts';
import { readyPart, toTextParts } from '../whatsapp/text-parts.ts';
import { type Notification, toTemplate } from './notification.ts';
import { type DeskItem, readContent } from './read-content.ts';
import { listObjects, readWords } from './read-parts.ts';

export interface ToCustomerOptions {
  /** Notification or canned template of Genesys, by its id, to the template at Meta. */
  templates: Readonly<Record<string, TemplateName>>;
  phrases: Phrases;
}

interface Context extends ToCustomerOptions {
  nextId: OptionIds;
}

/**
 * Never throws, and gives the same parts for the same message. A part whose send is a `template` may go out at any time,
 * all others only inside WhatsApp's window.
 * @param message the webhook's body; of the bridge's own messages `{text}`
 */
export function toCustomerContent(message: unknown, options: ToCustomerOptions): CustomerContent {
  if (!isObject(message)) return refuse('InvalidMessageStructure', 'the message is not an object');
  const text = readWords(message.text);
  const items = readContent(message.content);
  if (text === '' && items.length === 0) return readEvent(message);

  const context = { ...options, nextId: createOptionIds(readId(message.id) ?? '') };
  const parts = placeText(text, items, context).flatMap((item) => toParts(item, context));
  const unreadable = items.filter(({ kind }) => kind === 'unreadable').length;
  if (parts.length > 0) return { kind: 'parts', parts, ...(unreadable > 0 ? { unreadable } : {}) };
  return unreadable > 0
    ? refuse('UnsupportedMessage', 'no content of a known kind and no text')
    : refuse('InvalidMessageStructure', 'the message is empty');
}

function readEvent(message: Record<string, unknown>): CustomerContent {
  const events = listObjects(message.events);
  const isTyping = events.some(({ eventType, typing }) => eventType === 'Typing' || isObject(typing));
  if (isTyping) return { kind: 'typing' };
  return events.length > 0 || message.type === 'Event'
    ? refuse('UnsupportedMessage', 'an event other than typing')
    : refuse('InvalidMessageStructure', 'the message is empty');
}

type Placed = DeskItem | { kind: 'captioned'; text: string; item: Extract<DeskItem, { kind: 'attachment' }> };

/** Puts the message's text where it is read best; Genesys says only that there is one. */
function placeText(text: string, items: readonly DeskItem[], context: Context): readonly Placed[] {
  // Structured messages carry their words twice at times.
  if (text === '' || items.some((item) => saysAlready(item, text, context))) return items;
  const asked = items.findIndex((item) => item.kind === 'choices' && item.prompt === undefined);
  if (asked >= 0) {
    return items.map((item, index) =>
      index === asked && item.kind === 'choices' ? { ...item, prompt: text } : item,
    );
  }
  const [first, ...others] = items;
  if (first?.kind === 'attachment') return [{ kind: 'captioned', text, item: first }, ...others];
  return [{ kind: 'text', text }, ...items];
}

function saysAlready(item: DeskItem, text: string, { templates }: Context): boolean {
  switch (item.kind) {
    case 'text':
      return item.text === text;
    case 'choices':
      return item.prompt === text;
    case 'card':
      return item.card.title === text;
    case 'notification':
      // Beside a template the text only says once more what the template says, and could not go out at any time.
      return item.notification.text === text || toTemplate(item.notification, templates) !== undefined;
    default:
      return false;
  }
}

function toParts(item: Placed, context: Context): readonly CustomerPart[] {
  switch (item.kind) {
    case 'text':
      return toTextParts(item.text);
    case 'captioned':
      return toMediaAndText([item.item.attachment], item.text);
    case 'attachment':
      return toMediaAndText([item.attachment], '');
    case 'choices':
      return offerChoices(item.prompt ?? '', item.choices, context);
    case 'card':
      return toCardParts(item.card, context);
    case 'notification':
      return toNotificationParts(item.notification, context);
    case 'unreadable':
      return [];
  }
}

function toNotificationParts(notification: Notification, context: Context): readonly CustomerPart[] {
  const template = toTemplate(notification, context.templates);
  const { text, media, links, choices } = notification;
  if (template) return [readyPart(template.send, text, template.options)];
  return toCardParts({ title: '', description: text, media, links, choices }, context);
}

function refuse(reason: 'UnsupportedMessage' | 'InvalidMessageStructure', detail: string): CustomerContent {
  return { kind: 'unsendable', reason, detail };
}
