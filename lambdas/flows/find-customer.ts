// Finds whose message it is: one profile write for a customer seen before by this sandbox, one alias look-up more at
// first sight. What is remembered is confirmed by that same write, so it needs no expiry: the profile says when it has
// become another's name, is parked, or gave up a phone.
import { readSentAt } from '../core/convert/meta/from-meta.ts';
import { readIdentityChange } from '../core/convert/meta/sender.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import { beginsAnew, isIdle } from '../core/policy/session.ts';
import type { Clock, CustomerDirectory } from '../core/ports.ts';
import { moveIdentity } from './move-identity.ts';
import { peekCustomer } from './peek-customer.ts';
import type { FoundConflict, SenderSearch } from './resolve-sender.ts';
import { joinPorts, resolveSender } from './resolve-sender.ts';

export type FoundCustomer =
  | { state: 'found'; profile: CustomerProfile }
  | FoundConflict
  | { state: 'sender-missing' };

export interface CustomerFinder {
  /** @param visitId unique id of this visit, so that a repeated write is recognised. @throws BridgeError `store-unavailable`. */
  find(item: InboundItem, envelope: InboundEnvelope, visitId: string): Promise<FoundCustomer>;
  /**
   * From now on every message of this sender waits for a person, so that none overtakes the first. Answers false when
   * the conflict has been explained in the meantime. @throws BridgeError `store-unavailable`.
   */
  park(item: InboundItem, envelope: InboundEnvelope): Promise<boolean>;
  /** The customer as known, without counting as activity. @throws BridgeError `store-unavailable`. */
  peek(item: InboundItem, envelope: InboundEnvelope): Promise<CustomerProfile | undefined>;
  /** Remembers a wish about marketing messages, unless a later one is known. @throws BridgeError `store-unavailable`. */
  recordOptOut(
    item: InboundItem,
    envelope: InboundEnvelope,
    wish: { optedOut: boolean; at: number },
  ): Promise<void>;
  /** Remembers a conversation the profile does not hold yet. */
  learnConversation(
    numberId: string,
    profile: CustomerProfile,
    conversationId: string | undefined,
  ): Promise<void>;
}

/** Senders whose customer is remembered in memory. */
const rememberedSenders = 10_000;

/** @param idleMs silence of a customer that ends the conversation; never when left out */
export function createCustomerFinder(
  directory: CustomerDirectory,
  clock: Clock,
  { idleMs }: { idleMs?: number } = {},
): CustomerFinder {
  const remembered = new Map<string, string>();

  const remember = (key: string, customerId: string): void => {
    if (remembered.size >= rememberedSenders) remembered.delete(remembered.keys().next().value ?? '');
    remembered.set(key, customerId);
  };

  const search = async (
    item: InboundItem,
    envelope: InboundEnvelope,
    visitId: string,
  ): Promise<FoundCustomer> => {
    const { userId, phone, parentUserId } = item;
    const { numberId, receivedAt: acceptedAt } = envelope;
    const at = readSentAt(item, acceptedAt);
    const visit = { visitId, at, acceptedAt, ...(isWamid(item.id) ? { messageId: item.id } : {}) };
    const sought: SenderSearch = { numberId, sender: item, ...visit, now: clock.now() };
    const change = readIdentityChange(item.message);
    if (change) return moveIdentity(change, sought, directory);

    const senderKey = [numberId, userId, parentUserId, phone].join('\n');
    const known = remembered.get(senderKey);
    if (known !== undefined) {
      const { visitOf } = joinPorts(sought, directory, {});
      const profile = await directory.touch(numberId, known, visitOf(known));
      if (isStill(profile, item)) return { state: 'found', profile };
      remembered.delete(senderKey);
    }
    const found = await resolveSender(sought, directory);
    if (found.state === 'found' && found.lasting && isStill(found.profile, item)) {
      remember(senderKey, found.profile.customerId);
    }
    return found;
  };

  /** What was held before a long silence is not trusted any more; the answer to this message says which conversation it is in. */
  const leaveIdle = async (
    numberId: string,
    profile: CustomerProfile,
    at: number,
  ): Promise<CustomerProfile> => {
    if (!beginsAnew(profile, at, idleMs)) return profile;
    const { conversationId, ...rest } = profile;
    if (conversationId !== undefined) {
      await directory.forgetConversation(numberId, profile.customerId, conversationId);
    }
    return { ...rest, isNewSession: true };
  };

  return {
    async find(item, envelope, visitId) {
      const found = await search(item, envelope, visitId);
      if (found.state !== 'found') return found;
      const at = readSentAt(item, envelope.receivedAt);
      return { ...found, profile: await leaveIdle(envelope.numberId, found.profile, at) };
    },

    async park({ userId }, { numberId }) {
      return userId === undefined || directory.park(numberId, userId, clock.now());
    },

    async peek(item, { numberId, receivedAt }) {
      const at = readSentAt(item, receivedAt);
      const profile = (await peekCustomer(item, numberId, at, directory))?.profile;
      if (profile === undefined || !isIdle(profile, at, idleMs)) return profile;
      const { conversationId: _over, ...rest } = profile;
      return rest;
    },

    async recordOptOut(item, { numberId }, wish) {
      const found = await peekCustomer(item, numberId, wish.at, directory);
      if (found) await directory.recordOptOut(numberId, found.customerId, wish);
    },

    async learnConversation(numberId, profile, conversationId) {
      if (conversationId === undefined || conversationId === profile.conversationId) return;
      const { customerId, lastInboundAt: at } = profile;
      await directory.learnConversation(numberId, customerId, { conversationId, at });
    },
  };
}

/** A message that came without an id has one of ours. */
function isWamid(id: string): boolean {
  return id.startsWith('wamid.');
}

function isStill(profile: CustomerProfile, { userId, phone }: InboundItem): boolean {
  if (profile.aliasOf !== undefined || profile.parkedAt !== undefined) return false;
  return userId !== undefined || phone === undefined || !profile.disownedPhones.includes(phone);
}
