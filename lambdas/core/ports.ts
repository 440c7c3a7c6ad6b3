// What every flow may need of the world outside. What only some need is beside it: media, redelivery, the way back,
// replay and conversations have ports files of their own.
import type { BridgeError } from './errors.ts';
import type { CustomerAlias, CustomerProfile } from './model/customer.ts';
import type { DeskAnswer, DeskMessage, DeskOption } from './model/desk-message.ts';
import type { LedgerRecord, LedgerStatus, MessageFacts, StoredMedia } from './model/ledger-record.ts';
import type { Circuit } from './policy/circuit.ts';
import type { ClaimWrite } from './policy/claim.ts';
import type { Switches } from './policy/switches.ts';
import type { BlockRequest } from './policy/token-bucket.ts';

export interface Clock {
  /** Epoch ms. */
  now(): number;
}

export interface Sleeper {
  /** Ends after `delayMs`, or as soon as `wake` settles. */
  sleep(delayMs: number, wake?: Promise<unknown>): Promise<void>;
}

export interface Randomness {
  /** A new unique id. */
  nextId(): string;
  /** Uniform in [0, 1). */
  next(): number;
}

/** Counts and one wide log line per thing that happened. Fields hold ids, codes and figures only. */
export interface Telemetry {
  count(metric: string, value?: number): void;
  event(name: string, fields: Record<string, string | number | boolean | undefined>): void;
  problem(name: string, error: unknown, fields?: Record<string, string | number | boolean | undefined>): void;
}

/** @throws BridgeError `signature-invalid`, or `secret-unavailable` when nothing could be checked. */
export interface WebhookVerifier {
  /** Checks the signature over the exact bytes; answers a hash of them that costs nothing more. */
  verify(bytes: Uint8Array, signature: string | undefined): Promise<{ webhookHash: string }>;
}

export interface SubscriptionVerifier {
  /** True when the token is one the operator set; compared in constant time. @throws BridgeError `secret-unavailable` */
  isVerifyToken(token: string): Promise<boolean>;
}

/**
 * Message group of a customer: keyed hash of number and customer, stable, ASCII, at most 128 characters.
 * @throws BridgeError `secret-unavailable`
 */
export type GroupIds = (numberId: string, customerKey: string) => string;

/** Names that reveal nothing about a person. */
export interface Pseudonyms {
  /** Reads the keys; one that cannot be read fails only the groups of its number. */
  openGroupIds(): Promise<GroupIds>;
  /** Plain hash, for ids. */
  hash(text: string): string;
}

/** One number's secret; a value that the operator has not filled yet is empty. */
export interface NumberSecret {
  metaAppSecret: string;
  metaAppSecretPrevious: string;
  metaVerifyToken: string;
  metaAccessToken: string;
  genesysClientId: string;
  genesysClientSecret: string;
  genesysWebhookSecret: string;
  genesysWebhookSecretPrevious: string;
  pseudonymKey: string;
}

export interface NumberSecrets {
  /** @throws BridgeError `secret-unavailable` */
  get(numberId: string): Promise<NumberSecret>;
  /** Secrets of all numbers that can be read, and whether any could not. */
  all(): Promise<{ secrets: NumberSecret[]; complete: boolean }>;
  /** Forgets what is held if that is older than 30 s: a refused signature may be a rotated secret, but must not be a way to flood AWS. */
  refreshIfStale(): boolean;
}

/** What operators switch while the bridge runs. */
export interface SwitchBoard {
  /** Never rejects: the last known switches stand while they cannot be read. */
  read(): Promise<Switches>;
}

/** Raw webhooks and claim checks. */
export interface Archive {
  /** @throws BridgeError `store-unavailable` when not stored within `deadlineMs`. */
  put(key: string, bytes: Uint8Array, contentType: string, deadlineMs: number): Promise<void>;
  /** @throws BridgeError `store-unavailable`. */
  get(key: string): Promise<Uint8Array>;
}

export interface QueueMessage {
  groupId: string;
  deduplicationId: string;
  body: string;
}

export interface InboundQueue {
  /** Largest body accepted, bytes. */
  readonly maxBodyBytes: number;
  /**
   * Sends messages of different groups, all or an error; messages of one group must come in separate calls.
   * @throws BridgeError `store-unavailable` when any was refused.
   */
  send(messages: readonly QueueMessage[]): Promise<void>;
}

export interface ClaimRequest extends MessageFacts {
  key: string;
  owner: string;
  now: number;
  leaseUntil: number;
  /** True when the POST follows without a further write; false: `begin` comes first. */
  willTry: boolean;
  /** True for what is never repeated blindly: a POST of unknown outcome stays recorded in `tried`, whatever `willTry` says. */
  keepTried?: boolean;
  /** True for what is taken from the park: a PARKED record may be claimed then. */
  fromPark?: boolean;
  /** Why an operator has it delivered once more, for the record of the copy. */
  forced?: string;
  /** Start of the text, for quoting. */
  snippet?: string;
}

export interface Settlement {
  customer: string;
  at: number;
  placeholder: boolean;
  genesysId?: string;
  conversationId?: string;
}

