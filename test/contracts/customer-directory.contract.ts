import type { CustomerAlias } from '../../lambdas/core/model/customer.ts';
import { openFence } from '../../lambdas/core/model/fence.ts';
import type { CustomerDirectory, ProfileVisit } from '../../lambdas/core/ports.ts';

let runs = 0;

/** What every customer directory must do, whatever it is made of. */
export function describeCustomerDirectory(fresh: () => CustomerDirectory): void {
  let directory: CustomerDirectory;
  let id: string;
  let phone: string;
  beforeEach(() => {
    runs += 1;
    directory = fresh();
    id = `GB.${runs}`;
    phone = `4477009${String(runs).padStart(5, '0')}`;
  });
  const visit = (visitId: string, at: number, over: Partial<ProfileVisit> = {}): ProfileVisit => ({
    visitId,
    at,
    acceptedAt: at + 7,
    fromId: id,
    fromIdType: 'Opaque',
    ...over,
  });
  const byPhone = () => ({ fromId: phone, fromIdType: 'Phone' }) as const;
  const touch = (visitId: string, at: number, over: Partial<ProfileVisit> = {}) =>
    directory.touch('1', id, visit(visitId, at, over));
  const resolve = (customerId: string, userId?: string, at = 1000) =>
    directory.resolveAlias('1', phone, { customerId, at, ...(userId === undefined ? {} : { userId }) });
  const link = (aliasOf: string, expected: 'absent' | 'root') =>
    directory.link('1', id, aliasOf, expected, visit('v', 1000));

  describe('a profile', () => {
    it('is created at first sight and says that it is new', async () => {
      expect(await touch('v1', 1000, byPhone())).toEqual({
        customerId: id,
        fromId: phone,
        fromIdType: 'Phone',
        since: 1007,
        lastInboundAt: 1000,
        disownedPhones: [],
        fences: { in: openFence, out: openFence },
        isNew: true,
      });
    });

    it('knows the latest message by its id', async () => {
      await touch('v1', 1000, { messageId: 'wamid.1' });
      await touch('v2', 3000, { messageId: 'wamid.3' });

      expect(await touch('v3', 2000, { messageId: 'wamid.2' })).toMatchObject({ lastInboundId: 'wamid.3' });
      expect(await touch('v4', 4000)).toMatchObject({ lastInboundId: 'wamid.3' });
    });

    it('knows how the customer can be reached, each way as of the latest message that named it', async () => {
      await touch('v1', 1000, { reach: { phone: '441', userId: 'GB.1' } });
      await touch('v2', 3000, { reach: { userId: 'GB.2' } });

      expect(await touch('v3', 2000, { reach: { phone: '442' } })).toMatchObject({
        reach: { phone: '441', userId: 'GB.2' },
      });
    });

    it('lets somebody invite once per silence, whether the customer is known or not', async () => {
      const invite = (since: number) => directory.inviteOnce('1', id, { since, at: since + 10 });

      expect([
        await invite(0),
        await invite(0),
        await invite(5000),
        await invite(5000),
        await invite(4000),
      ]).toEqual([true, false, true, false, false]);
      // As old as the first invitation: age decides which of two customers becomes the other, and must never change.
      expect(await touch('v1', 6000)).toMatchObject({ customerId: id, lastInboundAt: 6000, since: 10 });
    });

    it('keeps address, age and phone of the first sight whatever comes later', async () => {
      await touch('v1', 1000, { ...byPhone(), phone });

      expect(await touch('v2', 2000, { phone: '449' })).toMatchObject({
        fromId: phone,
        fromIdType: 'Phone',
        since: 1007,
        phone,
        isNew: false,
      });
    });

    it('learns the phone it was not first seen with', async () => {
      await touch('v1', 1000);

      expect(await touch('v2', 2000, { phone })).toMatchObject({ fromId: id, phone });
    });

    it('recognises its own first visit when the answer was lost', async () => {
      await touch('v1', 1000);

      expect((await touch('v1', 1000)).isNew).toBe(true);
    });

    it('moves its last activity forward only', async () => {
      await touch('v1', 5000);

      expect((await touch('v2', 3000)).lastInboundAt).toBe(5000);
      expect((await touch('v3', 5000)).lastInboundAt).toBe(5000);
      expect((await touch('v4', 6000)).lastInboundAt).toBe(6000);
    });

    it('says when the customer wrote before, once that was at another time', async () => {
      expect(await touch('v1', 1000)).not.toHaveProperty('previousInboundAt');
      expect(await touch('v2', 1000)).not.toHaveProperty('previousInboundAt');

      expect((await touch('v3', 5000)).previousInboundAt).toBe(1000);
      expect((await touch('v4', 3000)).previousInboundAt).toBe(1000);
      expect((await touch('v5', 6000)).previousInboundAt).toBe(5000);
    });

    it('is one of its number', async () => {
      await touch('v1', 1000, byPhone());

      expect(await directory.touch('2', id, visit('v2', 1000))).toMatchObject({ fromId: id, isNew: true });
    });

    it('is read without being made or changed', async () => {
      expect(await directory.peek('1', id)).toBeUndefined();
      await touch('v1', 1000);

      expect(await directory.peek('1', id)).toMatchObject({
        customerId: id,
        fromId: id,
        since: 1007,
        isNew: false,
      });
      expect((await touch('v1', 1000)).isNew).toBe(true);
    });

    it('gives back the conversation it learned', async () => {
      await touch('v1', 1000);
      await directory.learnConversation('1', id, { conversationId: 'conversation-1', at: 1000 });

      expect((await touch('v2', 2000)).conversationId).toBe('conversation-1');
      expect((await touch('v3', 1500)).conversationId).toBe('conversation-1');
    });

    it('finds the customer of a conversation', async () => {
      await directory.learnConversation('1', id, { conversationId: `of-${id}`, at: Date.now() });

      expect(await directory.findByConversation(`of-${id}`)).toEqual({ numberId: '1', customerId: id });
      expect(await directory.findByConversation(`not-of-${id}`)).toBeUndefined();
    });

    it('forgets a conversation that is still its own, and no other', async () => {
      await touch('v1', 1000);
      await directory.learnConversation('1', id, { conversationId: `old-${id}`, at: 1000 });
      await directory.learnConversation('1', id, { conversationId: `new-${id}`, at: 1000 });

      expect(await directory.forgetConversation('1', id, `old-${id}`)).toBe(false);
      expect(await directory.peek('1', id)).toMatchObject({ conversationId: `new-${id}` });
      expect(await directory.forgetConversation('1', id, `new-${id}`)).toBe(true);
      expect(await directory.peek('1', id)).not.toHaveProperty('conversationId');
      expect(await directory.forgetConversation('1', id, `new-${id}`)).toBe(false);
      expect(await directory.forgetConversation('1', `nobody-${id}`, `new-${id}`)).toBe(false);
    });

    it('is still found by a conversation it has forgotten', async () => {
      await directory.learnConversation('1', id, { conversationId: `of-${id}`, at: Date.now() });
      await directory.forgetConversation('1', id, `of-${id}`);

      expect(await directory.findByConversation(`of-${id}`)).toEqual({ numberId: '1', customerId: id });
    });

    it('knows the latest session of its conversation, in whatever order sessions are told', async () => {
      const conversationId = `of-${id}`;
      const at = Date.now();
      await directory.noteSession(conversationId, { sessionId: 's2', at: at + 2 });
      await directory.noteSession(conversationId, { sessionId: 's1', at: at + 1 });
      expect(await directory.findByConversation(conversationId)).toBeUndefined();

      await directory.learnConversation('1', id, { conversationId, at });

      const found = { numberId: '1', customerId: id, session: { sessionId: 's2', at: at + 2 } };
      expect(await directory.findByConversation(conversationId)).toEqual(found);
    });

    it('keeps the latest wish about marketing messages, in whatever order wishes come', async () => {
      await touch('v1', 1000);
      await directory.recordOptOut('1', id, { optedOut: true, at: 3000 });
      await directory.recordOptOut('1', id, { optedOut: false, at: 2000 });

      expect(await directory.peek('1', id)).toMatchObject({
        marketing: { optedOut: true, at: 3000 },
        lastInboundAt: 1000,
      });
    });

    it('takes a wish before the first message, which still finds a new customer', async () => {
      await directory.recordOptOut('1', id, { optedOut: true, at: 3000 });

      expect(await touch('v1', 4000, byPhone())).toMatchObject({
        fromId: phone,
        isNew: true,
        marketing: { optedOut: true, at: 3000 },
      });
    });

    it('says which phones it gave up, each once', async () => {
      await touch('v1', 1000);
      await directory.disown('1', id, phone);
      await directory.disown('1', id, phone);
      await directory.disown('1', id, '449');

      expect([...(await touch('v2', 2000)).disownedPhones].sort()).toEqual([phone, '449'].sort());
    });

    it('that is not there gives up nothing', async () => {
      await directory.disown('1', id, phone);

      expect(await directory.peek('1', id)).toBeUndefined();
    });
  });

  describe('a link', () => {
    it('makes an unknown id another name, once', async () => {
      expect(await link('first', 'absent')).toBe(true);
      expect(await link('second', 'absent')).toBe(false);
      expect(await link('second', 'root')).toBe(false);

      expect(await touch('v2', 2000)).toMatchObject({ customerId: id, aliasOf: 'first', since: 1007 });
    });

    it('makes a known customer another name only when that is expected', async () => {
      await touch('v1', 1000);
      expect(await link('first', 'absent')).toBe(false);
      expect(await link('first', 'root')).toBe(true);

      expect((await directory.peek('1', id))?.aliasOf).toBe('first');
    });

    it('is not written for an unknown id that was expected to be known', async () => {
      expect(await link('first', 'root')).toBe(false);

      expect(await directory.peek('1', id)).toBeUndefined();
    });

    it('is given to one of many who write it at once', async () => {
      await touch('v1', 1000);

      const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => link(`c${index}`, 'root')));

      expect(answers.filter((answer) => answer)).toHaveLength(1);
    });
  });

  describe('a parked key', () => {
    it('stays parked since the first time and is never linked', async () => {
      expect(await directory.park('1', id, 1000)).toBe(true);
      expect(await directory.park('1', id, 2000)).toBe(true);

      expect(await link('first', 'root')).toBe(false);
      expect(await link('first', 'absent')).toBe(false);
      expect(await directory.peek('1', id)).toMatchObject({ customerId: id, parkedAt: 1000, since: 1000 });
    });

    it('says so whenever it is touched', async () => {
      await directory.park('1', id, 1000);

      expect(await touch('v1', 500)).toMatchObject({ parkedAt: 1000 });
      expect(await touch('v2', 1500)).toMatchObject({ parkedAt: 1000 });
    });

    it('cannot be one that has become another’s name', async () => {
      await link('first', 'absent');

      expect(await directory.park('1', id, 1000)).toBe(false);

      expect((await directory.peek('1', id))?.parkedAt).toBeUndefined();
    });
  });

  describe('an alias', () => {
    it('is filed once, for everybody', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => resolve(`c${index}`)));

      expect(new Set(answers.map(({ customerId }) => customerId)).size).toBe(1);
    });

    it('is not filed by a mere look', async () => {
      expect(await directory.peekAlias('1', phone)).toBeUndefined();
      expect(await directory.peekAlias('1', phone)).toBeUndefined();
      await resolve(id, id, 1000);

      expect(await directory.peekAlias('1', phone)).toEqual({ customerId: id, userId: id, filedAt: 1000 });
    });

    it('keeps who filed it and when', async () => {
      await resolve(id, id, 1000);

      expect(await resolve('GB.x', 'GB.x', 3000)).toEqual({ customerId: id, userId: id, filedAt: 1000 });
    });

    it('that came without a BSUID is not taken by the next that asks', async () => {
      await resolve(phone);

      expect(await resolve(id, id)).toEqual({ customerId: phone, filedAt: 1000 });
    });

    it('is filed anew from what was seen, and says whose it was', async () => {
      const seen = await resolve('a');

      expect(await directory.refile('1', phone, seen, { customerId: 'b', userId: 'b', at: 2000 })).toBe(true);

      expect(await resolve('x')).toEqual({ customerId: 'b', userId: 'b', filedAt: 2000, formerly: 'a' });
    });

    it('that only gets its holder stays where it is', async () => {
      const seen = await resolve('a');

      expect(await directory.refile('1', phone, seen, { customerId: 'a', userId: id, at: 1000 })).toBe(true);

      expect(await resolve('x')).toEqual({ customerId: 'a', userId: id, filedAt: 1000 });
    });

    it.each<[string, Partial<CustomerAlias>]>([
      ['another customer', { customerId: 'b' }],
      ['another holder', { userId: 'GB.y' }],
    ])('that has got %s since it was seen is left alone', async (_name, over) => {
      const seen = { ...(await resolve('a', 'GB.z')), ...over };

      expect(await directory.refile('1', phone, seen, { customerId: 'c', at: 2000 })).toBe(false);

      expect(await resolve('x')).toEqual({ customerId: 'a', userId: 'GB.z', filedAt: 1000 });
    });

    it('remembers that its customer left it, until it is filed anew', async () => {
      await resolve('a');
      await directory.leavePhone('1', phone, 'elsewhere', 1500);
      expect(await resolve('x')).toEqual({ customerId: 'a', filedAt: 1000 });

      await directory.leavePhone('1', phone, 'a', 1500);
      const left = await resolve('x');
      expect(left).toEqual({ customerId: 'a', filedAt: 1000, leftAt: 1500 });
      await directory.refile('1', phone, left, { customerId: 'a', at: 2000 });

      expect(await resolve('x')).toEqual({ customerId: 'a', filedAt: 2000 });
    });

    it('remembers since when it is disputed, until it is filed anew', async () => {
      await resolve('a', 'a');

      expect(await directory.dispute('1', phone, 1500)).toBe(1500);
      expect(await directory.dispute('1', phone, 1900)).toBe(1500);
      const disputed = await resolve('x');
      expect(disputed).toEqual({ customerId: 'a', userId: 'a', filedAt: 1000, disputedAt: 1500 });
      await directory.refile('1', phone, disputed, { customerId: 'a', userId: id, at: 1000 });

      expect(await resolve('x')).toEqual({ customerId: 'a', userId: id, filedAt: 1000 });
    });
  });
}
