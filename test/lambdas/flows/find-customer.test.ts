import type { InboundEnvelope, InboundItem } from '../../../lambdas/core/model/envelope.ts';
import { createCustomerFinder } from '../../../lambdas/flows/find-customer.ts';
import { MemoryCustomers } from '../../fakes/memory-customers.ts';

const envelope: InboundEnvelope = {
  v: 1,
  channel: 'meta',
  numberId: '1',
  receivedAt: 5000,
  rawKey: 'raw/a.json',
  correlationId: 'c',
  items: [],
};
const phone = '447700900001';
const userId = 'GB.1';
const phoneOnly: Partial<InboundItem> = { phone };
const userOnly: Partial<InboundItem> = { userId };
const both: Partial<InboundItem> = { phone, userId };

function aFinder(directory = new MemoryCustomers()) {
  let visits = 0;
  // A fresh finder each time: what one sandbox remembers must not be needed by the next.
  const find = (sender: Partial<InboundItem>, finder = createCustomerFinder(directory)) => {
    visits += 1;
    return finder.find(
      { id: `w${visits}`, message: { timestamp: '1' }, ...sender },
      envelope,
      `visit-${visits}`,
    );
  };
  return { directory, find };
}

const idAndFrom = (found: Awaited<ReturnType<ReturnType<typeof createCustomerFinder>['find']>>) =>
  found.state === 'found' ? [found.profile.customerId, found.profile.fromId] : found.state;

describe('finding the customer of a message', () => {
  it.each<[string, Partial<InboundItem>[], string, string]>([
    ['phone only', [phoneOnly, phoneOnly], phone, phone],
    ['BSUID only', [userOnly, userOnly], userId, userId],
    ['both, then either', [both, phoneOnly, userOnly], userId, phone],
    ['phone first, then both, then either', [phoneOnly, both, userOnly, phoneOnly], phone, phone],
    ['BSUID first, then both, then either', [userOnly, both, phoneOnly, userOnly], userId, userId],
  ])(
    'is the same customer with the same address throughout: %s',
    async (_name, senders, customerId, fromId) => {
      const { find } = aFinder();

      for (const sender of senders) expect(idAndFrom(await find(sender))).toEqual([customerId, fromId]);
    },
  );

  it('finds the same customer when a crash interrupted the linking', async () => {
    const { directory, find } = aFinder();
    await find(phoneOnly);
    const link = directory.link.bind(directory);
    directory.link = () => Promise.reject(new Error('crashed'));
    await expect(find(both)).rejects.toThrow('crashed');
    directory.link = link;

    expect(idAndFrom(await find(both))).toEqual([phone, phone]);
    expect(idAndFrom(await find(userOnly))).toEqual([phone, phone]);
  });

  it('files a new phone under the customer its BSUID is linked to, also after a crash in between', async () => {
    const { directory, find } = aFinder();
    await find(phoneOnly);
    await find(both);
    const repoint = directory.repointPhone.bind(directory);
    directory.repointPhone = () => Promise.reject(new Error('crashed'));
    await expect(find({ userId, phone: '447700900099' })).rejects.toThrow('crashed');
    expect(idAndFrom(await find({ phone: '447700900099' }))).toEqual([phone, phone]);
    directory.repointPhone = repoint;

    expect(idAndFrom(await find({ userId, phone: '447700900099' }))).toEqual([phone, phone]);
    expect(directory.aliases.get('1#447700900099')?.customerId).toBe(phone);
  });

  it('never merges two known customers: a person has to look', async () => {
    const { find } = aFinder();
    await find(phoneOnly);
    await find(userOnly);

    expect(idAndFrom(await find(both))).toBe('identity-conflict');
  });

  it('does not hand a recycled phone number the conversation of its former owner', async () => {
    const { find } = aFinder();
    await find(both);

    expect(idAndFrom(await find({ phone, userId: 'GB.2' }))).toBe('identity-conflict');
  });

  it('says so when nobody is named', async () => {
    expect(await aFinder().find({})).toEqual({ state: 'sender-missing' });
  });

  it('asks for the alias at first sight only', async () => {
    const { directory, find } = aFinder();
    const finder = createCustomerFinder(directory);
    await find(both, finder);
    expect(directory.calls.sort()).toEqual(['resolvePhone', 'touch']);
    directory.calls.length = 0;

    await find(both, finder);

    expect(directory.calls).toEqual(['touch']);
  });

  it('forgets the longest-known customers first when it remembers too many', async () => {
    const { directory, find } = aFinder();
    const finder = createCustomerFinder(directory);
    for (let person = 0; person <= 10_000; person += 1) await find({ phone: String(person) }, finder);
    directory.calls.length = 0;

    await find({ phone: '10000' }, finder);
    await find({ phone: '0' }, finder);

    expect(directory.calls).toEqual(['touch', 'resolvePhone', 'touch']);
  });

  it('writes a conversation only when the profile does not hold it', async () => {
    const { directory, find } = aFinder();
    const finder = createCustomerFinder(directory);
    const found = await find(both, finder);
    if (found.state !== 'found') throw new Error('not found');
    directory.calls.length = 0;

    await finder.learnConversation('1', found.profile, undefined);
    await finder.learnConversation('1', { ...found.profile, conversationId: 'a' }, 'a');
    expect(directory.calls).toEqual([]);
    await finder.learnConversation('1', { ...found.profile, conversationId: 'a' }, 'b');

    expect(directory.calls).toEqual(['learnConversation']);
  });
});
