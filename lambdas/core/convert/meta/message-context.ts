// What surrounds a message whatever its type: the message it answers, forwarding, the ad or product it came through, the group.
import { cutText, toSafeLine } from '../hostile-text.ts';
import { fillPhrase, type Phrases } from '../phrases.ts';
import { joinParts, readAt, readText } from './conversion.ts';
import { readMessageId } from './json-values.ts';

export interface MessageContext {
  notes: string[];
  quotedId?: string;
  /** Of the ad, the product and the group; in the order of their worth. */
  attributes: Record<string, string>;
}

export function readMessageContext(message: unknown, phrases: Phrases): MessageContext {
  const context: MessageContext = { notes: [], attributes: {} };
  addGroup(message, phrases, context);
  addReferral(readAt(message, 'referral'), phrases, context);
  const about = readAt(message, 'context');
  addProduct(about, phrases, context);
  addForwarding(about, phrases, context);
  return context;
}

function addGroup(message: unknown, phrases: Phrases, { notes, attributes }: MessageContext): void {
  const groupId = readText(message, 'group_id');
  if (groupId === undefined) return;
  notes.push(phrases.groupMessage);
  attributes.waGroupId = groupId;
}

function addReferral(referral: unknown, phrases: Phrases, { notes, attributes }: MessageContext): void {
  if (typeof referral !== 'object' || referral === null) return;
  const fields: [name: string, key: string][] = [
    ['waAdSourceType', 'source_type'],
    ['waAdSourceId', 'source_id'],
    ['waAdClickId', 'ctwa_clid'],
    ['waAdSourceUrl', 'source_url'],
    ['waAdHeadline', 'headline'],
    ['waAdMediaType', 'media_type'],
    ['waAdBody', 'body'],
  ];
  for (const [name, key] of fields) {
    const value = readText(referral, key);
    // Words may be cut; ids and addresses go whole or not at all.
    const isWords = key === 'headline' || key === 'body';
    if (value !== undefined) attributes[name] = isWords ? toSafeLine(value, 200) : value;
  }
  const headline = toSafeLine(readText(referral, 'headline') ?? readText(referral, 'body') ?? '', 120);
  const url = toSafeLine(readText(referral, 'source_url') ?? '', 500);
  const title = joinParts([headline, url], ' ') || (readText(referral, 'source_id') ?? '?');
  const phrase = phrases[readText(referral, 'source_type') === 'post' ? 'fromPost' : 'fromAd'];
  notes.push(fillPhrase(phrase, { title: cutText(title, 700) }));
}

function addProduct(about: unknown, phrases: Phrases, { notes, attributes }: MessageContext): void {
  const id = readText(about, 'referred_product', 'product_retailer_id');
  if (id === undefined) return;
  notes.push(fillPhrase(phrases.aboutProduct, { product: toSafeLine(id, 200) }));
  attributes.waProductId = id;
  const catalogId = readText(about, 'referred_product', 'catalog_id');
  if (catalogId !== undefined) attributes.waCatalogId = catalogId;
}

/** Forwarded messages carry flags and no id; a question about a product carries an id that is no message of ours. */
function addForwarding(about: unknown, phrases: Phrases, context: MessageContext): void {
  const isOften = readAt(about, 'frequently_forwarded') === true;
  if (isOften || readAt(about, 'forwarded') === true) {
    context.notes.push(phrases[isOften ? 'forwardedOften' : 'forwarded']);
    context.attributes.waForwarded = isOften ? 'often' : 'once';
    return;
  }
  const id = readMessageId(readAt(about, 'id'));
  if (id !== undefined && context.attributes.waProductId === undefined) context.quotedId = id;
}
