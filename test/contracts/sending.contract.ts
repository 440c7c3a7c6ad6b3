import type { LedgerRecord } from '../../lambdas/core/model/ledger-record.ts';
import { outboundKey, sentKey } from '../../lambdas/core/model/ledger-record.ts';
import type { ReceiptLedger, SendingLedger } from '../../lambdas/core/outbound-ports.ts';
import type { ClaimRequest, MessageLedger } from '../../lambdas/core/ports.ts';

let messages = 0;

export interface SendingStores {
  ledger: MessageLedger;
  sending: SendingLedger;
  receipts: ReceiptLedger;
}

const start = Date.UTC(2026, 10, 20);

function useMessages(fresh: () => SendingStores) {
  let current: (SendingStores & { id: string; key: string }) | undefined;
  beforeEach(() => {
    messages += 1;
    const id = `desk-${messages}`;
    current = { ...fresh(), id, key: outboundKey('1', id) };
  });
  const context = () => {
    if (!current) throw new Error('there are stores within tests only');
    return current;
  };
  const claim = (owner: string, now: number, over: Partial<ClaimRequest> = {}) =>
    context().ledger.claim({
      key: context().key,
      owner,
      now,
      leaseUntil: now + 1000,
      willTry: false,
      keepTried: true,
      numberId: '1',
      messageId: context().id,
      customer: 'GB.1',
      messageType: 'text',
      sequence: '1.0',
      acceptedAt: start,
      rawKey: 'raw/a.json',
      correlationId: 'c-1',
      ...over,
    });
  const begin = (owner: string, part: number, now = start) =>
    context().sending.beginPart(context().key, owner, { part, partsTotal: 3, now, leaseUntil: now + 1000 });
  const read = async (): Promise<LedgerRecord> => {
    const record = await context().ledger.read(context().key);
    if (!record) throw new Error('expected a record');
    return record;
  };
  return { context, claim, begin, read };
}

/** What every ledger of sends must do, whatever it is made of. */
export function describeSending(fresh: () => SendingStores): void {
  const { context, claim, begin, read } = useMessages(fresh);
  const sent = (owner: string, part: number, wamid = `wamid.${part}`) =>
    context().sending.partSent(context().key, owner, { part, wamid });

  it('a message nobody began to send has no parts', async () => {
    await claim('a', start, { receiptTo: 'GB.1' });

    expect(await read()).not.toHaveProperty('sending');
    expect(await read()).toMatchObject({ receiptTo: 'GB.1', tried: 0 });
  });

  it('the address of the receipt is that of the first claim', async () => {
    await claim('a', start, { receiptTo: 'GB.1' });
    await claim('b', start + 1000, { receiptTo: 'GB.2' });

    expect((await read()).receiptTo).toBe('GB.1');
  });

  it('a part is begun before it is sent, with the lease renewed', async () => {
    await claim('a', start);

    expect(await begin('a', 0, start + 500)).toBe(true);

    expect(await read()).toMatchObject({
      tried: 1,
      leaseUntil: start + 1500,
      sending: { partsTotal: 3, partsDone: 0, triedAt: start + 500, wamids: {}, statuses: [] },
    });
  });

  it('parts are counted as they are sent, with their wamids', async () => {
    await claim('a', start);
    await begin('a', 0);
    expect(await sent('a', 0)).toBe(true);
    expect(await read()).toMatchObject({ tried: 0, sending: { partsDone: 1, wamids: { 0: 'wamid.0' } } });
    await begin('a', 1, start + 10);
    await sent('a', 1);

    expect(await read()).toMatchObject({
      tried: 0,
      sending: { partsDone: 2, triedAt: start + 10, wamids: { 0: 'wamid.0', 1: 'wamid.1' } },
    });
  });

  it('both writes may be repeated after a lost answer', async () => {
    await claim('a', start);

    expect([await begin('a', 0), await begin('a', 0)]).toEqual([true, true]);
    expect([await sent('a', 0), await sent('a', 0)]).toEqual([true, true]);

    expect((await read()).sending).toMatchObject({ partsDone: 1 });
  });

  it('a part that was sent is not begun again, and none before its turn', async () => {
    await claim('a', start);
    await begin('a', 0);
    await sent('a', 0);

    expect(await begin('a', 0)).toBe(false);
    expect(await begin('a', 2)).toBe(false);

    expect(await read()).toMatchObject({ tried: 0, sending: { partsDone: 1 } });
  });

  it('a late copy of an earlier write takes nothing back', async () => {
    await claim('a', start);
    for (const part of [0, 1]) {
      await begin('a', part);
      await sent('a', part);
    }

    expect(await sent('a', 0, 'wamid.late')).toBe(true);

    expect(await read()).toMatchObject({ sending: { partsDone: 2, wamids: { 0: 'wamid.0', 1: 'wamid.1' } } });
  });

  it('a message goes on at the part that did not get through', async () => {
    await claim('a', start);
    await begin('a', 0);
    await sent('a', 0);
    await begin('a', 1, start + 10);
    await context().ledger.release(context().key, 'a', { keepTried: false });
    await claim('b', start + 20);

    expect(await begin('b', 0, start + 20)).toBe(false);
    expect(await begin('b', 1, start + 20)).toBe(true);

    expect((await read()).sending).toMatchObject({ partsDone: 1, wamids: { 0: 'wamid.0' } });
  });

  it('a part of unknown outcome is seen by the next claim', async () => {
    await claim('a', start);
    await begin('a', 0, start + 7);

    const next = await claim('b', start + 1007);

    expect(next).toMatchObject({
      won: true,
      record: { tried: 1, ambiguous: 1, sending: { partsDone: 0, triedAt: start + 7 } },
    });
  });

  it('a claim that is over begins nothing, and notes nothing once somebody else has it', async () => {
    await claim('a', start);
    expect(await begin('a', 0, start + 1000)).toBe(false);
    await begin('a', 0, start + 1);
    await claim('b', start + 1001);

    expect(await begin('a', 0, start + 1002)).toBe(false);
    expect(await sent('a', 0)).toBe(false);
    expect((await read()).sending).toMatchObject({ partsDone: 0, wamids: {} });
  });

  it('nothing is begun or noted of a message nobody claimed', async () => {
    expect(await begin('a', 0)).toBe(false);
    expect(await sent('a', 0)).toBe(false);
    expect(await context().ledger.read(context().key)).toBeUndefined();
  });

  it('a wamid leads to its message, its text and its options', async () => {
    const { sending, ledger, key, id } = context();
    const wamid = `wamid.sent.${id}`;
    const options = { o1: { type: 'QuickReply', text: 'Yes', payload: 'YES' } } as const;
    expect(await sending.findSent('1', wamid)).toBeUndefined();

    await sending.rememberSent('1', wamid, {
      genesysId: id,
      key,
      part: 2,
      snippet: 'Hello',
      options,
      at: start,
    });

    expect(await sending.findSent('1', wamid)).toEqual({ key, part: 2 });
    expect(await sending.findSent('2', wamid)).toBeUndefined();
    expect(await ledger.readSnippet(sentKey('1', wamid))).toBe('Hello');
    expect(await ledger.readOriginating('1', wamid)).toEqual({ genesysId: id, options });
  });

  it('a wamid without text and options leads to its message all the same', async () => {
    const { sending, ledger, key, id } = context();
    await sending.rememberSent('1', `wamid.bare.${id}`, { genesysId: id, key, part: 0, at: start });

    expect(await ledger.readOriginating('1', `wamid.bare.${id}`)).toEqual({ genesysId: id, options: {} });
    expect(await ledger.readSnippet(sentKey('1', `wamid.bare.${id}`))).toBeUndefined();
  });
}

