// What a WhatsApp message becomes for the agent, before media is fetched and quotes are looked up.

/** A media object of WhatsApp: fetched with the number's token, kept in our own store, shown as an attachment. */
export interface MediaReference {
  /** Media id; valid for seven days. */
  id: string;
  kind: 'image' | 'video' | 'audio' | 'document' | 'sticker';
  /** As WhatsApp says; may carry parameters, e.g. `audio/ogg; codecs=opus`. */
  mime: string;
  /** Base64, as webhooks carry it. */
  sha256?: string;
  /** Short-lived download address that some webhooks carry. */
  url?: string;
  /** Chosen by the customer, made safe. */
  filename?: string;
}

/** A file the bridge writes itself, e.g. a contact card. */
export interface GeneratedFile {
  filename: string;
  mime: string;
  content: string;
}

/** A tap on a button or list row. */
export interface Tap {
  kind: 'button' | 'list' | 'template';
  /** Id or payload that was set when the button was sent. */
  id: string;
  title: string;
}

export interface ShownContent {
  kind: 'shown';
  /** May be empty when there is media or a file. */
  text: string;
  /** Lines of the bridge that stand before the text, e.g. that it was forwarded. */
  notes?: readonly string[];
  /** True when the text stands for something that is not carried in full. */
  placeholder: boolean;
  media?: MediaReference;
  /** What the media is in the agent's language, with its file name if it has one. */
  mediaLabel?: string;
  file?: GeneratedFile;
  /** Provider id of the message this one answers or is about. */
  quotedId?: string;
  /** How `quotedId` is meant; a message that is merely talked about need not be known. @default 'reply' */
  quotedAs?: 'reply' | 'subject';
  tap?: Tap;
  /** Participant data for Architect; short strings. */
  attributes: Record<string, string>;
}

export type AgentContent = ShownContent | { kind: 'ignored' };
