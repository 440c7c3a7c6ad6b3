// A customer directory in memory, trusted because it passes the same contract as the one on DynamoDB.
import type { CustomerProfile, PhoneAlias } from '../../lambdas/core/model/customer.ts';
import type { CustomerDirectory } from '../../lambdas/core/ports.ts';

type StoredProfile = Omit<CustomerProfile, 'isNew'> & { firstVisit: string };

export class MemoryCustomers implements CustomerDirectory {
  readonly profiles = new Map<string, StoredProfile>();
  readonly aliases = new Map<string, PhoneAlias>();
  readonly calls: string[] = [];

  async touch(numberId: string, customerId: string, visit: Parameters<CustomerDirectory['touch']>[2]) {
    this.calls.push('touch');
    const key = `${numberId}#${customerId}`;
    const { visitId, at, fromId, fromIdType } = visit;
    const stored = this.profiles.get(key) ?? {
      customerId,
      fromId,
      fromIdType,
      lastInboundAt: at,
      firstVisit: visitId,
    };
    stored.lastInboundAt = Math.max(stored.lastInboundAt, at);
    this.profiles.set(key, stored);
    const { firstVisit, ...profile } = stored;
    return { ...profile, isNew: firstVisit === visitId };
  }

  async resolvePhone(
    numberId: string,
    phone: string,
    entry: Parameters<CustomerDirectory['resolvePhone']>[2],
  ) {
    this.calls.push('resolvePhone');
    const key = `${numberId}#${phone}`;
    const alias: PhoneAlias = this.aliases.get(key) ?? { customerId: entry.customerId };
    if (entry.userId !== undefined) alias.userId ??= entry.userId;
    this.aliases.set(key, alias);
    return { ...alias };
  }

  async link(numberId: string, customerId: string, aliasOf: string) {
    this.calls.push('link');
    const stored = this.profiles.get(`${numberId}#${customerId}`);
    if (stored) stored.aliasOf ??= aliasOf;
  }

  async repointPhone(numberId: string, phone: string, from: string, to: string) {
    this.calls.push('repointPhone');
    const alias = this.aliases.get(`${numberId}#${phone}`);
    if (alias?.customerId === from) alias.customerId = to;
  }

  async learnConversation(numberId: string, customerId: string, conversationId: string) {
    this.calls.push('learnConversation');
    const stored = this.profiles.get(`${numberId}#${customerId}`);
    if (stored) stored.conversationId = conversationId;
  }
}
