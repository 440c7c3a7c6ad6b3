// Turns a WhatsApp message into what the agent reads: a table of converters by type, then what surrounds any message.
// What cannot be carried becomes a placeholder that says so; nothing is dropped but the types listed as ignored.
import type { AgentContent, ShownContent } from '../../model/agent-content.ts';
import type { InboundItem } from '../../model/envelope.ts';
import { fitAttributes } from '../attributes.ts';
import { carryLongText } from '../long-text.ts';
import { fillPhrase, type Phrases } from '../phrases.ts';
import { convertContacts } from './contacts.ts';
import type { Conversion, Converter } from './conversion.ts';
import { joinParts, readAt } from './conversion.ts';
import { convertEdit, convertRevoke } from './edit-revoke.ts';
import { convertInteractive, convertTemplateButton } from './interactive.ts';
import { isObject, readId } from './json-values.ts';
import { convertLocation } from './location.ts';
import { convertMedia } from './media.ts';
import { readMessageContext } from './message-context.ts';
import { convertOrder } from './order.ts';
import { convertUnknown, convertUnsupported, readProblems } from './problems.ts';
import { convertReaction } from './reaction.ts';
import { convertSystem } from './system.ts';
import { convertText } from './text.ts';

/** Quirk(meta): sent by a feature that was removed on 2026-03-27. */
const ignoredTypes = new Set(['request_welcome']);

const converters: Readonly<Record<string, Converter>> = {
  text: convertText,
  image: convertMedia('image'),
  video: convertMedia('video'),
  audio: convertMedia('audio'),
  document: convertMedia('document'),
  sticker: convertMedia('sticker'),
  location: convertLocation,
  contacts: convertContacts,
  interactive: convertInteractive,
  button: convertTemplateButton,
  reaction: convertReaction,
  order: convertOrder,
  system: convertSystem,
  edit: convertEdit,
  revoke: convertRevoke,
  unsupported: convertUnsupported,
  unknown: convertUnsupported,
};

/** The type WhatsApp gave, safe to show and to log; `missing` when there is none. */
export function readMessageType(message: unknown): string {
  const type = (isObject(message) && readId(message.type)) || 'missing';
  return type.replace(/[^\w.-]/g, '?').slice(0, 40);
}

/** Never throws and never loses text that it can read. */
export function toAgentContent(message: unknown, phrases: Phrases): AgentContent {
  if (ignoredTypes.has(readMessageType(message))) return { kind: 'ignored' };
  const converted = convert(message, phrases);
  const { notes, quotedId, attributes } = readMessageContext(message, phrases);
  const problems = readProblems(message, phrases);
  const { kept, dropped } = fitAttributes({ ...attributes, ...converted.attributes });
  const lost = dropped === 0 ? [] : [fillPhrase(phrases.detailsDropped, { count: String(dropped) })];
  const content: ShownContent = {
    kind: 'shown',
    ...(quotedId === undefined ? {} : { quotedId }),
    ...converted,
    text: joinParts([converted.text, ...problems], '\n'),
    placeholder: converted.placeholder || problems.length > 0,
    attributes: kept,
  };
  const lines = [...notes, ...(converted.notes ?? []), ...lost];
  return carryLongText(lines.length === 0 ? content : { ...content, notes: lines }, phrases);
}

function convert(message: unknown, phrases: Phrases, isInner = false): Conversion {
  const type = readMessageType(message);
  const known = Object.hasOwn(converters, type) ? converters[type] : undefined;
  // A message inside a message inside a message is nobody's; reading it would have no end.
  const converter = known === convertEdit && isInner ? undefined : known;
  return (converter ?? convertUnknown(type))(readAt(message, type), {
    phrases,
    message: isObject(message) ? message : {},
    convertInner: (inner) => convert(inner, phrases, true),
  });
}

/** Shown instead of a message that the desk refused or that could not be processed at all. */
export function failureNotice(reason: 'refused' | 'poison' | 'expired', phrases: Phrases): string {
  return phrases[reason];
}

/** When the customer sent it, epoch ms; `fallback` when WhatsApp gave no usable time. */
export function readSentAt(item: InboundItem, fallback: number): number {
  const seconds = isObject(item.message) ? Number(readId(item.message.timestamp)) : Number.NaN;
  const latestSeconds = 253_402_300_799; // year 9999, the last that ISO 8601 writes with four digits
  return Number.isFinite(seconds) && seconds > 0 && seconds <= latestSeconds
    ? Math.trunc(seconds) * 1000
    : fallback;
}
