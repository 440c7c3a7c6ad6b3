// What the way back needs of the world: WhatsApp as a place to send to, Genesys as a place to report to.
import type { BridgeError } from './errors.ts';
import type { OpenedMedia } from './media-ports.ts';
import type { CustomerTarget, MetaSend } from './model/customer-message.ts';
import type { DeskAnswer, DeskOption } from './model/desk-message.ts';
import type { FinalReceipt, LedgerRecord } from './model/ledger-record.ts';

/** Outcome of one POST to WhatsApp. */
export type SendAnswer =
  | { sent: true; wamid: string }
  | { sent: false; failure: BridgeError; effect: 'none' | 'unknown' };

/** WhatsApp through Meta's Cloud API, each call one POST that ends before `deadlineAt` (epoch ms). Failures are answers. */
export interface CustomerMessenger {
  /** `tag`: echoed on every status of this message (`biz_opaque_callback_data`, at most 512 bytes). */
  send(
    numberId: string,
    target: CustomerTarget,
    message: MetaSend,
    tag: string,
    deadlineAt: number,
  ): Promise<SendAnswer>;
  /** Uploads a file; it lives 30 days at Meta. */
  upload(
    numberId: string,
    file: { mime: string; filename: string; bytes: Uint8Array<ArrayBuffer> },
    deadlineAt: number,
  ): Promise<{ mediaId: string } | { failure: BridgeError }>;
  /** Marks a customer's message (and those before it) as read, showing that somebody types when asked to. */
  markRead(
    numberId: string,
    wamid: string,
    options: { typing: boolean },
    deadlineAt: number,
  ): Promise<{ done: true } | { failure: BridgeError }>;
}

/** Files that agents send, as Genesys keeps them. @throws BridgeError as `MediaSource` does. */
export interface AttachmentSource {
  /** Asks without credentials first; with ours only at our own region's hosts. */
  open(numberId: string, url: string, deadlineAt: number): Promise<OpenedMedia>;
}

/** Reason codes that Genesys takes in a receipt. */
export const genesysReasons = [
  'MessageExpired',
  'RateLimited',
  'MessageNotAllowed',
  'GeneralError',
  'UnsupportedMessage',
  'UnknownMessage',
  'InvalidMessageStructure',
  'InvalidDestination',
  'ServerError',
  'MediaTypeNotAllowed',
  'InvalidMediaContentLength',
  'RecipientOptedOut',
  'DataFiltered',
] as const;
export type GenesysReason = (typeof genesysReasons)[number];

export interface DeskReceipt {
  /** Genesys' id of the agent's message. */
  genesysId: string;
  /** `channel.to.id` of that message. */
  to: string;
  status: FinalReceipt;
  /** Why it failed; `message` holds codes and our own words, nothing of the conversation. */
  reason?: { code: GenesysReason; message: string };
  /** Epoch ms. */
  at: number;
}

/** Tells the desk what became of an agent's message. Failures are answers. */
export interface DeskReceipts {
  tell(numberId: string, receipt: DeskReceipt, deadlineAt: number): Promise<DeskAnswer>;
}

/** What the ledger knows of messages on their way to customers. @throws BridgeError `store-unavailable` from every method. */
export interface SendingLedger {
  /**
   * Says that the POST of part `part` follows (`tried`, `triedAt`), and renews the lease. Answers false when the claim is
   * no longer ours.
   */
  beginPart(
    key: string,
    owner: string,
    work: { part: number; partsTotal: number; now: number; leaseUntil: number },
  ): Promise<boolean>;
  /** Part `part` was taken by WhatsApp: `partsDone = part + 1`, not tried any more. Answers false when the claim is no longer ours. */
  partSent(key: string, owner: string, sent: { part: number; wamid: string }): Promise<boolean>;
  /** Where a wamid leads, for receipts, quotes and taps. */
  rememberSent(
    numberId: string,
    wamid: string,
    sent: {
      genesysId: string;
      key: string;
      part: number;
      snippet?: string;
      options?: Readonly<Record<string, DeskOption>>;
      at: number;
    },
  ): Promise<void>;
  /** The ledger key and part behind a wamid. */
  findSent(numberId: string, wamid: string): Promise<{ key: string; part: number } | undefined>;
}

/** How asking to be the one who tells the final receipt ended. */
export type ReceiptClaim =
  /** `receipt`: what is to be told, which is what an earlier attempt may have told already. `attempts`: this one included. */
  | { state: 'mine'; receipt: FinalReceipt; attempts: number }
  /** Somebody else is telling it until then, epoch ms. */
  | { state: 'busy'; until: number }
  | { state: 'told' }
  /** There is no such message. */
  | { state: 'unknown' };

/**
 * What was heard of messages after they were handed over. No method needs the claim of the message, and none touches
 * its status. @throws BridgeError `store-unavailable` from every method.
 */
export interface ReceiptLedger {
  /**
   * Adds a status of a part to the message's set, and its wamid where none is known for the part. Answers the record
   * as it stands then; undefined when there is no such message.
   */
  addStatus(
    key: string,
    seen: { part: number; entry: string; wamid: string },
  ): Promise<LedgerRecord | undefined>;
  /**
   * Asks to tell the final receipt: when it was not told, and nobody else is telling it. The first `receipt` that was
   * chosen stands. A repeated write of the same owner is mine.
   */
  claimReceipt(
    key: string,
    claim: { receipt: FinalReceipt; owner: string; now: number; leaseUntil: number },
  ): Promise<ReceiptClaim>;
  /** The desk had it; final, whoever says so. */
  receiptTold(key: string, at: number): Promise<void>;
  /**
   * Gives the telling back, if it is still ours. `keep` false: this attempt surely did not tell it; when none before
   * may have told it either, another one may be chosen.
   */
  releaseReceipt(key: string, owner: string, outcome: { keep: boolean }): Promise<void>;
  /** The ledger key of a message by the id the desk gave it, in either direction; eventually consistent. */
  findByGenesysId(genesysId: string): Promise<string | undefined>;
  /** Adds what the desk said of a customer's message to the message's set. Answers false when there is no such message. */
  addDeskReceipt(key: string, entry: string): Promise<boolean>;
}
