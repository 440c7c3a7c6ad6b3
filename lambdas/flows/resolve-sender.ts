// Whose a message is, asked of the directory. Usually: file or read the aliases, then touch the profile of the BSUID.
// Only when an alias leads elsewhere does the rest of this file look closer, join, take over or report a conflict.
import type { CustomerAlias, CustomerProfile } from '../core/model/customer.ts';
import type { SenderIdentity } from '../core/model/envelope.ts';
import { judgePhone } from '../core/policy/identity.ts';
import type { CustomerDirectory, ProfileVisit } from '../core/ports.ts';
import { isFenced, type JoinPorts, joinCustomers, peekRoot, touchRoot } from './join-customers.ts';

export interface SenderSearch extends Omit<ProfileVisit, 'fromId' | 'fromIdType' | 'phone' | 'reach'> {
  numberId: string;
  sender: SenderIdentity;
  /** Epoch ms. */
  now: number;
}

export type ResolvedSender =
  /** `lasting`: no alias of this sender may come to mean somebody else without the profile saying so. */
  | { state: 'found'; profile: CustomerProfile; lasting: boolean }
  | FoundConflict
  | { state: 'sender-missing' };

/** Nobody can say whose it is, since `since` (epoch ms; 0 when that was settled before). */
export interface FoundConflict {
  state: 'identity-conflict';
  since: number;
}

type Aliases = { phone?: CustomerAlias | undefined; parent?: CustomerAlias | undefined };

/** @throws BridgeError `store-unavailable`. */
export async function resolveSender(
  search: SenderSearch,
  directory: CustomerDirectory,
): Promise<ResolvedSender> {
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
): Promise<ResolvedSender> {
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
): Promise<ResolvedSender> {
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
): Promise<ResolvedSender> {
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
    const outcome = await settlePhone({ userId, phone, own, parentId }, phoneAlias, search, ports);
    if (outcome.state === 'changed') return resolveSender(search, directory);
    if (outcome.state === 'identity-conflict') return outcome;
    if (outcome.joins) joined.push(phoneAlias.customerId);
  }
  const roots = await Promise.all(joined.map((id) => peekRoot(id, ports)));
  if (roots.some((root) => root?.parkedAt !== undefined)) return { state: 'identity-conflict', since: 0 };
  const { customerId } = await joinCustomers(joined, ports);
  const profile = await touchRoot(customerId, ports);
  // Behind a closed fence the joining may have had to wait; a later message makes up for it.
  return foundUnlessParked(profile, !isFenced(profile));
}

/** Decides about a phone that is filed under somebody else, and writes the decision down. */
async function settlePhone(
  known: { userId: string; phone: string; own: CustomerProfile | undefined; parentId: string },
  alias: CustomerAlias,
  search: SenderSearch,
  ports: JoinPorts,
): Promise<{ state: 'settled'; joins: boolean } | { state: 'changed' } | FoundConflict> {
  const { numberId, directory } = ports;
  const { userId, phone, own, parentId } = known;
  const rootOf = async (id: string) => (await peekRoot(id, ports))?.customerId ?? id;
  const [holder, ownRoot, parentRoot, former] = await Promise.all([
    rootOf(alias.customerId),
    rootOf(userId),
    rootOf(parentId),
    alias.formerly === undefined ? undefined : rootOf(alias.formerly),
  ]);
  const sender = { userId, phone, sentAt: search.at };
  const verdict = judgePhone(sender, alias, own, {
    same: holder === ownRoot || holder === parentRoot,
    former: former === ownRoot,
  });
  if (verdict === 'past') return { state: 'settled', joins: false };
  if (verdict === 'conflict') {
    // First the profile, so that no sandbox goes on by what it remembers once the dispute is known.
    await directory.disown(numberId, holder, phone);
    return { state: 'identity-conflict', since: await directory.dispute(numberId, phone, search.now) };
  }
  const joins = verdict !== 'take-over';
  if (joins && alias.userId === userId && alias.disputedAt === undefined) return { state: 'settled', joins };
  const entry = joins
    ? { customerId: alias.customerId, userId, at: alias.filedAt }
    : { customerId: userId, userId, at: search.at };
  const isWritten = await directory.refile(numberId, phone, alias, entry);
  return isWritten ? { state: 'settled', joins } : { state: 'changed' };
}

/** The steady state of a customer known under another name: every alias leads to that name or to this BSUID. */
function leadsTo(customerId: string, userId: string, parent?: CustomerAlias, phone?: CustomerAlias): boolean {
  const isSettled = phone === undefined || (phone.userId === userId && phone.disputedAt === undefined);
  return (
    isSettled &&
    [parent, phone].every((alias) => alias === undefined || [customerId, userId].includes(alias.customerId))
  );
}

function foundUnlessParked(profile: CustomerProfile, lasting: boolean): ResolvedSender {
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
  const { numberId, sender, visitId, at, acceptedAt, messageId } = search;
  const { userId, phone, parentUserId } = sender;
  const isOurs = userId === undefined || (alias?.customerId === userId && alias.formerly === undefined);
  const opaque = { fromId: userId ?? parentUserId ?? '', fromIdType: 'Opaque' } as const;
  const reach = {
    ...(phone === undefined ? {} : { phone }),
    ...(userId === undefined ? {} : { userId }),
  };
  const address = phone !== undefined && isOurs ? ({ fromId: phone, fromIdType: 'Phone' } as const) : opaque;
  return {
    numberId,
    directory,
    visitOf: (customerId) => ({
      visitId,
      at,
      acceptedAt,
      ...(messageId === undefined ? {} : { messageId }),
      reach,
      ...address,
      ...(phone !== undefined && customerId === userId ? { phone } : {}),
    }),
  };
}
