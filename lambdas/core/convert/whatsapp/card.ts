// A card: picture, words and what to do about them.
import type { CustomerPart, OutboundAttachment } from '../../model/customer-message.ts';
import type { DeskOption } from '../../model/desk-message.ts';
import { isBlank } from '../hostile-text.ts';
import type { Phrases } from '../phrases.ts';
import { type OptionIds, offerChoices, toTitle } from './choices.ts';
import { longestCaption } from './media-send.ts';
import { splitLastPart } from './split-text.ts';
import { readyPart, toSnippet, toTextParts } from './text-parts.ts';

export interface CardLink {
  /** May be empty. */
  label: string;
  /** As it is written; not every one leads to the web. */
  url: string;
}

export interface Card {
  title: string;
  description: string;
  media: readonly OutboundAttachment[];
  links: readonly CardLink[];
  choices: readonly DeskOption[];
}

const longestBody = 1024;
const longestLabel = 20;
/** Longer addresses are written out, where nothing limits them but the message. */
const longestLinkAddress = 2000;

/**
 * The card in as few messages as WhatsApp lets it be. A picture goes ahead of buttons as a message of its own: uploaded
 * like any other file, and without taking the buttons along when it cannot be had.
 */
export function toCardParts(
  { title, description, media, links, choices }: Card,
  context: { phrases: Phrases; nextId: OptionIds },
): CustomerPart[] {
  const words = joinLines(emphasise(title), description);
  const onlyLink = links.length === 1 && choices.length === 0 ? links[0] : undefined;
  if (onlyLink && isWebAddress(onlyLink.url)) {
    return [...toAttachmentParts(media), ...toLinkButton(words, onlyLink, context.phrases)];
  }
  const text = joinLines(words, ...links.map(writeLink));
  if (choices.length > 0) return [...toAttachmentParts(media), ...offerChoices(text, choices, context)];
  return toMediaAndText(media, text);
}

/** Files with a text: under the first one when it fits and WhatsApp shows one there, else ahead of them. */
export function toMediaAndText(media: readonly OutboundAttachment[], text: string): CustomerPart[] {
  const [first, ...others] = media;
  if (!first || text === '' || text.length > longestCaption || !takesCaption(first)) {
    return [...toTextParts(text), ...toAttachmentParts(media)];
  }
  return [...toAttachmentParts([{ ...first, caption: text }]), ...toAttachmentParts(others)];
}

function toAttachmentParts(media: readonly OutboundAttachment[]): CustomerPart[] {
  return media.map((attachment) => ({
    kind: 'attachment',
    attachment,
    snippet: toSnippet(attachment.caption ?? attachment.filename ?? ''),
  }));
}

function takesCaption({ mime, voice, sticker }: OutboundAttachment): boolean {
  return !voice && !sticker && !mime.startsWith('audio/');
}

function toLinkButton(words: string, { label, url }: CardLink, phrases: Phrases): CustomerPart[] {
  const { before, last } = splitLastPart(words, longestBody);
  const shown = label === '' ? phrases.open : label;
  const body = isBlank(last) ? shown : last;
  const parameters = { display_text: toTitle(shown, longestLabel), url };
  const interactive = { type: 'cta_url', body: { text: body }, action: { name: 'cta_url', parameters } };
  return [...toTextParts(before), readyPart({ type: 'interactive', interactive }, body)];
}

function writeLink({ label, url }: CardLink): string {
  return label === '' || label === url ? url : `${label}: ${url}`;
}

/** Bold in WhatsApp's markup, where the title leaves room for it. */
function emphasise(title: string): string {
  return /^\S[^*\n]*$/.test(title) && /\S$/.test(title) ? `*${title}*` : title;
}

function isWebAddress(url: string): boolean {
  return url.length <= longestLinkAddress && /^https?:\/\/\S+$/i.test(url) && URL.canParse(url);
}

function joinLines(...lines: readonly string[]): string {
  return lines.filter((line) => line !== '').join('\n');
}
