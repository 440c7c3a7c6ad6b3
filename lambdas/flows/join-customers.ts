// Several ids that WhatsApp says are one person become one customer. Links lead from younger to elder customers and are
// written only where nothing else was written in between, so any number of sandboxes may do this at once.
import { BridgeError } from '../core/errors.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import { findEldest } from '../core/policy/identity.ts';
import type { CustomerDirectory, ProfileVisit } from '../core/ports.ts';

export interface JoinPorts {
  numberId: string;
  directory: CustomerDirectory;
  /** What is written to the profile of `customerId`, should this message be its first or latest. */
  visitOf(customerId: string): ProfileVisit;
}

/** A rotation makes a link; far more of them than anybody changes phones mean that something is wrong. */
const mostLinks = 100;
/** Each round is lost only to somebody who linked the same customers meanwhile. */
const mostRounds = 20;

/** The profile that stands for the customer of an id, with its activity moved forward. */
export async function touchRoot(
  customerId: string,
  { numberId, directory, visitOf }: JoinPorts,
): Promise<CustomerProfile> {
  const touch = (id: string) => directory.touch(numberId, id, visitOf(id));
  const root = await followLinks(customerId, touch);
  return root ?? touch(customerId);
}

/** The same without changing anything; undefined when the id is not known. */
export function peekRoot(
  customerId: string,
  { numberId, directory }: { numberId: string; directory: Pick<CustomerDirectory, 'peek'> },
): Promise<CustomerProfile | undefined> {
  return followLinks(customerId, (id) => directory.peek(numberId, id));
}

async function followLinks(
  customerId: string,
  read: (customerId: string) => Promise<CustomerProfile | undefined>,
): Promise<CustomerProfile | undefined> {
  let profile = await read(customerId);
  for (let links = 0; profile?.aliasOf !== undefined; links += 1) {
    if (links === mostLinks) throw new BridgeError('invariant-broken', 'the links of a customer do not end');
    profile = await read(profile.aliasOf);
  }
  return profile;
}

/** True while messages of this customer wait in the park. */
export function isFenced({ fences }: Pick<CustomerProfile, 'fences'>): boolean {
  return fences.in.state === 'parked' || fences.out.state === 'parked';
}

/**
 * Makes one customer of all ids and answers it. A customer that waits for a person is left as it is, unless it is the
 * first one's, which is answered then. One that would become another's name is left as it is while its fence is closed,
 * and answered: what waits behind a fence is found under the customer it belongs to, and comes before this message.
 */
export async function joinCustomers(
  customerIds: readonly [string, ...string[]],
  ports: JoinPorts,
): Promise<CustomerProfile> {
  const { numberId, directory, visitOf } = ports;
  const ids = [...new Set(customerIds)];
  for (let round = 0; round < mostRounds; round += 1) {
    const roots = await Promise.all(ids.map((id) => peekRoot(id, ports)));
    const first = roots[0];
    if (first?.parkedAt !== undefined) return first;
    const known = roots.filter((root) => root !== undefined).filter(({ parkedAt }) => parkedAt === undefined);
    const eldest = findEldest(known);
    if (!eldest) {
      await touchRoot(ids.at(-1) ?? customerIds[0], ports);
      continue;
    }
    const absent = ids.filter((_id, index) => roots[index] === undefined);
    const younger = new Map(known.map((root) => [root.customerId, root]));
    younger.delete(eldest.customerId);
    const fenced = [...younger.values()].find(isFenced);
    if (fenced) return fenced;
    if (absent.length + younger.size === 0) return eldest;
    const link = (id: string, expected: 'absent' | 'root') =>
      directory.link(numberId, id, eldest.customerId, expected, visitOf(id));
    await Promise.all([
      ...absent.map((id) => link(id, 'absent')),
      ...[...younger].map(async ([id, { marketing }]) => {
        if (marketing) await directory.recordOptOut(numberId, eldest.customerId, marketing);
        await link(id, 'root');
      }),
    ]);
  }
  throw new BridgeError('store-unavailable', 'others kept changing the same customers');
}
