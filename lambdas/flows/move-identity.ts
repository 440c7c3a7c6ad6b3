// WhatsApp says that a customer has other ids from now on: the new ones become names of the same customer, whether or
// not they were seen before. Every step may be repeated; a crash between two of them leaves nothing that misleads.
import type { IdentityChange } from '../core/convert/meta/sender.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import type { SenderIdentity } from '../core/model/envelope.ts';
import { defaultCustomerId, judgeNewPhone } from '../core/policy/identity.ts';
import type { CustomerDirectory } from '../core/ports.ts';
import { type JoinPorts, joinCustomers, peekRoot, touchRoot } from './join-customers.ts';
import { joinPorts, type ResolvedSender, resolveSender, type SenderSearch } from './resolve-sender.ts';

/** @throws BridgeError `store-unavailable`. */
export async function moveIdentity(
  { before, after }: IdentityChange,
  search: SenderSearch,
  directory: CustomerDirectory,
): Promise<ResolvedSender> {
  const mover = await findMover({ before, after }, search, directory);
  if (mover.state !== 'found') return mover;
  const { customerId } = mover.profile;
  const { numberId, at: movedAt } = search;
  const ports = joinPorts({ ...search, sender: after }, directory, {});
  const joined: [string, ...string[]] = [customerId];
  if (after.userId !== undefined) joined.push(after.userId);
  const entry = { customerId: after.userId ?? customerId, at: movedAt };
  if (after.parentUserId !== undefined) {
    joined.push((await directory.resolveAlias(numberId, after.parentUserId, entry)).customerId);
  }
  const root = await joinCustomers(joined, ports);
  const owner =
    after.phone === undefined ? root : await moveToPhone(after.phone, after.userId, root, movedAt, ports);
  if (before.phone !== undefined && before.phone !== after.phone) {
    await leavePhone(before.phone, owner, movedAt, ports);
  }
  // The profile of this visit says whether the customer is new; another one is read and moved forward as well.
  const profile = owner.customerId === customerId ? mover.profile : await touchRoot(owner.customerId, ports);
  return { state: 'found', profile, lasting: false };
}

/** The old phone helps only where the old BSUID is unknown, and only if it has not become somebody else's. */
async function findMover(
  { before, after }: IdentityChange,
  search: Omit<SenderSearch, 'sender'>,
  directory: CustomerDirectory,
): Promise<ResolvedSender> {
  const { phone, ...ids } = before;
  const { numberId, at: movedAt } = search;
  const { userId } = ids;
  const resolve = (sender: SenderIdentity) => resolveSender({ ...search, sender }, directory);
  if (phone === undefined) return resolve(before);
  if (userId !== undefined && (await directory.peek(numberId, userId))) return resolve(ids);
  const entry = { customerId: userId ?? phone, at: movedAt, ...(userId === undefined ? {} : { userId }) };
  const alias = await directory.resolveAlias(numberId, phone, entry);
  const isAnothers =
    alias.filedAt > movedAt ||
    (alias.leftAt !== undefined && alias.leftAt < movedAt) ||
    (userId !== undefined && alias.userId !== undefined && alias.userId !== userId);
  if (!isAnothers) return resolve(before);
  return resolve(defaultCustomerId(ids) === undefined ? after : ids);
}

/** Answers the customer, who may have become one with whoever wrote from the new phone since the move. */
async function moveToPhone(
  phone: string,
  userId: string | undefined,
  mover: CustomerProfile,
  movedAt: number,
  ports: JoinPorts,
): Promise<CustomerProfile> {
  const { numberId, directory } = ports;
  const entry = { customerId: mover.customerId, at: movedAt, ...(userId === undefined ? {} : { userId }) };
  const alias = await directory.resolveAlias(numberId, phone, entry);
  const holder = await peekRoot(alias.customerId, ports);
  const same = (holder?.customerId ?? alias.customerId) === mover.customerId;
  const verdict = judgeNewPhone(alias, { userId, movedAt, same });
  if (verdict === 'leave' || verdict === 'settled') {
    // Written again in case a crash came between filing the phone anew and telling its former holder.
    if (verdict === 'settled' && alias.formerly !== undefined) await disown(alias.formerly, phone, ports);
    return mover;
  }
  const customerId = verdict === 'join' ? alias.customerId : mover.customerId;
  const isHeld = verdict === 'join' && alias.userId === userId && alias.disputedAt === undefined;
  if (!isHeld) {
    if (!(await directory.refile(numberId, phone, alias, { ...entry, customerId }))) {
      return moveToPhone(phone, userId, mover, movedAt, ports);
    }
  }
  if (verdict === 'join') return joinCustomers([mover.customerId, alias.customerId], ports);
  if (!same) await disown(alias.customerId, phone, ports);
  return mover;
}

/** Messages sent from the old phone before the move stay the customer's; later ones are not. */
async function leavePhone(
  phone: string,
  mover: CustomerProfile,
  movedAt: number,
  ports: JoinPorts,
): Promise<void> {
  const { numberId, directory } = ports;
  const alias = await directory.resolveAlias(numberId, phone, { customerId: mover.customerId, at: movedAt });
  const holder = await peekRoot(alias.customerId, ports);
  const isMovers = (holder?.customerId ?? alias.customerId) === mover.customerId;
  if (!isMovers || alias.filedAt > movedAt) return;
  await directory.leavePhone(numberId, phone, alias.customerId, movedAt);
  await directory.disown(numberId, mover.customerId, phone);
}

/** No sandbox may go on by what it remembers of this phone. */
async function disown(customerId: string, phone: string, ports: JoinPorts): Promise<void> {
  const holder = await peekRoot(customerId, ports);
  if (holder) await ports.directory.disown(ports.numberId, holder.customerId, phone);
}
