/** A customer's message in the words of the agent's desk, before it becomes a Genesys body. */
export interface DeskMessage {
  /** Provider message id; identical on every retry. */
  messageId: string;
  from: { id: string; idType: 'Phone' | 'Opaque'; name?: string };
  /** Provider's own time of the message, epoch ms; identical on every retry. */
  sentAt: number;
  /** May be empty when there is an attachment. */
  text: string;
  attachment?: DeskAttachment;
  /** Set when the message is a tap on an option of a message of the desk; `text` stands for it where that is not taken. */
  tap?: DeskTap;
  /** Participant data for Architect; short strings. */
  attributes: Record<string, string>;
}

/** One attachment; Genesys takes no more per message. */
export interface DeskAttachment {
  id: string;
  mediaType: 'Image' | 'Video' | 'Audio' | 'File';
  /** Address Genesys can read for a while without signing in; minted anew for every delivery. */
  url: string;
  mime: string;
  filename: string;
  /** Hex. */
  sha256?: string;
}

/** An option of a structured message of the desk, as the desk wrote it. */
export interface DeskOption {
  type: 'Button' | 'QuickReply';
  text: string;
  payload: string;
}

export interface DeskTap extends DeskOption {
  /** The desk's id of the message that offered the option. */
  originatingMessageId: string;
}

/** Outcome of one POST to the desk. A failure that surely had no effect can be repeated freely. */
export type DeskAnswer =
  | { delivered: true; genesysId?: string; conversationId?: string }
  | { delivered: false; failure: import('../errors.ts').BridgeError; effect: 'none' | 'unknown' };
