// Genesys Open Messaging, inbound text message and structured response (schema of 2026: no platform, type, to or direction).
import type { DeskAttachment, DeskMessage, DeskOption, DeskTap } from '../../model/desk-message.ts';

interface CustomerChannel {
  messageId: string;
  from: { id: string; idType: 'Phone' | 'Opaque'; nickname?: string };
  /** ISO 8601 with milliseconds, `Z`. */
  time: string;
  metadata: { customAttributes: Record<string, string> };
}

/** Body of `POST /api/v2/conversations/messages/{integrationId}/inbound/open/message`. */
export interface OpenInboundMessage {
  channel: CustomerChannel;
  text?: string;
  content?: [{ attachment: DeskAttachment }];
}

/** Body of `POST …/inbound/open/structured/response`. */
export interface OpenInboundStructuredResponse {
  channel: CustomerChannel;
  originatingMessageId: string;
  buttonResponse: DeskOption;
}

/** Builds the same bytes for the same message, however often it is tried. */
export function toGenesys(message: DeskMessage): OpenInboundMessage {
  return {
    channel: toChannel(message),
    ...(message.text === '' && message.attachment ? {} : { text: message.text }),
    ...(message.attachment ? { content: [{ attachment: message.attachment }] as const } : {}),
  } as OpenInboundMessage;
}

/** As above, for a tap on an option that Genesys sent; text and payload go back exactly as it wrote them. */
export function toGenesysResponse(message: DeskMessage, tap: DeskTap): OpenInboundStructuredResponse {
  const { originatingMessageId, type, text, payload } = tap;
  return { channel: toChannel(message), originatingMessageId, buttonResponse: { type, text, payload } };
}

function toChannel({ messageId, from, sentAt, attributes }: DeskMessage): CustomerChannel {
  const { id, idType, name } = from;
  return {
    messageId,
    from: name === undefined ? { id, idType } : { id, idType, nickname: name },
    time: new Date(sentAt).toISOString(),
    // Quirk(genesys): only this place becomes participant data; the root `metadata` does not.
    metadata: { customAttributes: attributes },
  };
}
