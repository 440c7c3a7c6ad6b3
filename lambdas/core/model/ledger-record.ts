// The ledger holds exactly one record per message; its status only moves forward.

/** Fate of an accepted message. INFLIGHT and PARKED are on their way; the others are ends. */
export type LedgerStatus =
  | 'INFLIGHT'
  | 'DELIVERED'
  | 'PARKED'
  | 'HELD'
  | 'QUARANTINED'
  | 'FAILED'
  | 'EXPIRED'
  | 'ERASED';

/** Where a message's media is, or why it is not there. */
export type StoredMedia =
  | { state: 'downloaded'; key: string; mime: string; bytes: number; sha256?: string; filename: string }
  | { state: 'failed'; reason: string };

/** How far an agent's message has come that is sent in one or more parts, and what WhatsApp said of them. */
export interface Sending {
  partsTotal: number;
  /** Parts WhatsApp took, in order; the next one to send has this index. */
  partsDone: number;
  /** When the POST of part `partsDone` began, epoch ms; counts while `tried`. */
  triedAt: number;
  /** wamid by part, as answered or as seen in a status. */
  wamids: Readonly<Record<string, string>>;
  /** Every status seen of any part, as written by `toStatusEntry`; a set, so repeats and order change nothing. */
  statuses: readonly string[];
  /** The final receipt the desk was told, or is being told; once chosen and perhaps told, it is never another one. */
  receipt?: FinalReceipt;
  /** When the desk had the final receipt, epoch ms. */
  receiptToldAt?: number;
  /** How often it was begun to tell: above 1 it may have been told more than once. */
  receiptAttempts?: number;
}

/** What the desk is told in the end of an agent's message. */
export type FinalReceipt = 'Delivered' | 'Failed';

/** Facts written at the first claim and kept. */
export interface MessageFacts {
  numberId: string;
  messageId: string;
  /** Customer id as far as known at the claim; the settlement writes the resolved one. */
  customer: string;
  messageType: string;
  /** Acceptance order of the customer: SQS SequenceNumber and index in the envelope. */
  sequence: string;
  /** Epoch ms. */
  acceptedAt: number;
  rawKey: string;
  correlationId: string;
  /** `channel.to.id` of an agent's message: where its receipt goes. Absent when the desk knows nothing of the message. */
  receiptTo?: string;
}

export interface LedgerRecord extends MessageFacts {
  /** `IN#<number>#<provider id>`: by the message alone, since one message can arrive under two customer keys. */
  key: string;
  status: LedgerStatus;
  /** Id of the latest claim; new for every claim, so that a repeated write of the same claim is recognised. */
  owner: string;
  /** Epoch ms until which the claim excludes others; 0 once released. */
  leaseUntil: number;
  /** 1 while a POST may have reached the provider without a recorded outcome. */
  tried: 0 | 1;
  /** How often a claim took over a record whose POST had an unknown outcome; never cleared. */
  ambiguous: number;
  /** 1 while a claim has written no outcome; a claim that finds it counts a crash. */
  open: 0 | 1;
  /** Claims that ended without any outcome. */
  crashes: number;
  /** Claims so far. */
  attempts: number;
  /** Why the provider refused the message for good; set before the placeholder is sent. */
  refusal?: string;
  /** Set once the media has been looked after, so that a repeated visit does not fetch it again. */
  media?: StoredMedia;
  /** Start of the text, for quoting it when the customer answers it. */
  snippet?: string;
  genesysId?: string;
  conversationId?: string;
  placeholder?: boolean;
  reason?: string;
  /** When it was first claimed, epoch ms: how long its trouble has lasted. */
  firstClaimedAt?: number;
  /** Number of the latest replay that claimed it. */
  replay?: string;
  /** Why an operator had it delivered again; only on the record of a forced copy. */
  forced?: string;
  /** Agent → customer only. */
  sending?: Sending;
  /** What the desk said of a customer's message after it took it, e.g. `Published`; a set. */
  deskReceipts?: readonly string[];
  /** Epoch seconds. */
  ttl: number;
}

/** Ledger key of an inbound message. */
export function inboundKey(numberId: string, messageId: string): string {
  return `IN#${numberId}#${messageId}`;
}

/** Ledger key of a message of an agent. */
export function outboundKey(numberId: string, genesysId: string): string {
  return `OUT#${numberId}#${genesysId}`;
}

/** Ledger key of the copy that a forced replay delivers: the first delivery keeps its own record. */
export function forcedKey(key: string, replay: string): string {
  return `${key}#FORCED#${replay}`;
}

/** Ledger key of a message sent to a customer, by the id WhatsApp gave it. */
export function sentKey(numberId: string, messageId: string): string {
  return `WAMID#${numberId}#${messageId}`;
}

/** Acceptance order as text that sorts: SequenceNumber (20 digits at AWS), then the item's index in its envelope. */
export function acceptanceOrder(sequenceNumber: string, index: number): string {
  return `${sequenceNumber.padStart(20, '0')}.${String(index).padStart(5, '0')}`;
}
