// What travels through the outbound queue: one message of an agent or bot on its way to a customer.

export interface OutboundItem {
  /** Genesys' id of the message; receipts name it. */
  id: string;
  /** `closing` and `template` are the bridge's or an operator's own: Genesys knows nothing of them and gets no receipt. */
  kind: 'message' | 'typing' | 'closing' | 'template';
  /** `channel.to.id`: the address the customer had in our messages to Genesys. */
  to: string;
  conversationId?: string;
  /** The webhook body exactly as Genesys sent it; for `closing` `{text}`, for `template` the template to send. */
  message: unknown;
}

/** Genesys' own word on a message that we posted there; travels with the receipts. */
export interface DeskReceiptItem {
  /** Genesys' id of our message. */
  id: string;
  kind: 'desk-receipt';
  /** The webhook body exactly as Genesys sent it. */
  message: unknown;
}

/** Same head as the inbound envelope, so that parking, claim checks and replay treat both alike. */
export interface OutboundEnvelope<Item = OutboundItem> {
  v: 1;
  channel: 'genesys';
  numberId: string;
  /** When the door accepted the webhook, epoch ms. */
  receivedAt: number;
  /** Key of the raw webhook in the archive. */
  rawKey: string;
  correlationId: string;
  items: Item[];
}