/** The one record per message. @throws BridgeError `store-unavailable` from every method. */
export interface MessageLedger {
  /** One conditional write: claims the message when absent, released or its lease is over. */
  claim(request: ClaimRequest): Promise<ClaimWrite>;
  /** DELIVERED is final and wins over everything. */
  settle(key: string, owner: string, settlement: Settlement): Promise<void>;
  /**
   * Says that the POST follows, for a claim that could not say so at once, and renews its lease.
   * Answers false when the claim is no longer ours. Records what became of the media.
   */
  begin(
    key: string,
    owner: string,
    work: { now: number; leaseUntil: number; media?: StoredMedia },
  ): Promise<boolean>;
  /** Start of the text of an earlier message, if it is still remembered. */
  readSnippet(key: string): Promise<string | undefined>;
  /** A message of the desk by the id WhatsApp gave it: the desk's own id, and its options by the ids sent to WhatsApp. */
  readOriginating(
    numberId: string,
    quotedId: string,
  ): Promise<{ genesysId: string; options: Readonly<Record<string, DeskOption>> } | undefined>;
  /** Gives the claim back, if it is still ours. `keepTried`: the POST may have had an effect. */
  release(key: string, owner: string, outcome: { keepTried: boolean; refusal?: string }): Promise<void>;
  /** Says that the message waits in the park, if the claim is still ours. `keepTried`: the POST may have had an effect. */
  park(
    key: string,
    owner: string,
    parking: { customer: string; reason: string; at: number; keepTried: boolean },
  ): Promise<void>;
  /**
   * Lets what ended undelivered (FAILED, HELD, QUARANTINED) be delivered after all: PARKED, without its crashes, its
   * refusal and what became of its media. Once for each replay number; anything else is left as it is.
   */
  reopen(key: string, replay: string, at: number): Promise<void>;
  /** The record as it stands, read consistently. */
  read(key: string): Promise<LedgerRecord | undefined>;
  /** Ends the message visibly without delivery. Answers false when the claim is no longer ours: then it goes on. */
  finish(
    key: string,
    owner: string,
    end: {
      status: Extract<LedgerStatus, 'FAILED' | 'QUARANTINED' | 'HELD' | 'EXPIRED'>;
      reason: string;
      customer: string;
      at: number;
    },
  ): Promise<boolean>;
}

export interface ProfileVisit {
  /** Unique id of this visit, so that a repeated write is recognised as the one that created the profile. */
  visitId: string;
  /** WhatsApp's time of the message, epoch ms. */
  at: number;
  /** When the door accepted the message, epoch ms. */
  acceptedAt: number;
  /** Id of the message, when WhatsApp gave it one. */
  messageId?: string;
  /** How the sender can be reached as of this message: as WhatsApp named it. */
  reach?: { phone?: string; userId?: string };
  /** Address at Genesys, should this be the first sight. */
  fromId: string;
  fromIdType: 'Phone' | 'Opaque';
  /** Phone seen together with the BSUID that is the profile's key. */
  phone?: string;
}

/** Profiles and aliases; each method is one write or read. @throws BridgeError `store-unavailable` from every method. */
export interface CustomerDirectory {
  /** Creates or reads a profile and moves its last activity forward. */
  touch(numberId: string, customerId: string, visit: ProfileVisit): Promise<CustomerProfile>;
  /** Reads a profile as it stands. */
  peek(numberId: string, customerId: string): Promise<CustomerProfile | undefined>;
  /** Reads where a phone or a parent BSUID points, filing it as `entry` when it points nowhere. */
  resolveAlias(
    numberId: string,
    alias: string,
    entry: { customerId: string; userId?: string; at: number },
  ): Promise<CustomerAlias>;
  /** Reads where an alias points, filing nothing. */
  peekAlias(numberId: string, alias: string): Promise<CustomerAlias | undefined>;
  /**
   * Files an alias anew, if it still points at `seen.customerId` and is held by `seen.userId`; ends a dispute about it
   * and forgets that it was left. Answers false when it has changed since it was seen.
   */
  refile(
    numberId: string,
    alias: string,
    seen: CustomerAlias,
    entry: { customerId: string; userId?: string; at: number },
  ): Promise<boolean>;
  /** Remembers that the customer gave up a phone at `at`, if it still points at `customerId`. */
  leavePhone(numberId: string, phone: string, customerId: string, at: number): Promise<void>;
  /** Tells every sandbox, through the profile, that a phone is to be looked up again. */
  disown(numberId: string, customerId: string, phone: string): Promise<void>;
  /** Remembers since when two BSUIDs claim a phone; answers that time. */
  dispute(numberId: string, phone: string, at: number): Promise<number>;
  /**
   * Makes `customerId` another name of `aliasOf`, once and for ever. `absent`: only if there is no such profile;
   * `root`: only if it is a customer of its own that is not parked and has no closed fence. Answers false when it is not so.
   */
  link(
    numberId: string,
    customerId: string,
    aliasOf: string,
    expected: 'absent' | 'root',
    visit: Pick<ProfileVisit, 'at' | 'acceptedAt' | 'phone'>,
  ): Promise<boolean>;
  /** Marks a key whose messages wait for a person. Answers false when it has become another's name in the meantime. */
  park(numberId: string, customerId: string, at: number): Promise<boolean>;
  /** Remembers a wish about marketing messages, unless a later one is known. Is no activity of the customer. */
  recordOptOut(numberId: string, customerId: string, wish: { optedOut: boolean; at: number }): Promise<void>;
  /**
   * Asks at `at` to be the only one who invites the customer to write again after this silence, which began at `since`
   * (epoch ms). Answers true once per silence at most, whatever becomes of the answer.
   */
  inviteOnce(numberId: string, customerId: string, silence: { since: number; at: number }): Promise<boolean>;
  /** Remembers the conversation Genesys assigned; found again by customer and by conversation. */
  learnConversation(
    numberId: string,
    customerId: string,
    conversation: { conversationId: string; at: number },
  ): Promise<void>;
  /** Forgets a conversation that is over, if it is still the customer's. Answers false when it is not. */
  forgetConversation(numberId: string, customerId: string, conversationId: string): Promise<boolean>;
  /** Remembers the session that runs in a conversation, unless a later one is known: a conversation may end and go on. */
  noteSession(conversationId: string, session: { sessionId: string; at: number }): Promise<void>;
  /** Whose conversation it is, and its latest session as far as that was told. */
  findByConversation(
    conversationId: string,
  ): Promise<
    { numberId: string; customerId: string; session?: { sessionId: string; at: number } } | undefined
  >;
}

