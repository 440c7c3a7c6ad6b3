// Turns a WhatsApp message into what the agent reads. A message that cannot be carried becomes a placeholder that says
// so; nothing is dropped but the types listed as ignored.
import type { AgentContent } from '../../model/agent-content.ts';
import type { InboundItem } from '../../model/envelope.ts';
import { isObject, readId } from './wire.ts';

/** Quirk(meta): sent by a feature that was removed on 2026-03-27. */
const ignoredTypes = new Set(['request_welcome']);

/** How each type is announced, and where its readable part stands. */
const placeholders: Record<string, { label: string; readable?: readonly (readonly string[])[] }> = {
  image: { label: 'Image', readable: [['image', 'caption']] },
  video: { label: 'Video', readable: [['video', 'caption']] },
  audio: { label: 'Audio message' },
  document: {
    label: 'Document',
    readable: [
      ['document', 'filename'],
      ['document', 'caption'],
    ],
  },
  sticker: { label: 'Sticker' },
  location: {
    label: 'Location',
    readable: [
      ['location', 'name'],
      ['location', 'address'],
    ],
  },
  contacts: { label: 'Contact card', readable: [['contacts', '0', 'name', 'formatted_name']] },
  interactive: {
    label: 'Reply',
    readable: [
      ['interactive', 'button_reply', 'title'],
      ['interactive', 'list_reply', 'title'],
      ['interactive', 'nfm_reply', 'body'],
    ],
  },
  button: { label: 'Button', readable: [['button', 'text']] },
  reaction: { label: 'Reaction', readable: [['reaction', 'emoji']] },
  order: { label: 'Order', readable: [['order', 'text']] },
  system: { label: 'WhatsApp notice about the customer’s account' },
  edit: { label: 'The customer edited an earlier message', readable: [['edit', 'message', 'text', 'body']] },
  revoke: { label: 'The customer deleted an earlier message' },
  unsupported: { label: 'Message of a kind WhatsApp does not pass on' },
  unknown: { label: 'Message of a kind WhatsApp does not pass on' },
};

/** The type WhatsApp gave, safe to show and to log; `missing` when there is none. */
export function readMessageType(message: unknown): string {
  const type = (isObject(message) && readId(message.type)) || 'missing';
  return type.replace(/[^\w.-]/g, '?').slice(0, 40);
}

/** Never throws and never loses text that it can read. */
export function toAgentContent(message: unknown): AgentContent {
  const type = readMessageType(message);
  if (ignoredTypes.has(type)) return { kind: 'ignored' };
  if (type === 'text') {
    const body = readPath(message, ['text', 'body']);
    return body === undefined
      ? placeholder('Empty message')
      : { kind: 'shown', text: body, placeholder: false, attributes: {} };
  }
  const known = Object.hasOwn(placeholders, type) ? placeholders[type] : undefined;
  if (!known) return placeholder(`Message of an unknown kind (${type})`);
  const readable = (known.readable ?? [])
    .map((path) => readPath(message, path))
    .filter((text) => text !== undefined);
  return placeholder(known.label, readable);
}

/** Shown instead of a message that the desk refused or that could not be processed at all. */
export function failureNotice(reason: 'refused' | 'poison'): string {
  return reason === 'refused'
    ? '[A message of the customer could not be shown: the contact centre refused it]'
    : '[A message of the customer could not be processed]';
}

/** When the customer sent it, epoch ms; `fallback` when WhatsApp gave no usable time. */
export function readSentAt(item: InboundItem, fallback: number): number {
  const seconds = isObject(item.message) ? Number(readId(item.message.timestamp)) : Number.NaN;
  const latestSeconds = 253_402_300_799; // year 9999, the last that ISO 8601 writes with four digits
  return Number.isFinite(seconds) && seconds > 0 && seconds <= latestSeconds
    ? Math.trunc(seconds) * 1000
    : fallback;
}

function placeholder(label: string, readable: readonly string[] = []): AgentContent {
  return { kind: 'shown', text: [`[${label}]`, ...readable].join(' '), placeholder: true, attributes: {} };
}

function readPath(value: unknown, path: readonly string[]): string | undefined {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return readId(at);
}
