/** What is remembered of one customer of one number. */
export interface CustomerProfile {
  customerId: string;
  /** `channel.from.id` at Genesys: fixed at first sight, never changes its format. */
  fromId: string;
  fromIdType: 'Phone' | 'Opaque';
  /** Conversation assigned by Genesys, until it ends. */
  conversationId?: string;
  /** Set when this key turned out to belong to a customer known under another id. */
  aliasOf?: string;
  /** Last inbound message, epoch ms; opens WhatsApp's 24 h window. */
  lastInboundAt: number;
  /** True for the touch that created the profile. */
  isNew: boolean;
}

/** What a phone number points at. */
export interface PhoneAlias {
  customerId: string;
  /** BSUID first seen together with this phone. */
  userId?: string;
}
