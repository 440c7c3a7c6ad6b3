import { decideClaim } from '../../lambdas/core/policy/claim.ts';
import type { ClaimRequest, MessageLedger } from '../../lambdas/core/ports.ts';

const day = 86_400_000;
let messages = 0;

function aClaim(owner: string, now: number, over: Partial<ClaimRequest> = {}): ClaimRequest {
  return {
    key: `IN#1#wamid.${messages}`,
    owner,
    now,
    leaseUntil: now + 1000,
    willTry: true,
    numberId: '1',
    messageId: `wamid.${messages}`,
    customer: 'GB.1',
    messageType: 'text',
    sequence: '1.0',
    acceptedAt: now,
    rawKey: 'raw/a.json',
    correlationId: 'c-1',
    ...over,
  };
}

/** What every ledger must do, whatever it is made of. `fresh` gives an empty or shared ledger; keys differ per test. */
export function describeMessageLedger(fresh: () => MessageLedger): void {
  const start = Date.UTC(2026, 10, 20);
  let ledger: MessageLedger;
  beforeEach(() => {
    messages += 1;
    ledger = fresh();
  });

  const claim = async (owner: string, now: number, over?: Partial<ClaimRequest>) =>
    decideClaim(await ledger.claim(aClaim(owner, now, over)), owner);
  const mine = async (owner: string, now: number, over?: Partial<ClaimRequest>) => {
    const decision = await claim(owner, now, over);
    if (decision.state !== 'mine') throw new Error(`expected a claim, got ${decision.state}`);
    return decision.record;
  };

  it('claims an unknown message with its facts', async () => {
    const record = await mine('a', start);

    expect(record).toMatchObject({
      status: 'INFLIGHT',
      owner: 'a',
      leaseUntil: start + 1000,
      tried: 1,
      open: 1,
      attempts: 1,
      crashes: 0,
      ambiguous: 0,
      messageId: `wamid.${messages}`,
      customer: 'GB.1',
      sequence: '1.0',
      rawKey: 'raw/a.json',
      correlationId: 'c-1',
    });
    expect(record.ttl).toBeGreaterThanOrEqual((start + 35 * day) / 1000);
  });

  it('lets only one of many concurrent claims win and shows the others the winner', async () => {
    const owners = Array.from({ length: 20 }, (_, index) => `owner-${index}`);

    const decisions = await Promise.all(owners.map((owner) => claim(owner, start)));

    expect(decisions.filter(({ state }) => state === 'mine')).toHaveLength(1);
    expect(decisions.filter(({ state }) => state === 'busy')).toHaveLength(19);
  });

  it('recognises its own claim when the answer was lost and the write is repeated', async () => {
    await mine('a', start);

    const again = await mine('a', start);

    expect(again).toMatchObject({ attempts: 1, ambiguous: 0, crashes: 0 });
  });

  it('makes a foreign claim wait for the end of the lease', async () => {
    await mine('a', start);

    expect(await claim('b', start + 999)).toMatchObject({ state: 'busy', until: start + 1000 });
    expect((await claim('b', start + 1000)).state).toBe('mine');
  });

  it('counts a crash and an ambiguous delivery when a claim ended without any outcome', async () => {
    await mine('a', start);

    const second = await mine('b', start + 1000);
    const third = await mine('c', start + 2000);

    expect(second).toMatchObject({ attempts: 2, crashes: 1, ambiguous: 1 });
    expect(third).toMatchObject({ attempts: 3, crashes: 2, ambiguous: 2 });
  });

  it('counts neither when the claim was given back after a definite failure', async () => {
    await mine('a', start);
    await ledger.release(aClaim('a', start).key, 'a', { keepTried: false });

    const next = await mine('b', start + 1);

    expect(next).toMatchObject({ attempts: 2, crashes: 0, ambiguous: 0 });
  });

  it('keeps an unknown outcome as ambiguous for good', async () => {
    const { key } = aClaim('a', start);
    await mine('a', start);
    await ledger.release(key, 'a', { keepTried: true });
    await mine('b', start + 1);
    await ledger.release(key, 'b', { keepTried: false });

    const third = await mine('c', start + 2);

    expect(third).toMatchObject({ crashes: 0, ambiguous: 1 });
  });

  it('counts no ambiguity for a claim that was never going to post', async () => {
    await mine('a', start, { willTry: false });

    expect(await mine('b', start + 1000)).toMatchObject({ crashes: 1, ambiguous: 0 });
  });

  it('keeps the acceptance order of the first claim', async () => {
    await mine('a', start);

    expect(await mine('b', start + 1000, { sequence: '2.0', acceptedAt: start + 500 })).toMatchObject({
      sequence: '1.0',
      acceptedAt: start,
    });
  });

  it('keeps a POST of unknown outcome on record through a claim that must not repeat it', async () => {
    await mine('a', start, { willTry: false, keepTried: true });
    await ledger.begin(aClaim('a', start).key, 'a', { now: start, leaseUntil: start + 1000 });
    await ledger.release(aClaim('a', start).key, 'a', { keepTried: true });

    expect(await mine('b', start + 10, { willTry: false, keepTried: true })).toMatchObject({
      tried: 1,
      ambiguous: 1,
    });
    await ledger.release(aClaim('b', start).key, 'b', { keepTried: false });
    expect(await mine('c', start + 20, { willTry: false, keepTried: true })).toMatchObject({
      tried: 0,
      ambiguous: 1,
    });
  });

  it('marks a claim as tried when its POST is about to follow, and renews its lease', async () => {
    const { key } = aClaim('a', start);
    await mine('a', start, { willTry: false });
    const media = { state: 'failed', reason: 'gone' } as const;

    expect(await ledger.begin(key, 'a', { now: start + 900, leaseUntil: start + 2000, media })).toBe(true);

    expect(await claim('b', start + 1500)).toMatchObject({ state: 'busy', until: start + 2000 });
    expect(await mine('b', start + 2000, { willTry: false })).toMatchObject({ ambiguous: 1, media });
  });

  it('tells a claim that was taken over, or whose lease is over, not to post', async () => {
    const { key } = aClaim('a', start);
    await mine('a', start, { willTry: false });
    expect(await ledger.begin(key, 'a', { now: start + 1000, leaseUntil: start + 2000 })).toBe(false);
    await mine('b', start + 1000, { willTry: false });

    expect(await ledger.begin(key, 'a', { now: start + 1100, leaseUntil: start + 3000 })).toBe(false);
    expect((await mine('c', start + 2000)).ambiguous).toBe(0);
  });

  it('remembers how a message began, for quoting it', async () => {
    const { key } = aClaim('a', start);
    expect(await ledger.readSnippet(key)).toBeUndefined();
    await mine('a', start, { snippet: 'Where is my' });

    expect(await ledger.readSnippet(key)).toBe('Where is my');
  });

  it('does not know a message of the desk that nobody filed', async () => {
    expect(await ledger.readOriginating('1', `wamid.${messages}`)).toBeUndefined();
  });

  it('answers a delivered message as settled', async () => {
    const { key } = aClaim('a', start);
    await mine('a', start);
    await ledger.settle(key, 'a', {
      customer: 'GB.2',
      at: start,
      placeholder: false,
      genesysId: 'g',
      conversationId: 'v',
    });

    const decision = await claim('b', start + 5000);

    expect(decision).toMatchObject({
      state: 'settled',
      record: {
        status: 'DELIVERED',
        customer: 'GB.2',
        genesysId: 'g',
        conversationId: 'v',
        placeholder: false,
      },
    });
  });

  it('lets DELIVERED win over the claim that took the message over', async () => {
    const { key } = aClaim('a', start);
    await mine('a', start);
    await mine('b', start + 1000);
    await ledger.settle(key, 'a', { customer: 'GB.1', at: start, placeholder: false });
    await ledger.finish(key, 'b', { status: 'FAILED', reason: 'late', customer: 'GB.1', at: start });
    await ledger.release(key, 'b', { keepTried: false });

    expect(await claim('c', start + 5000)).toMatchObject({
      state: 'settled',
      record: { status: 'DELIVERED' },
    });
  });

  it('ignores the late release and the late end of a claim that was taken over', async () => {
    const { key } = aClaim('a', start);
    await mine('a', start);
    await mine('b', start + 1000);

    await ledger.release(key, 'a', { keepTried: false });
    const late = { status: 'FAILED', reason: 'late', customer: 'GB.1', at: start } as const;
    expect(await ledger.finish(key, 'a', late)).toBe(false);

    expect(await claim('c', start + 1500)).toMatchObject({ state: 'busy', until: start + 2000 });
  });

  it('ends a message visibly and keeps it ended', async () => {
    const { key } = aClaim('a', start);
    await mine('a', start);
    const end = { status: 'QUARANTINED', reason: 'unknown-number', customer: 'GB.1', at: start } as const;
    expect(await ledger.finish(key, 'a', end)).toBe(true);

    expect(await claim('b', start + 5000)).toMatchObject({
      state: 'settled',
      // The end is an outcome: whoever sends it later does not do so after an unknown one.
      record: { status: 'QUARANTINED', reason: 'unknown-number', tried: 0 },
    });
  });

  it('remembers why the provider refused the message', async () => {
    const { key } = aClaim('a', start);
    await mine('a', start);
    await ledger.release(key, 'a', { keepTried: false, refusal: 'provider-rejected:bad.request' });

    expect(await mine('b', start + 1)).toMatchObject({ refusal: 'provider-rejected:bad.request' });
  });

  it('keeps the time of the first claim', async () => {
    await mine('a', start);

    expect(await mine('b', start + 1000)).toMatchObject({ firstClaimedAt: start });
  });

  it('answers a record as it stands, and nothing of a message nobody claimed', async () => {
    const { key } = aClaim('a', start);
    expect(await ledger.read(key)).toBeUndefined();
    await mine('a', start);

    expect(await ledger.read(key)).toMatchObject({ key, status: 'INFLIGHT', owner: 'a', attempts: 1 });
  });

  it('remembers why an operator had a copy delivered', async () => {
    await mine('a', start, { forced: 'lost phone' });

    expect(await mine('b', start + 1000)).toMatchObject({ forced: 'lost phone' });
  });

  describe('a message that waits in the park', () => {
    const park = (owner: string, over: Partial<Parameters<MessageLedger['park']>[2]> = {}) =>
      ledger.park(aClaim(owner, start).key, owner, {
        customer: 'GB.2',
        reason: 'throttled',
        at: start,
        keepTried: false,
        ...over,
      });

    it('is settled for the queue, whatever time passes', async () => {
      await mine('a', start);
      await park('a');

      expect(await claim('b', start + 30 * day)).toMatchObject({
        state: 'settled',
        record: { status: 'PARKED', reason: 'throttled', customer: 'GB.2', tried: 0, open: 0 },
      });
    });

    it('can be claimed from the park, by one at a time', async () => {
      await mine('a', start);
      await park('a');

      const taken = await mine('b', start + 1, { fromPark: true });

      expect(taken).toMatchObject({ status: 'INFLIGHT', owner: 'b', attempts: 2, crashes: 0, ambiguous: 0 });
      expect((await claim('c', start + 2, { fromPark: true })).state).toBe('busy');
    });

    it('is ambiguous once it is taken, if its POST had an unknown outcome', async () => {
      await mine('a', start);
      await park('a', { keepTried: true });
      expect(await ledger.read(aClaim('a', start).key)).toMatchObject({ status: 'PARKED', tried: 1 });

      expect(await mine('b', start + 1, { fromPark: true })).toMatchObject({ ambiguous: 1, crashes: 0 });
    });

    it('goes back to the park with nothing forgotten', async () => {
      await mine('a', start);
      await park('a', { keepTried: true });
      await mine('b', start + 1, { fromPark: true });
      await park('b');

      expect(await mine('c', start + 2, { fromPark: true })).toMatchObject({
        attempts: 3,
        ambiguous: 1,
        firstClaimedAt: start,
      });
    });

    it('is not put there by a claim that was taken over, nor after its delivery', async () => {
      const { key } = aClaim('a', start);
      await mine('a', start);
      await mine('b', start + 1000);
      await park('a');
      expect(await ledger.read(key)).toMatchObject({ status: 'INFLIGHT', owner: 'b' });

      await ledger.settle(key, 'b', { customer: 'GB.1', at: start, placeholder: false });
      await park('b');

      expect(await ledger.read(key)).toMatchObject({ status: 'DELIVERED' });
    });

    it('is delivered from there', async () => {
      const { key } = aClaim('a', start);
      await mine('a', start);
      await park('a');
      await mine('b', start + 1, { fromPark: true });
      await ledger.settle(key, 'b', { customer: 'GB.1', at: start, placeholder: false });

      expect((await claim('c', start + 5000, { fromPark: true })).state).toBe('settled');
    });
  });

  describe('a message that ended undelivered', () => {
    const endedAs = async (status: 'FAILED' | 'HELD' | 'QUARANTINED' | 'EXPIRED') => {
      const { key } = aClaim('a', start);
      await mine('a', start);
      await mine('b', start + 1000);
      await ledger.release(key, 'b', { keepTried: false, refusal: 'bad.request' });
      await mine('c', start + 1001);
      const media = { state: 'failed', reason: 'too-large' } as const;
      await ledger.begin(key, 'c', { now: start + 1002, leaseUntil: start + 9000, media });
      await ledger.finish(key, 'c', { status, reason: 'r', customer: 'GB.1', at: start });
      return key;
    };

    it.each(['FAILED', 'HELD', 'QUARANTINED'] as const)(
      'is opened again by a replay (%s)',
      async (status) => {
        const key = await endedAs(status);

        await ledger.reopen(key, 'R1', start);

        expect(await ledger.read(key)).toMatchObject({
          status: 'PARKED',
          replay: 'R1',
          crashes: 0,
          ambiguous: 1,
        });
        expect(await ledger.read(key)).not.toHaveProperty('refusal');
        // Media that failed is to be fetched anew.
        expect(await ledger.read(key)).not.toHaveProperty('media');
        expect((await claim('d', start + 2000)).state).toBe('settled');
        expect((await claim('d', start + 2000, { fromPark: true })).state).toBe('mine');
      },
    );

    it('stays ended for a replay that opened it before, and for an earlier one', async () => {
      const key = await endedAs('FAILED');
      await ledger.reopen(key, 'R2', start);
      await mine('d', start + 2000, { fromPark: true });
      await ledger.finish(key, 'd', { status: 'FAILED', reason: 'again', customer: 'GB.1', at: start });

      await ledger.reopen(key, 'R2', start);
      await ledger.reopen(key, 'R1', start);
      expect(await ledger.read(key)).toMatchObject({ status: 'FAILED', reason: 'again', replay: 'R2' });

      await ledger.reopen(key, 'R3', start);
      expect(await ledger.read(key)).toMatchObject({ status: 'PARKED', replay: 'R3' });
    });

    it('because its time was over stays so', async () => {
      const key = await endedAs('EXPIRED');

      await ledger.reopen(key, 'R1', start);

      expect(await ledger.read(key)).toMatchObject({ status: 'EXPIRED' });
    });
  });

  it('opens nothing again that is on its way, delivered or unknown', async () => {
    const { key } = aClaim('a', start);
    await ledger.reopen(key, 'R1', start);
    expect(await ledger.read(key)).toBeUndefined();
    await mine('a', start);
    await ledger.reopen(key, 'R1', start);
    expect(await ledger.read(key)).toMatchObject({ status: 'INFLIGHT', owner: 'a' });
    await ledger.settle(key, 'a', { customer: 'GB.1', at: start, placeholder: false });
    await ledger.reopen(key, 'R2', start);

    expect(await ledger.read(key)).toMatchObject({ status: 'DELIVERED' });
  });

  it('still knows a delivered message when the provider repeats it after 6 d 23 h 59 m', async () => {
    const { key } = aClaim('a', start);
    await mine('a', start);
    await ledger.settle(key, 'a', { customer: 'GB.1', at: start, placeholder: false });

    expect((await claim('b', start + 7 * day - 60_000)).state).toBe('settled');
    expect((await claim('c', start + 34 * day)).state).toBe('settled');
  });

  it('treats a record past its expiry as absent, although the table still holds it', async () => {
    const { key } = aClaim('a', start);
    await mine('a', start);
    await ledger.settle(key, 'a', { customer: 'GB.1', at: start, placeholder: false });

    expect((await claim('b', start + 36 * day)).state).toBe('mine');
  });
}
