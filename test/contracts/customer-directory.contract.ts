import type { CustomerDirectory } from '../../lambdas/core/ports.ts';

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
  const touch = (visitId: string, at: number, fromId = id) =>
    directory.touch('1', id, { visitId, at, fromId, fromIdType: fromId === id ? 'Opaque' : 'Phone' });

  it('creates a profile at first sight and says that it is new', async () => {
    expect(await touch('v1', 1000, phone)).toEqual({
      customerId: id,
      fromId: phone,
      fromIdType: 'Phone',
      lastInboundAt: 1000,
      isNew: true,
    });
  });

  it('keeps the address of the first sight whatever comes later', async () => {
    await touch('v1', 1000, phone);

    expect(await touch('v2', 2000)).toMatchObject({ fromId: phone, fromIdType: 'Phone', isNew: false });
  });

  it('recognises its own first visit when the answer was lost', async () => {
    await touch('v1', 1000);

    expect((await touch('v1', 1000)).isNew).toBe(true);
  });

  it('moves the last activity forward only', async () => {
    await touch('v1', 5000);

    expect((await touch('v2', 3000)).lastInboundAt).toBe(5000);
    expect((await touch('v3', 5000)).lastInboundAt).toBe(5000);
    expect((await touch('v4', 6000)).lastInboundAt).toBe(6000);
  });

  it('keeps customers of different numbers apart', async () => {
    await touch('v1', 1000, phone);

    const other = await directory.touch('2', id, {
      visitId: 'v2',
      at: 1000,
      fromId: id,
      fromIdType: 'Opaque',
    });

    expect(other).toMatchObject({ fromId: id, isNew: true });
  });

  it('files a phone once, for everybody', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        directory.resolvePhone('1', phone, { customerId: `c${index}`, at: 1000 }),
      ),
    );

    expect(new Set(answers.map(({ customerId }) => customerId)).size).toBe(1);
  });

  it('remembers the first BSUID seen with a phone', async () => {
    await directory.resolvePhone('1', phone, { customerId: phone, at: 1000 });
    expect(await directory.resolvePhone('1', phone, { customerId: id, userId: id, at: 2000 })).toEqual({
      customerId: phone,
      userId: id,
    });

    expect(
      await directory.resolvePhone('1', phone, { customerId: 'GB.x', userId: 'GB.x', at: 3000 }),
    ).toEqual({
      customerId: phone,
      userId: id,
    });
  });

  it('links a BSUID to the customer it belongs to, once', async () => {
    await touch('v1', 1000);
    await directory.link('1', id, 'first');
    await directory.link('1', id, 'second');

    expect((await touch('v2', 2000)).aliasOf).toBe('first');
  });

  it('repoints a phone only from where it was seen', async () => {
    await directory.resolvePhone('1', phone, { customerId: 'a', at: 1000 });
    await directory.repointPhone('1', phone, 'elsewhere', 'b');
    expect((await directory.resolvePhone('1', phone, { customerId: 'x', at: 1000 })).customerId).toBe('a');

    await directory.repointPhone('1', phone, 'a', 'b');

    expect((await directory.resolvePhone('1', phone, { customerId: 'x', at: 1000 })).customerId).toBe('b');
  });

  it('gives back the conversation it learned', async () => {
    await touch('v1', 1000);
    await directory.learnConversation('1', id, 'conversation-1');

    expect((await touch('v2', 2000)).conversationId).toBe('conversation-1');
    expect((await touch('v3', 1500)).conversationId).toBe('conversation-1');
  });
}
