// What has to be fetched before a message can be shown: its media, the file it carries, the message it answers.
import { cutText, toSafeLine } from '../core/convert/hostile-text.ts';
import { fillPhrase, type Phrases } from '../core/convert/phrases.ts';
import type { ShownContent } from '../core/model/agent-content.ts';
import type { DeskAttachment, DeskTap } from '../core/model/desk-message.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import type { LedgerRecord, StoredMedia } from '../core/model/ledger-record.ts';
import { inboundKey, sentKey } from '../core/model/ledger-record.ts';
import type { MessageLedger, Telemetry } from '../core/ports.ts';
import type { MediaRelay } from './relay-media.ts';

export interface PrepareContentPorts {
  ledger: Pick<MessageLedger, 'readSnippet' | 'readOriginating'>;
  media: MediaRelay;
  phrases: Phrases;
  telemetry: Telemetry;
}

export interface PreparedContent {
  text: string;
  attachment?: DeskAttachment;
  /** Set when the customer tapped an option that the desk itself had sent. */
  tap?: DeskTap;
  placeholder: boolean;
  /** To be remembered, so that a repeated visit does not fetch the media again. */
  media?: StoredMedia;
}

/** Characters of a message kept for quoting it. */
const snippetLength = 80;

/** The start of what was shown, cut between graphemes, for quoting it later. */
export function toSnippet({ text, mediaLabel }: Pick<ShownContent, 'text' | 'mediaLabel'>): string {
  return cutText(text === '' ? (mediaLabel ?? '') : text, snippetLength);
}

export function needsPreparation({ media, file, quotedId }: ShownContent): boolean {
  return media !== undefined || file !== undefined || quotedId !== undefined;
}

/** @throws BridgeError `store-unavailable`; media that cannot be had becomes a placeholder instead. */
export async function prepareContent(
  visit: {
    content: ShownContent;
    item: InboundItem;
    envelope: InboundEnvelope;
    record: LedgerRecord;
    deadlineAt: number;
  },
  ports: PrepareContentPorts,
): Promise<PreparedContent> {
  const { content, item, envelope } = visit;
  const [quote, tap, carried] = await Promise.all([
    readQuote(content, envelope.numberId, ports),
    readTap(content, envelope.numberId, ports),
    carryAttachment(visit, ports),
  ]);
  const label = carried.attachment && content.text === '' ? content.mediaLabel : undefined;
  const shownLabel = label === undefined ? undefined : fillPhrase(ports.phrases.fileLabel, { what: label });
  const lines = [quote, ...(content.notes ?? []), content.text, shownLabel, carried.note];
  const text = lines.filter((line) => line !== undefined && line !== '').join('\n');
  if (carried.media?.state === 'failed') {
    ports.telemetry.count('MediaFailures');
    ports.telemetry.event('media.failed', {
      messageId: item.id,
      reason: carried.media.reason,
      correlationId: envelope.correlationId,
    });
  }
  return {
    text,
    placeholder: content.placeholder || carried.note !== undefined,
    ...(tap === undefined ? {} : { tap }),
    ...(carried.attachment === undefined ? {} : { attachment: carried.attachment }),
    ...(carried.media === undefined ? {} : { media: carried.media }),
  };
}

async function readQuote(
  { quotedId, quotedAs = 'reply', tap }: ShownContent,
  numberId: string,
  { ledger, phrases }: PrepareContentPorts,
): Promise<string | undefined> {
  // A tap always answers a message of the desk, and its title says which choice was meant.
  if (quotedId === undefined || tap) return undefined;
  // Nothing in a quote says for certain who wrote what it quotes; customers answer agents more often than themselves.
  const snippet =
    (await ledger.readSnippet(sentKey(numberId, quotedId))) ??
    (await ledger.readSnippet(inboundKey(numberId, quotedId)));
  const quote = toSafeLine(snippet ?? '', snippetLength + 1);
  if (quotedAs === 'subject') return quote === '' ? undefined : fillPhrase(phrases.aboutMessage, { quote });
  return quote === '' ? phrases.inReplyToEarlier : fillPhrase(phrases.inReplyTo, { quote });
}

/** The option as the desk knows it, when it is remembered what was sent. */
async function readTap(
  { quotedId, tap }: ShownContent,
  numberId: string,
  { ledger }: PrepareContentPorts,
): Promise<DeskTap | undefined> {
  if (quotedId === undefined || !tap) return undefined;
  const sent = await ledger.readOriginating(numberId, quotedId);
  const option = sent && Object.hasOwn(sent.options, tap.id) ? sent.options[tap.id] : undefined;
  return sent && option && { originatingMessageId: sent.genesysId, ...option };
}

interface CarriedAttachment {
  attachment?: DeskAttachment;
  media?: StoredMedia;
  /** Told to the agent in place of an attachment. */
  note?: string;
}

async function carryAttachment(
  { content, item, envelope, record, deadlineAt }: Parameters<typeof prepareContent>[0],
  ports: PrepareContentPorts,
): Promise<CarriedAttachment> {
  const { media, file } = content;
  const { phrases } = ports;
  const { numberId, receivedAt } = envelope;
  const kept = file && (await ports.media.keep({ messageId: item.id, receivedAt, file }));
  if (!media) return kept ? { attachment: kept } : {};
  const { stored, attachment, tooLarge, link } = await ports.media.relay({
    numberId,
    messageId: item.id,
    receivedAt,
    media,
    deadlineAt,
    correlationId: envelope.correlationId,
    // Genesys takes one attachment per message; the one that holds the text goes first.
    ...(kept === undefined ? {} : { asLink: true }),
    ...(record.media === undefined ? {} : { stored: record.media }),
    ...(envelope.replay === undefined ? {} : { again: true }),
  });
  const what = content.mediaLabel ?? phrases[media.kind];
  const carried = { media: stored, ...(kept ? { attachment: kept } : {}) };
  if (tooLarge) return { ...carried, note: fillPhrase(phrases.fileTooLarge, { what, url: tooLarge.url }) };
  if (link) return { ...carried, note: fillPhrase(phrases.fileAsLink, { what, url: link }) };
  if (!attachment) return { ...carried, note: fillPhrase(phrases.mediaFailed, { what }) };
  return { attachment, media: stored };
}