/** What it takes to find a customer. */
export type CustomerLookUps = Pick<CustomerDirectory, 'peek' | 'resolveAlias' | 'findByConversation'>;

/** What the gate was told of a visit that it let in. `unused`: no request was made. */
export type GateReport = 'unused' | 'delivered' | { failure: BridgeError };

/**
 * Decides when a request to the desk may be made: the tenant's share of the provider's allowance, fairly between
 * customers, and not at all while the whole tenant is in trouble. Waiting here is not trouble of the message.
 */
export interface DeskGate {
  /** Waits for a place, at the longest until `deadlineAt`. @throws BridgeError `store-unavailable` */
  enter(
    visit: GateVisit,
  ): Promise<{ open: true } | { open: false; delayMs: number; reason: 'pace' | 'circuit' }>;
  /** Must follow every `enter` that was let in, with the same visit. Never rejects. */
  leave(report: GateReport, visit: GateVisit): void | Promise<void>;
}

export interface GateVisit {
  numberId: string;
  customerKey: string;
  /** Epoch ms. */
  deadlineAt: number;
}

/** What all sandboxes of a tenant know together about the desk. Times are epoch ms. */
export interface SharedPace {
  /** Places up to here are given away. */
  nextAt: number;
  /** The desk asked for silence until then; 0 when it did not. */
  pausedUntil: number;
  /** Accounts of customers who had much lately. */
  accounts: ReadonlyMap<string, number>;
  circuits: ReadonlyMap<string, Circuit>;
}

/** The tenant's allowance of requests to the desk, shared by all sandboxes. @throws BridgeError `store-unavailable` from every method. */
export interface Allowance {
  /** Takes a block of places; no `startAt` when nothing was to spare. `told`: charges of customers, ms. */
  take(
    request: BlockRequest & { told: ReadonlyMap<string, number> },
  ): Promise<{ startAt?: number; shared: SharedPace }>;
  /** Silence for everybody. */
  pause(until: number): Promise<SharedPace>;
  /** Opens a circuit, unless it is open already. */
  openCircuit(scope: string, circuit: Circuit, now: number): Promise<SharedPace>;
  /** Asks to be the one who tries whether the trouble is over; `mine` when nobody else is trying. */
  probeCircuit(
    scope: string,
    now: number,
    probeUntil: number,
  ): Promise<{ mine: boolean; shared: SharedPace }>;
  closeCircuit(scope: string): Promise<SharedPace>;
}

/** A token as it is kept where all sandboxes find it: sealed, with what is needed to judge it without opening it. */
export interface SealedToken {
  sealed: string;
  /** Says whether two tokens are the same, and nothing else. */
  fingerprint: string;
  /** Epoch ms. */
  refreshAt: number;
}

/** Keeps the tokens of the desk's login for all sandboxes. @throws BridgeError `store-unavailable` from every method. */
export interface TokenStore {
  /**
   * Answers the token that is kept, or the right to ask for a new one until `now + holdMs`. A token whose
   * fingerprint is `refused` counts as none. Neither: somebody else is asking.
   */
  fetch(
    clientId: string,
    request: { now: number; holdMs: number; refused?: string },
  ): Promise<{ token: SealedToken } | { mayAsk: boolean }>;
  save(clientId: string, token: SealedToken): Promise<void>;
}

/** The agent's desk: Genesys Open Messaging of one integration. */
export interface AgentDesk {
  /** Posts once, ending before `deadlineAt` (epoch ms). Failures are answers, not exceptions. */
  deliver(numberId: string, message: DeskMessage, deadlineAt: number): Promise<DeskAnswer>;
}
