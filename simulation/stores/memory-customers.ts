// A customer directory in memory, trusted because it passes the same contract as the one on DynamoDB.
import type { CustomerAlias, CustomerProfile } from '../../lambdas/core/model/customer.ts';
import { openFence } from '../../lambdas/core/model/fence.ts';
import type { CustomerDirectory } from '../../lambdas/core/ports.ts';

export type StoredProfile = Partial<Omit<CustomerProfile, 'isNew' | 'disownedPhones'>> & {
  customerId: string;
  firstVisit?: string;
  invitedAfter?: number;
  disownedPhones: string[];
};

export class MemoryCustomers implements CustomerDirectory {
  readonly #conversations = new Map<string, { numberId: string; customerId: string }>();
  readonly #sessions = new Map<string, { sessionId: string; at: number }>();
  readonly profiles = new Map<string, StoredProfile>();
  readonly aliases = new Map<string, CustomerAlias>();
  readonly calls: string[] = [];

  async touch(numberId: string, customerId: string, visit: Parameters<CustomerDirectory['touch']>[2]) {
    this.calls.push('touch');
    const { visitId, at, acceptedAt, messageId, reach, fromId, fromIdType, phone } = visit;
    const stored = this.profileOf(numberId, customerId);
    if (at >= (stored.lastInboundAt ?? Number.NEGATIVE_INFINITY)) {
      stored.previousInboundAt = stored.lastInboundAt ?? at;
      stored.lastInboundAt = at;
      if (messageId !== undefined) stored.lastInboundId = messageId;
      if (reach && Object.keys(reach).length > 0) stored.reach = { ...stored.reach, ...reach };
      stored.firstVisit ??= visitId;
      stored.since ??= acceptedAt;
      stored.fromId ??= fromId;
      stored.fromIdType ??= fromIdType;
      if (phone !== undefined) stored.phone ??= phone;
    }
    return toProfile(stored, visitId);
  }

  async peek(numberId: string, customerId: string) {
    this.calls.push('peek');
    const stored = this.profiles.get(`${numberId}#${customerId}`);
    return stored && toProfile(stored);
  }

  async resolveAlias(
    numberId: string,
    alias: string,
    entry: Parameters<CustomerDirectory['resolveAlias']>[2],
  ): Promise<CustomerAlias> {
    this.calls.push('resolveAlias');
    const key = `${numberId}#${alias}`;
    const { at: filedAt, ...ids } = entry;
    const stored: CustomerAlias = this.aliases.get(key) ?? { ...ids, filedAt };
    this.aliases.set(key, stored);
    return { ...stored };
  }

  async peekAlias(numberId: string, alias: string): Promise<CustomerAlias | undefined> {
    this.calls.push('peekAlias');
    const stored = this.aliases.get(`${numberId}#${alias}`);
    return stored && { ...stored };
  }

  async refile(
    numberId: string,
    alias: string,
    seen: CustomerAlias,
    entry: Parameters<CustomerDirectory['refile']>[3],
  ) {
    this.calls.push('refile');
    const key = `${numberId}#${alias}`;
    const stored = this.aliases.get(key);
    if (stored?.customerId !== seen.customerId || stored.userId !== seen.userId) return false;
    const { at: filedAt, ...ids } = entry;
    const formerly = seen.customerId === ids.customerId ? stored.formerly : seen.customerId;
    this.aliases.set(key, { ...ids, filedAt, ...(formerly === undefined ? {} : { formerly }) });
    return true;
  }

  async leavePhone(numberId: string, phone: string, customerId: string, at: number) {
    this.calls.push('leavePhone');
    const stored = this.aliases.get(`${numberId}#${phone}`);
    if (stored?.customerId === customerId) stored.leftAt = at;
  }

  async disown(numberId: string, customerId: string, phone: string) {
    this.calls.push('disown');
    const stored = this.profiles.get(`${numberId}#${customerId}`);
    if (stored && !stored.disownedPhones.includes(phone)) stored.disownedPhones.push(phone);
  }

