// Reads the body of a Genesys webhook into the few things an agent or a bot can send. Lenient: fields may be missing or
// empty, and quick replies come in two encodings. Source: Genesys, Open Messaging outbound webhook and its SDK models.
import type { OutboundAttachment } from '../../model/customer-message.ts';
import type { DeskOption } from '../../model/desk-message.ts';
import { isObject } from '../meta/json-values.ts';
import type { Card } from '../whatsapp/card.ts';
import { collectFallbackText } from './fallback-text.ts';
import { type Notification, readNotification } from './notification.ts';
import {
  listObjects,
  readAttachment,
  readLink,
  readOption,
  readWebAddress,
  readWords,
} from './read-parts.ts';

/** One thing of a message, in the order Genesys has it. */
export type DeskItem =
  | { kind: 'text'; text: string }
  | { kind: 'attachment'; attachment: OutboundAttachment }
  /** Without a prompt of their own they go with the message's text. */
  | { kind: 'choices'; prompt?: string; choices: readonly DeskOption[] }
  | { kind: 'card'; card: Card }
  | { kind: 'notification'; notification: Notification }
  | { kind: 'unreadable' };

/** The things in `content`, neighbouring quick replies as one. Never throws. */
export function readContent(content: unknown): DeskItem[] {
  const items: DeskItem[] = [];
  for (const entry of listObjects(content)) {
    for (const item of readEntry(entry)) {
      const before = items.at(-1);
      const isContinued = item.kind === 'choices' && before?.kind === 'choices';
      if (isContinued && item.prompt === undefined && before.prompt === undefined) {
        items[items.length - 1] = { kind: 'choices', choices: [...before.choices, ...item.choices] };
      } else items.push(item);
    }
  }
  return items;
}

const readers: Readonly<Record<string, (part: Record<string, unknown>) => DeskItem[]>> = {
  attachment: (part) => {
    const attachment = readAttachment(part);
    return [attachment ? { kind: 'attachment', attachment } : { kind: 'unreadable' }];
  },
  quickReply: (part) => {
    const option = readOption('QuickReply', part);
    return option ? [{ kind: 'choices', choices: [option] }] : [];
  },
  quickReplyV2: (part) => {
    const choices = listObjects(part.actions).flatMap((action) => readOption('QuickReply', action) ?? []);
    const prompt = readWords(part.title);
    return prompt === '' && choices.length === 0
      ? []
      : [{ kind: 'choices', ...(prompt === '' ? {} : { prompt }), choices }];
  },
  card: (part) => [readCard(part)],
  carousel: (part) => listObjects(part.cards).map(readCard),
  text: (part) => {
    const text = readWords(part.body ?? part.text);
    return text === '' ? [] : [{ kind: 'text', text }];
  },
  template: (part) => [readNotificationItem(part)],
  notification: (part) => [readNotificationItem(part)],
};

/** The part that is there counts, not what `contentType` says. */
function readEntry(entry: Record<string, unknown>): DeskItem[] {
  const known = Object.entries(readers).flatMap(([name, read]) => {
    const part = entry[name];
    return isObject(part) ? [read(part)] : [];
  });
  if (known.length > 0) return known.flat();
  if (typeof entry.text === 'string') {
    const text = readWords(entry.text);
    if (text !== '') return [{ kind: 'text', text }];
  }
  const text = readWords(collectFallbackText(entry).join('\n'));
  return [text === '' ? { kind: 'unreadable' } : { kind: 'text', text }];
}

function readCard(part: Record<string, unknown>): DeskItem {
  const actions = listObjects(part.actions);
  const isLink = (action: Record<string, unknown>) => action.url !== undefined && action.url !== null;
  const written = actions.filter(isLink);
  // A tap anywhere on the card; WhatsApp has no such thing, so it becomes one link more unless it is there already.
  const everywhere = listObjects(part.defaultAction).filter(
    (action) => isLink(action) && !written.some(({ url }) => url === action.url),
  );
  const card: Card = {
    title: readWords(part.title),
    description: readWords(part.description),
    media: [...listMedia(part.image, 'image/jpeg'), ...listMedia(part.video, 'video/mp4')],
    links: [...written, ...everywhere].flatMap((action) => readLink(action.text, action.url) ?? []),
    choices: actions
      .filter((action) => !isLink(action))
      .flatMap((action) => readOption('Button', action) ?? []),
  };
  const isEmpty =
    card.title + card.description === '' && card.media.length + card.links.length + card.choices.length === 0;
  return isEmpty ? { kind: 'unreadable' } : { kind: 'card', card };
}

function listMedia(value: unknown, mime: string): OutboundAttachment[] {
  const url = readWebAddress(value);
  return url === undefined ? [] : [{ url, mime }];
}

function readNotificationItem(part: Record<string, unknown>): DeskItem {
  const notification = readNotification(part);
  return notification ? { kind: 'notification', notification } : { kind: 'unreadable' };
}
