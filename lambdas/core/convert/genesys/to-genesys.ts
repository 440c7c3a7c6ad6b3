// Genesys Open Messaging, inbound text message (schema of 2026: no platform, type, to or direction).
import type { DeskAttachment, DeskMessage } from '../../model/desk-message.ts';

/** Body of `POST /api/v2/conversations/messages/{integrationId}/inbound/open/message`. */
export interface OpenInboundMessage {
  channel: {
    messageId: string;
    from: { id: string; idType: 'Phone' | 'Opaque'; nickname?: string };
    /** ISO 8601 with milliseconds, `Z`. */
    time: string;
    metadata: { customAttributes: Record<string, string> };
  };
  text?: string;
  content?: [{ attachment: DeskAttachment }];
}

/** Builds the same bytes for the same message, however often it is tried. */
export function toGenesys(message: DeskMessage): OpenInboundMessage {
  const { id, idType, name } = message.from;
  return {
    channel: {
      messageId: message.messageId,
      from: name === undefined ? { id, idType } : { id, idType, nickname: name },
      time: new Date(message.sentAt).toISOString(),
      // Quirk(genesys): only this place becomes participant data; the root `metadata` does not.
      metadata: { customAttributes: message.attributes },
    },
    ...(message.text === '' && message.attachment ? {} : { text: message.text }),
    ...(message.attachment ? { content: [{ attachment: message.attachment }] as const } : {}),
  } as OpenInboundMessage;
}
