import type { Direction, Fence } from './fence.ts';

/** What is remembered of one customer of one number. */
export interface CustomerProfile {
  customerId: string;
  /** `channel.from.id` at Genesys: fixed at first sight, never changes its format. */
  fromId: string;
  fromIdType: 'Phone' | 'Opaque';
  /** Conversation assigned by Genesys, until it ends. */
  conversationId?: string;
  /** Set when this key turned out to belong to a customer known under another id; never changed again. */
  aliasOf?: string;
  /** When its first message was accepted, epoch ms; never changes, so it can say which of two customers is the elder. */
  since: number;
  /** Phone this BSUID was first seen with. */
  phone?: string;
  /** Phones that no longer lead here, whatever a sandbox remembers. */
  disownedPhones: readonly string[];
  /** Set when messages of this key wait for a person to say whose they are, epoch ms. */
  parkedAt?: number;
  /** The customer's latest wish about marketing messages, if there was any. */
  marketing?: { optedOut: boolean; at: number };
  /** Last inbound message, epoch ms; opens WhatsApp's 24 h window. */
  lastInboundAt: number;
  /** The inbound message before that, epoch ms; absent while there was none, or none at another time. */
  previousInboundAt?: number;
  /** Set when this message begins anew after the customer had been silent for too long. */
  isNewSession?: true;
  /** Latest phone and BSUID it wrote with; either may be of an earlier message than the other. */
  reach?: { phone?: string; userId?: string };
  /** Id of the last inbound message at WhatsApp; marking it as read marks those before it too. */
  lastInboundId?: string;
  /** What of this customer waits in the park, by direction. */
  fences: Readonly<Record<Direction, Fence>>;
  /** True for the touch that created the profile. */
  isNew: boolean;
}

/** What a phone number or a parent BSUID points at. */
export interface CustomerAlias {
  customerId: string;
  /** BSUID that holds this phone; absent while it was seen without any. */
  userId?: string;
  /** WhatsApp's time of the message that filed it under this customer, epoch ms. */
  filedAt: number;
  /** The customer moved to another number at this time, epoch ms; later messages are somebody else's. */
  leftAt?: number;
  /** Two BSUIDs claim this phone since then, epoch ms; nobody can say whose its messages are. */
  disputedAt?: number;
  /** Customer it was filed under before. */
  formerly?: string;
}