  async dispute(numberId: string, phone: string, at: number) {
    this.calls.push('dispute');
    const stored = this.aliases.get(`${numberId}#${phone}`);
    if (!stored) return at;
    stored.disputedAt ??= at;
    return stored.disputedAt;
  }

  async link(
    numberId: string,
    customerId: string,
    aliasOf: string,
    expected: 'absent' | 'root',
    { acceptedAt, phone }: Parameters<CustomerDirectory['link']>[4],
  ) {
    this.calls.push('link');
    const old = this.profiles.get(`${numberId}#${customerId}`);
    const fits =
      expected === 'absent'
        ? !old
        : old && old.aliasOf === undefined && old.parkedAt === undefined && !hasClosedFence(old);
    if (!fits) return false;
    const stored = this.profileOf(numberId, customerId);
    stored.aliasOf = aliasOf;
    stored.since ??= acceptedAt;
    if (phone !== undefined) stored.phone ??= phone;
    return true;
  }

  async park(numberId: string, customerId: string, at: number) {
    this.calls.push('park');
    const stored = this.profileOf(numberId, customerId);
    if (stored.aliasOf !== undefined) return false;
    stored.parkedAt ??= at;
    stored.since ??= at;
    return true;
  }

  async recordOptOut(numberId: string, customerId: string, wish: { optedOut: boolean; at: number }) {
    this.calls.push('recordOptOut');
    const stored = this.profileOf(numberId, customerId);
    stored.since ??= wish.at;
    if (wish.at >= (stored.marketing?.at ?? 0)) stored.marketing = { ...wish };
  }

  async inviteOnce(numberId: string, customerId: string, { since, at }: { since: number; at: number }) {
    this.calls.push('inviteOnce');
    const stored = this.profileOf(numberId, customerId);
    if (stored.invitedAfter !== undefined && stored.invitedAfter >= since) return false;
    stored.invitedAfter = since;
    stored.since ??= at;
    return true;
  }

  async learnConversation(
    numberId: string,
    customerId: string,
    { conversationId }: { conversationId: string },
  ) {
    this.calls.push('learnConversation');
    this.#conversations.set(conversationId, { numberId, customerId });
    this.profileOf(numberId, customerId).conversationId = conversationId;
  }

  async forgetConversation(numberId: string, customerId: string, conversationId: string) {
    this.calls.push('forgetConversation');
    const stored = this.profiles.get(`${numberId}#${customerId}`);
    if (stored?.conversationId !== conversationId) return false;
    delete stored.conversationId;
    return true;
  }

  async noteSession(conversationId: string, session: { sessionId: string; at: number }) {
    this.calls.push('noteSession');
    const known = this.#sessions.get(conversationId);
    if (!known || session.at >= known.at) this.#sessions.set(conversationId, { ...session });
  }

  async findByConversation(conversationId: string) {
    this.calls.push('findByConversation');
    const found = this.#conversations.get(conversationId);
    const session = this.#sessions.get(conversationId);
    return found && { ...found, ...(session && { session }) };
  }

  /** The item of a customer, made when there is none: other stores keep their part in it. */
  profileOf(numberId: string, customerId: string): StoredProfile {
    const key = `${numberId}#${customerId}`;
    const stored = this.profiles.get(key) ?? { customerId, disownedPhones: [] };
    this.profiles.set(key, stored);
    return stored;
  }
}

function hasClosedFence({ fences }: StoredProfile): boolean {
  return fences !== undefined && (fences.in.state === 'parked' || fences.out.state === 'parked');
}

function toProfile(stored: StoredProfile, visitId?: string): CustomerProfile {
  const { firstVisit, previousInboundAt, invitedAfter: _invitedAfter, ...profile } = stored;
  const isLater = previousInboundAt !== undefined && previousInboundAt !== profile.lastInboundAt;
  return {
    fromId: 'undefined',
    fromIdType: 'Opaque',
    since: 0,
    lastInboundAt: 0,
    ...profile,
    ...(isLater ? { previousInboundAt } : {}),
    fences: stored.fences ?? { in: openFence, out: openFence },
    disownedPhones: [...stored.disownedPhones],
    isNew: visitId !== undefined && firstVisit === visitId,
  };
}
