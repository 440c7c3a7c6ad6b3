// Finds whose message it is: one profile write for a customer seen before by this sandbox, one alias look-up more at
// first sight. Links BSUID and phone when both appear; never merges two known customers.

import { readSentAt } from '../core/convert/meta/from-meta.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import { decideIdentity } from '../core/policy/identity.ts';
import type { CustomerDirectory } from '../core/ports.ts';

export type FoundCustomer =
  | { state: 'found'; profile: CustomerProfile }
  | { state: 'identity-conflict' }
  | { state: 'sender-missing' };

export interface CustomerFinder {
  /** @param visitId unique id of this visit, so that a repeated write is recognised. @throws BridgeError `store-unavailable`. */
  find(item: InboundItem, envelope: InboundEnvelope, visitId: string): Promise<FoundCustomer>;
  /** Remembers a conversation the profile does not hold yet. */
  learnConversation(
    numberId: string,
    profile: CustomerProfile,
    conversationId: string | undefined,
  ): Promise<void>;
}

/** Customers whose id is remembered in memory; an alias never changes once it is filed. */
const rememberedCustomers = 10_000;

export function createCustomerFinder(directory: CustomerDirectory): CustomerFinder {
  const remembered = new Map<string, string>();

  const remember = (key: string, customerId: string): void => {
    if (remembered.size >= rememberedCustomers) remembered.delete(remembered.keys().next().value ?? '');
    remembered.set(key, customerId);
  };

  return {
    async find(item, envelope, visitId) {
      const { userId, phone } = item;
      const { numberId } = envelope;
      const fromId = phone ?? userId;
      if (fromId === undefined) return { state: 'sender-missing' };
      const at = readSentAt(item, envelope.receivedAt);
      const visit = { visitId, at, fromId, fromIdType: phone === undefined ? 'Opaque' : 'Phone' } as const;
      const touch = (customerId: string) => directory.touch(numberId, customerId, visit);
      const senderKey = `${numberId}\n${userId ?? ''}\n${phone ?? ''}`;

      const known = remembered.get(senderKey);
      if (known !== undefined) return { state: 'found', profile: await touch(known) };

      const resolved = await resolve(item, numberId, at, touch, directory);
      if (resolved.state === 'found') remember(senderKey, resolved.profile.customerId);
      return resolved;
    },

    async learnConversation(numberId, profile, conversationId) {
      if (conversationId === undefined || conversationId === profile.conversationId) return;
      await directory.learnConversation(numberId, profile.customerId, conversationId);
    },
  };
}

async function resolve(
  { userId, phone }: InboundItem,
  numberId: string,
  at: number,
  touch: (customerId: string) => Promise<CustomerProfile>,
  directory: CustomerDirectory,
): Promise<FoundCustomer> {
  const touchReal = async (customerId: string): Promise<CustomerProfile> => {
    const profile = await touch(customerId);
    return profile.aliasOf === undefined ? profile : touch(profile.aliasOf);
  };
  if (userId === undefined) {
    const alias = await directory.resolvePhone(numberId, phone ?? '', { customerId: phone ?? '', at });
    return { state: 'found', profile: await touchReal(alias.customerId) };
  }
  const [own, alias] = await Promise.all([
    touch(userId),
    phone === undefined
      ? undefined
      : directory.resolvePhone(numberId, phone, { customerId: userId, userId, at }),
  ]);
  const decision = decideIdentity(
    userId,
    own,
    phone === undefined || !alias ? undefined : { number: phone, alias },
  );
  if (decision.state === 'conflict') return { state: 'identity-conflict' };
  if (decision.state === 'link') await directory.link(numberId, userId, decision.customerId);
  if (decision.state === 'repoint' && phone !== undefined) {
    await directory.repointPhone(numberId, phone, userId, decision.customerId);
  }
  return {
    state: 'found',
    profile: decision.customerId === userId ? own : await touchReal(decision.customerId),
  };
}
