// An agent's message in the words of WhatsApp, before it becomes requests to the Graph API.
import type { DeskOption } from './desk-message.ts';

/** Where a message goes: the phone where it is known, else the BSUID; never a BSUID as a phone. */
export type CustomerTarget = { phone: string } | { userId: string };

/** Body of one send without addressing: `{type, <type>: …, context?}` as `POST /{phone-number-id}/messages` takes it. */
export type MetaSend = { type: string } & Record<string, unknown>;

/** A file that has to be fetched, stored and uploaded before its part can be sent. */
export interface OutboundAttachment {
  url: string;
  /** As Genesys says; the bytes have the last word. */
  mime: string;
  filename?: string;
  caption?: string;
  /** True when Genesys calls it a voice recording. */
  voice?: boolean;
  sticker?: boolean;
}

/** One send of an agent's message; parts go out in order. */
export type CustomerPart =
  | { kind: 'ready'; send: MetaSend; snippet: string; options?: Readonly<Record<string, DeskOption>> }
  | { kind: 'attachment'; attachment: OutboundAttachment; snippet: string };

export type CustomerContent =
  /** `unreadable`: contents of the message that are not among the parts. @default none */
  | { kind: 'parts'; parts: readonly CustomerPart[]; unreadable?: number }
  | { kind: 'typing' }
  /** Nothing that can be sent; the agent is told by a receipt with this reason. */
  | { kind: 'unsendable'; reason: 'UnsupportedMessage' | 'InvalidMessageStructure'; detail: string };
