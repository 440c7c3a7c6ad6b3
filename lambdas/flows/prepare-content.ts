// What has to be fetched before a message can be shown: its media, the file it carries, the message it answers.
import type { ShownContent } from '../core/model/agent-content.ts';
import type { DeskAttachment } from '../core/model/desk-message.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import type { LedgerRecord, StoredMedia } from '../core/model/ledger-record.ts';
import { inboundKey } from '../core/model/ledger-record.ts';
import type { MediaRelay, MessageLedger, Telemetry } from '../core/ports.ts';

export interface PrepareContentPorts {
  ledger: Pick<MessageLedger, 'readSnippet'>;
  media: MediaRelay;
  telemetry: Telemetry;
}

export interface PreparedContent {
  text: string;
  attachment?: DeskAttachment;
  placeholder: boolean;
  /** To be remembered, so that a repeated visit does not fetch the media again. */
  media?: StoredMedia;
}

/** Characters of a message kept for quoting it. */
const snippetLength = 80;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** The start of a text, cut between graphemes. */
export function toSnippet(text: string): string {
  if (text.length <= snippetLength) return text;
  let snippet = '';
  for (const { segment } of graphemes.segment(text.slice(0, 4 * snippetLength))) {
    if (snippet.length + segment.length > snippetLength) break;
    snippet += segment;
  }
  return `${snippet}…`;
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
  const [quote, carried] = await Promise.all([
    readQuote(content, envelope.numberId, ports),
    carryAttachment(visit, ports),
  ]);
  const text = [quote, content.text, carried.note]
    .filter((part) => part !== undefined && part !== '')
    .join('\n');
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
    ...(carried.attachment === undefined ? {} : { attachment: carried.attachment }),
    ...(carried.media === undefined ? {} : { media: carried.media }),
  };
}

async function readQuote(
  { quotedId }: ShownContent,
  numberId: string,
  { ledger }: PrepareContentPorts,
): Promise<string | undefined> {
  if (quotedId === undefined) return undefined;
  const snippet = await ledger.readSnippet(inboundKey(numberId, quotedId));
  return snippet === undefined ? '[In reply to an earlier message]' : `[In reply to: “${snippet}”]`;
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
  const { numberId, receivedAt } = envelope;
  if (file) return { attachment: await ports.media.keep({ messageId: item.id, receivedAt, file }) };
  if (!media) return {};
  const { stored, attachment, tooLarge } = await ports.media.relay({
    numberId,
    messageId: item.id,
    receivedAt,
    media,
    deadlineAt,
    ...(record.media === undefined ? {} : { stored: record.media }),
  });
  if (attachment) return { attachment, media: stored };
  if (tooLarge)
    return { media: stored, note: `[File too large to attach: ${tooLarge.filename} ${tooLarge.url}]` };
  return { media: stored, note: `[${media.kind} could not be fetched from WhatsApp]` };
}