/** What every ledger of receipts must do, whatever it is made of. */
export function describeReceipts(fresh: () => SendingStores): void {
  const { context, claim, begin, read } = useMessages(fresh);
  const add = (part: number, entry: string, wamid = `wamid.${part}`) =>
    context().receipts.addStatus(context().key, { part, entry, wamid });

  describe('statuses', () => {
    it('gather as a set, without the claim of the message', async () => {
      await claim('a', start);
      await begin('a', 0);
      await add(0, '0.sent');
      await add(1, '1.failed.131026');

      const record = await add(0, '0.sent');

      expect(record).toMatchObject({
        status: 'INFLIGHT',
        owner: 'a',
        tried: 1,
        sending: {
          partsTotal: 3,
          partsDone: 0,
          statuses: ['0.sent', '1.failed.131026'],
          wamids: { 0: 'wamid.0', 1: 'wamid.1' },
        },
      });
      expect(await read()).toEqual(record);
    });

    it('lose none when they come at once', async () => {
      await claim('a', start);
      await begin('a', 0);

      await Promise.all(Array.from({ length: 9 }, (_, part) => add(part, `${part}.delivered`)));

      expect((await read()).sending?.statuses).toHaveLength(9);
      expect(Object.keys((await read()).sending?.wamids ?? {})).toHaveLength(9);
    });

    it('do not change a wamid that is known', async () => {
      await claim('a', start);
      await begin('a', 0);
      await context().sending.partSent(context().key, 'a', { part: 0, wamid: 'wamid.answered' });
      await add(0, '0.sent', 'wamid.seen');

      expect((await read()).sending?.wamids).toEqual({ 0: 'wamid.answered' });
    });

    it('are kept of a message without parts, and survive the first begin', async () => {
      await claim('a', start);
      expect(await add(0, '0.sent')).toMatchObject({
        sending: { partsTotal: 0, partsDone: 0, statuses: ['0.sent'], wamids: { 0: 'wamid.0' } },
      });
      await begin('a', 0);

      expect((await read()).sending).toMatchObject({ partsTotal: 3, statuses: ['0.sent'] });
    });

    it('of an unknown message make none of it', async () => {
      expect(await add(0, '0.sent')).toBeUndefined();
      expect(await context().ledger.read(context().key)).toBeUndefined();
    });
  });

  describe('the final receipt', () => {
    const ask = (owner: string, now: number, receipt: 'Delivered' | 'Failed' = 'Delivered') =>
      context().receipts.claimReceipt(context().key, { receipt, owner, now, leaseUntil: now + 1000 });
    const give = (owner: string, keep: boolean) =>
      context().receipts.releaseReceipt(context().key, owner, { keep });
    beforeEach(async () => {
      await claim('a', start);
      await begin('a', 0);
    });

    it('is told by one of many', async () => {
      const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => ask(`o${index}`, start)));

      expect(answers.filter(({ state }) => state === 'mine')).toHaveLength(1);
      expect(answers.filter(({ state }) => state === 'busy')).toHaveLength(7);
    });

    it('is mine when the answer was lost, and busy for others until the lease is over', async () => {
      expect(await ask('o1', start)).toEqual({ state: 'mine', receipt: 'Delivered', attempts: 1 });
      expect(await ask('o1', start)).toEqual({ state: 'mine', receipt: 'Delivered', attempts: 1 });
      expect(await ask('o2', start + 999)).toEqual({ state: 'busy', until: start + 1000 });
      expect(await ask('o2', start + 1000)).toMatchObject({ state: 'mine', attempts: 2 });
    });

    it('is told once, whoever asks later', async () => {
      await ask('o1', start);
      await context().receipts.receiptTold(context().key, start + 5);
      await context().receipts.receiptTold(context().key, start + 9);
      await give('o1', false);

      expect(await ask('o2', start + 5000, 'Failed')).toEqual({ state: 'told' });
      expect((await read()).sending).toMatchObject({ receipt: 'Delivered', receiptToldAt: start + 5 });
    });

    it('stays as it was chosen while it may have been told', async () => {
      await ask('o1', start);
      await give('o1', true);

      expect(await ask('o2', start + 1, 'Failed')).toEqual({
        state: 'mine',
        receipt: 'Delivered',
        attempts: 2,
      });
      await give('o2', false);
      expect(await ask('o3', start + 2, 'Failed')).toMatchObject({ receipt: 'Delivered', attempts: 3 });
    });

    it('stays as it was chosen when whoever told it was never heard of again', async () => {
      await ask('o1', start);
      await ask('o2', start + 1000, 'Failed');
      await give('o2', false);

      expect(await ask('o3', start + 1001, 'Failed')).toMatchObject({ receipt: 'Delivered' });
    });

    it('may be another one when it surely was not told', async () => {
      await ask('o1', start);
      await give('o1', false);
      await give('o1', false);
      expect((await read()).sending).not.toHaveProperty('receipt');

      expect(await ask('o2', start + 1, 'Failed')).toEqual({ state: 'mine', receipt: 'Failed', attempts: 2 });
    });

    it('is given back by its owner only', async () => {
      await ask('o1', start);
      await give('o2', false);

      expect(await ask('o3', start + 1)).toMatchObject({ state: 'busy' });
    });

    it('of an unknown message is nobody’s', async () => {
      const unknown = outboundKey('1', `${context().id}.x`);
      const order = { receipt: 'Failed', owner: 'o1', now: start, leaseUntil: start + 1 } as const;

      expect(await context().receipts.claimReceipt(unknown, order)).toEqual({ state: 'unknown' });
      await context().receipts.receiptTold(unknown, start);
      await context().receipts.releaseReceipt(unknown, 'o1', { keep: false });

      expect(await context().ledger.read(unknown)).toBeUndefined();
    });
  });

  describe('an id of the desk', () => {
    it('leads to the customer’s message it was given for', async () => {
      await claim('a', start);
      await context().ledger.settle(context().key, 'a', {
        customer: 'GB.1',
        at: start,
        placeholder: false,
        genesysId: `g-${context().id}`,
      });

      expect(await context().receipts.findByGenesysId(`g-${context().id}`)).toBe(context().key);
      expect(await context().receipts.findByGenesysId(`x-${context().id}`)).toBeUndefined();
    });

    it('leads to the agent’s message by any of its parts', async () => {
      const { sending, receipts, key, id } = context();
      for (const part of [0, 1]) {
        await sending.rememberSent('1', `wamid.${id}.${part}`, { genesysId: id, key, part, at: start });
      }

      expect(await receipts.findByGenesysId(id)).toBe(key);
    });
  });

  it('what the desk says of a message gathers as a set', async () => {
    expect(await context().receipts.addDeskReceipt(context().key, 'Published')).toBe(false);
    await claim('a', start);
    expect(await read()).not.toHaveProperty('deskReceipts');

    expect(await context().receipts.addDeskReceipt(context().key, 'Published')).toBe(true);
    await context().receipts.addDeskReceipt(context().key, 'Failed');
    await context().receipts.addDeskReceipt(context().key, 'Published');

    expect((await read()).deskReceipts).toEqual(['Failed', 'Published']);
  });
}
