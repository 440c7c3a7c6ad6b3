// Whose a message is, asked of the directory. Usually: file or read the aliases, then touch the profile of the BSUID.
// Only when an alias leads elsewhere does the rest of this file look closer, join, take over or report a conflict.
import type { CustomerAlias, CustomerProfile } from '../core/model/customer.ts';
import type { SenderIdentity } from '../core/model/envelope.ts';
import { judgePhone } from '../core/policy/identity.ts';
import type { CustomerDirectory, ProfileVisit } from '../core/ports.ts';
import { type JoinPorts, joinCustomers, peekRoot, touchRoot } from './join-customers.ts';

export interface SenderSearch extends Omit<ProfileVisit, 'fromId' | 'fromIdType' | 'phone'> {
  numberId: string;
  sender: SenderIdentity;
  /** Epoch ms. */
  now: number;
}

export type FoundCustomer =
  /** `lasting`: no alias of this sender may come to mean somebody else without the profile saying so. */
  | { state: 'found'; profile: CustomerProfile; lasting: boolean }
  /** Nobody can say whose it is, since `since` (epoch ms; 0 when that was settled before). */
  | { state: 'identity-conflict'; since: number }
  | { state: 'sender-missing' };

type Aliases = { phone?: CustomerAlias | undefined; parent?: CustomerAlias | undefined };

/** @throws BridgeError `store-unavailable`. */
export async function resolveSender(
  search: SenderSearch,
  directory: CustomerDirectory,
): Promise<FoundCustomer> {
  const { userId, phone, parentUserId } = search.sender;
  if (userId !== undefined) return resolveUser(userId, search, directory);
  const key = phone ?? parentUserId;
  return key === undefined ? { state: 'sender-missing' } : resolveAliasAlone(key, search, directory);
}

/** Sent with a phone alone (or a parent BSUID alone): whoever it is filed under, unless that is not sure any more. */
async function resolveAliasAlone(
  key: string,
  search: SenderSearch,
  directory: CustomerDirectory,
): Promise<FoundCustomer> {
  const { numberId, at, now } = search;
  const alias = await directory.resolveAlias(numberId, key, { customerId: key, at });
  const { disputedAt, leftAt } = alias;
  if (disputedAt !== undefined) return { state: 'identity-conflict', since: disputedAt };
  if (leftAt !== undefined && at > leftAt) {
    return { state: 'identity-conflict', since: await directory.dispute(numberId, key, now) };
  }
  const profile = await touchRoot(alias.customerId, joinPorts(search, directory, {}));
  return foundUnlessParked(profile, leftAt === undefined);
}

async function resolveUser(
  userId: string,
  search: SenderSearch,
  directory: CustomerDirectory,
): Promise<FoundCustomer> {
  const { numberId, sender, at } = search;
  const [phone, parent] = await Promise.all([
    sender.phone === undefined
      ? undefined
      : directory.resolveAlias(numberId, sender.phone, { customerId: userId, userId, at }),
    sender.parentUserId === undefined
      ? undefined
      : directory.resolveAlias(numberId, sender.parentUserId, { customerId: userId, at }),
  ]);
  const ports = joinPorts(search, directory, { phone, parent });
  const leadsHere = (alias?: CustomerAlias) => alias === undefined || alias.customerId === userId;
  return leadsHere(phone) && leadsHere(parent)
    ? foundUnlessParked(await touchRoot(userId, ports), true)
    : resolveElsewhere(userId, { phone, parent }, search, ports);
}

/** An alias leads elsewhere: to the same customer's other name, to a customer to join, or to somebody else. */
async function resolveElsewhere(
  userId: string,
  { phone: phoneAlias, parent: parentAlias }: Aliases,
  search: SenderSearch,
  ports: JoinPorts,
): Promise<FoundCustomer> {
  const { numberId, directory } = ports;
  const { phone } = search.sender;
  const own = await directory.peek(numberId, userId);
  if (own?.parkedAt !== undefined) return { state: 'identity-conflict', since: 0 };
  const parentId = parentAlias?.customerId ?? userId;
  if (own?.aliasOf !== undefined && leadsTo(own.aliasOf, userId, parentAlias, phoneAlias)) {
    return foundUnlessParked(await touchRoot(own.aliasOf, ports), true);
  }

  const joined: [string, ...string[]] = [userId, parentId];
  if (phone !== undefined && phoneAlias !== undefined && phoneAlias.customerId !== userId) {
    const [ownRoot, parentRoot, holder] = await Promise.all(
      [userId, parentId, phoneAlias.customerId].map((id) => peekRoot(id, ports)),
    );
    const holderId = holder?.customerId ?? phoneAlias.customerId;
    const same = [ownRoot?.customerId, parentRoot?.customerId, parentId].includes(holderId);
    const verdict = judgePhone({ userId, phone }, phoneAlias, own, same);
    if (verdict === 'conflict') {
      // First the profile, so that no sandbox goes on by what it remembers once the dispute is known.
      await directory.disown(numberId, holderId, phone);
      return { state: 'identity-conflict', since: await directory.dispute(numberId, phone, search.now) };
    }
    const customerId = verdict === 'take-over' ? userId : phoneAlias.customerId;
    const isHeld = phoneAlias.userId === userId && phoneAlias.disputedAt === undefined;
    if (verdict === 'take-over' || !isHeld) {
      const entry = { customerId, userId, at: verdict === 'take-over' ? search.at : phoneAlias.filedAt };
      if (!(await directory.refile(numberId, phone, phoneAlias, entry)))
        return resolveSender(search, directory);
    }
    if (verdict !== 'take-over') joined.push(phoneAlias.customerId);
  }
  const roots = await Promise.all(joined.map((id) => peekRoot(id, ports)));
  if (roots.some((root) => root?.parkedAt !== undefined)) return { state: 'identity-conflict', since: 0 };
  const { customerId } = await joinCustomers(joined, ports);
  return foundUnlessParked(await touchRoot(customerId, ports), true);
}

/** The steady state of a customer known under another name: every alias leads to that name or to this BSUID. */
function leadsTo(customerId: string, userId: string, parent?: CustomerAlias, phone?: CustomerAlias): boolean {
  const isSettled = phone === undefined || (phone.userId === userId && phone.disputedAt === undefined);
  return (
    isSettled &&
    [parent, phone].every((alias) => alias === undefined || [customerId, userId].includes(alias.customerId))
  );
}

function foundUnlessParked(profile: CustomerProfile, lasting: boolean): FoundCustomer {
  return profile.parkedAt === undefined
    ? { state: 'found', profile, lasting }
    : { state: 'identity-conflict', since: 0 };
}

/**
 * A new customer is addressed by phone where WhatsApp gave one, except by a phone that was somebody's before: at Genesys
 * that address is the former holder's.
 */
export function joinPorts(
  search: SenderSearch,
  directory: CustomerDirectory,
  { phone: alias }: Aliases,
): JoinPorts {
  const { numberId, sender, visitId, at, acceptedAt } = search;
  const { userId, phone, parentUserId } = sender;
  const isOurs = userId === undefined || (alias?.customerId === userId && alias.formerly === undefined);
  const opaque = { fromId: userId ?? parentUserId ?? '', fromIdType: 'Opaque' } as const;
  const address = phone !== undefined && isOurs ? ({ fromId: phone, fromIdType: 'Phone' } as const) : opaque;
  return {
    numberId,
    directory,
    visitOf: (customerId) => ({
      visitId,
      at,
      acceptedAt,
      ...address,
      ...(phone !== undefined && customerId === userId ? { phone } : {}),
    }),
  };
}
