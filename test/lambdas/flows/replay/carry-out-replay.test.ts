import { BridgeError } from '../../../../lambdas/core/errors.ts';
import { isClaimCheck, parseQueueBody } from '../../../../lambdas/core/model/envelope.ts';
import type { ReplayItem } from '../../../../lambdas/core/model/replay.ts';
import type { FencePlace, RunOrder } from '../../../../lambdas/core/redelivery-ports.ts';
import { carryOutReplay } from '../../../../lambdas/flows/replay/carry-out-replay.ts';
import { MemoryCustomers } from '../../../../simulation/stores/memory-customers.ts';
import { MemoryFences, MemoryPark } from '../../../../simulation/stores/memory-park.ts';
import { aChange, aTextMessage, aWebhook } from '../../../builders.ts';
import { HandClock, MemoryArchive, MemoryQueue, RecordingTelemetry } from '../../../fakes/outside-world.ts';

const at = Date.UTC(2026, 10, 19);
const number = 'replay-20261120T120000000Z-abc123';
const place = (customerId: string): FencePlace => ({ direction: 'in', numberId: '1', customerId });

function aWorld() {
  const archive = new MemoryArchive();
  const customers = new MemoryCustomers();
  const started: RunOrder[] = [];
  const queues = { in: new MemoryQueue(), out: new MemoryQueue() };
  const clock = new HandClock();
  const telemetry = new RecordingTelemetry();
  const ports = {
    archive,
    terms: { hash: (text: string) => text, numberOfIntegration: new Map<string, string>() },
    fences: new MemoryFences(customers),
    park: new MemoryPark(),
    runs: { start: async (order: RunOrder) => void started.push(order) },
    findCustomer: async (raw: { customerKey: string }) => `root-of-${raw.customerKey}`,
    queues,
    pseudonyms: {
      openGroupIds: async () => (numberId: string, key: string) => `group-${numberId}-${key}`,
      hash: (text: string) => text,
    },
    clock,
    telemetry,
  };
  return {
    ...ports,
    started,
    archived: (rawKey: string, ...ids: string[]) => {
      const messages = ids.map((id) => aTextMessage({ id, from: '441', text: { body: `text of ${id}` } }));
      const body = JSON.stringify(aWebhook(aChange({ messages })));
      archive.objects.set(rawKey, new TextEncoder().encode(body));
    },
    carryOut: (items: ReplayItem[], forced?: string) =>
      carryOutReplay(items, { number, ...(forced === undefined ? {} : { forced }) }, ports),
    parked: () => ports.park.list(place('root-of-441'), 100),
  };
}

const rawKey = `raw/acme/2026-11-19/${at}-a.json`;

function anItem(id: string, over: Partial<ReplayItem> = {}): ReplayItem {
  return {
    direction: 'in',
    numberId: '1',
    id,
    key: `IN#1#${id}`,
    rawKey,
    acceptedAt: at,
    customerKey: '441',
    sequence: '00000000000000000007.00000',
    status: 'FAILED',
    verdict: 'redeliver',
    ...over,
  };
}

describe('carrying out a replay', () => {
  it('parks what ended undelivered under its old order and the replay’s number, then closes the fence and starts a run', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.1', 'wamid.2');
    const later = { sequence: '00000000000000000008.00000' };
    const results = await world.carryOut([anItem('wamid.1'), anItem('wamid.2', later)]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['parked', 'parked']);
    const parked = await world.parked();
    expect(parked).toMatchObject([
      { key: 'IN#1#wamid.1', replay: number, sequence: '00000000000000000007.00000', reason: 'replay' },
      { key: 'IN#1#wamid.2', replay: number, sequence: '00000000000000000008.00000' },
    ]);
    expect(JSON.parse(parked[0]?.body ?? '')).toMatchObject({ replay: { number }, numberId: '1', rawKey });
    expect((await world.fences.read(place('root-of-441'))).state).toBe('parked');
    expect(world.started).toEqual([{ ...place('root-of-441'), run: 1, delaySeconds: 0 }]);
    expect(world.queues.in.messages).toEqual([]);
  });

  it('has a closed fence’s run begin anew at once instead of closing it again', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.1');
    const open = await world.fences.read(place('root-of-441'));
    await world.fences.close(place('root-of-441'), open, world.clock.now() + 3_600_000);
    await world.carryOut([anItem('wamid.1', { verdict: 'hurry', status: 'PARKED' })]);
    expect(world.started).toMatchObject([{ run: 2, delaySeconds: 0 }]);
  });

  it('leaves what waits in the park as it is, and puts back under its old order what is not there any more', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.1', 'wamid.2');
    const there = { key: 'IN#1#wamid.2', sequence: '00000000000000000008.00000', replay: '', body: '{}' };
    const since = { acceptedAt: 1, parkedAt: 2, reason: 'circuit', attempts: 3 };
    await world.park.put({ ...place('root-of-441'), ...there, ...since });
    const hurried = { verdict: 'hurry', status: 'PARKED' } as const;

    const results = await world.carryOut([
      anItem('wamid.1', hurried),
      anItem('wamid.2', { ...hurried, sequence: there.sequence }),
    ]);

    expect(results.map(({ outcome }) => outcome)).toEqual(['hurried', 'hurried']);
    const [lost, kept] = await world.parked();
    expect(lost).toMatchObject({
      key: 'IN#1#wamid.1',
      replay: '',
      sequence: '00000000000000000007.00000',
      reason: 'hurried',
    });
    expect(JSON.parse(lost?.body ?? '')).not.toHaveProperty('replay');
    expect(kept).toMatchObject({ ...there, ...since });
    expect((await world.fences.read(place('root-of-441'))).state).toBe('parked');
  });

  it('delivers by force as a copy with its own record and the operator’s reason', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.1');
    const item = anItem('wamid.1', { verdict: 'deliver-again', status: 'DELIVERED' });
    await world.carryOut([item], 'the customer asked');
    const [parked] = await world.parked();
    expect(parked?.key).toBe(`IN#1#wamid.1#FORCED#${number}`);
    expect(JSON.parse(parked?.body ?? '').replay).toEqual({ number, forced: 'the customer asked' });
  });

  it('sends what was never heard of through the queue in one message, with an id the queue has not seen', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.1', 'wamid.2');
    const { status: _none, ...unheard } = anItem('wamid.1', { verdict: 'deliver-first-time' });
    await world.carryOut([unheard, { ...unheard, id: 'wamid.2', key: 'IN#1#wamid.2' }]);
    const [message, ...others] = world.queues.in.messages;
    expect(others).toEqual([]);
    expect(message?.groupId).toBe('group-1-441');
    expect(message?.deduplicationId).toContain(number);
    const envelope = parseQueueBody(message?.body ?? '');
    expect(isClaimCheck(envelope) ? [] : envelope.items.map(({ id }) => id)).toEqual(['wamid.1', 'wamid.2']);
    expect(envelope).toMatchObject({ replay: { number }, receivedAt: at });
    expect(world.started).toEqual([]);
  });

  it('leaves alone what is delivered, on its way, erased or needs force', async () => {
    const world = aWorld();
    const verdicts = ['already-delivered', 'on-its-way', 'erased', 'needs-force'] as const;
    const results = await world.carryOut(verdicts.map((verdict) => anItem(`wamid.${verdict}`, { verdict })));
    expect(new Set(results.map(({ outcome }) => outcome))).toEqual(new Set(['left-alone']));
    expect(world.started).toEqual([]);
  });

  it('says when a message is not in the archive any more, and does the others', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.2');
    const results = await world.carryOut([anItem('wamid.1'), anItem('wamid.2')]);
    expect(results).toMatchObject([{ outcome: 'failed', reason: 'not-in-archive' }, { outcome: 'parked' }]);
  });

  it('does the others when the webhook of one was never archived, or it came in none', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.2');
    const lost = anItem('wamid.1', { rawKey: 'raw/acme/lost.json' });
    const results = await world.carryOut([lost, anItem('closing-1', { rawKey: '' }), anItem('wamid.2')]);
    expect(results).toMatchObject([
      { outcome: 'failed', reason: 'not-in-archive' },
      { outcome: 'failed', reason: 'not-in-archive' },
      { outcome: 'parked' },
    ]);
    expect(world.started).toMatchObject([{ run: 1 }]);
  });

  it('stops at the first that the store refuses, but drains what was parked before it', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.1', 'wamid.2', 'wamid.3');
    const put = world.park.put.bind(world.park);
    world.park.put = async (item) => {
      if (item.key.endsWith('wamid.2'))
        throw new BridgeError('store-unavailable', 'no', { code: 'Throttled' });
      return put(item);
    };
    const orders = ['7', '8', '9'].map((digit) => `0000000000000000000${digit}.00000`);
    const items = orders.map((sequence, index) => anItem(`wamid.${index + 1}`, { sequence }));
    expect(await world.carryOut(items)).toMatchObject([
      { outcome: 'parked' },
      { outcome: 'failed', reason: 'Throttled' },
      { outcome: 'failed', reason: 'Throttled' },
    ]);
    expect(await world.parked()).toHaveLength(1);
    expect(world.started).toMatchObject([{ run: 1 }]);
    expect(world.telemetry.problems.map(({ name }) => name)).toEqual(['replay.customer-failed']);
  });

  it('says what did not get into the queue, and of the rest what became of it', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.1', 'wamid.2');
    world.queues.in.send = () => Promise.reject(new BridgeError('store-unavailable', 'no'));
    const { status: _none, ...unheard } = anItem('wamid.2', { verdict: 'deliver-first-time' });
    expect(await world.carryOut([anItem('wamid.1'), unheard])).toMatchObject([
      { outcome: 'parked' },
      { outcome: 'failed', reason: 'store-unavailable' },
    ]);
  });

  it('says of all of a customer that they failed when the fence cannot be closed', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.1');
    world.fences.read = () => Promise.reject(new BridgeError('store-unavailable', 'no'));
    expect(await world.carryOut([anItem('wamid.1')])).toMatchObject([{ outcome: 'failed' }]);
  });

  it('does the other customers when one cannot be done, and says so', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.1', 'wamid.2');
    const { findCustomer } = world;
    const ports = {
      ...world,
      findCustomer: async (raw: { customerKey: string; key: string }) => {
        if (raw.key.endsWith('wamid.1'))
          throw new BridgeError('store-unavailable', 'no', { code: 'Throttled' });
        return findCustomer(raw);
      },
    };
    const items = [anItem('wamid.1', { customerKey: 'GB.1' }), anItem('wamid.2')];
    expect(await carryOutReplay(items, { number }, ports)).toMatchObject([
      { outcome: 'failed', reason: 'Throttled' },
      { outcome: 'parked' },
    ]);
    expect(world.telemetry.problems.map(({ name }) => name)).toEqual(['replay.customer-failed']);
  });

  it('lets a bug through', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.1');
    const ports = { ...world, findCustomer: () => Promise.reject(new TypeError('a bug')) };
    await expect(carryOutReplay([anItem('wamid.1')], { number }, ports)).rejects.toThrow('a bug');
  });

  it('may be carried out twice without a second park item or an earlier run', async () => {
    const world = aWorld();
    world.archived(rawKey, 'wamid.1');
    await world.carryOut([anItem('wamid.1')]);
    await world.carryOut([anItem('wamid.1')]);
    expect(await world.parked()).toHaveLength(1);
    expect(world.started.map(({ run }) => run)).toEqual([1, 2]);
  });

  it('keeps a body that is too large for a park item in the archive', async () => {
    const world = aWorld();
    const messages = [aTextMessage({ id: 'wamid.1', from: '441', text: { body: 'x'.repeat(310_000) } })];
    world.archive.objects.set(
      rawKey,
      new TextEncoder().encode(JSON.stringify(aWebhook(aChange({ messages })))),
    );
    await world.carryOut([anItem('wamid.1')]);
    const [parked] = await world.parked();
    const check = parseQueueBody(parked?.body ?? '');
    if (!isClaimCheck(check)) throw new Error('not a claim check');
    const kept = new TextDecoder().decode(world.archive.objects.get(check.claimCheck));
    expect(parseQueueBody(kept)).toMatchObject({ items: [{ id: 'wamid.1' }] });
  });

  it('keeps large bodies of different messages apart, even when they have the same order', async () => {
    const world = aWorld();
    for (const [id, from] of [
      ['wamid.1', '441'],
      ['wamid.2', '442'],
    ] as const) {
      const messages = [aTextMessage({ id, from, text: { body: 'x'.repeat(310_000) } })];
      const bytes = new TextEncoder().encode(JSON.stringify(aWebhook(aChange({ messages }))));
      world.archive.objects.set(`raw/acme/2026-11-19/${at}-${from}.json`, bytes);
    }
    const items = ['441', '442'].map((customerKey, index) => {
      const from = { customerKey, rawKey: `raw/acme/2026-11-19/${at}-${customerKey}.json` };
      return anItem(`wamid.${index + 1}`, from);
    });
    await world.carryOut(items);
    const claims = [...world.archive.objects].filter(([key]) => key.startsWith('claims/'));
    const ids = claims.map(([, bytes]) => {
      const envelope = parseQueueBody(new TextDecoder().decode(bytes));
      return isClaimCheck(envelope) ? [] : envelope.items.map(({ id }) => id);
    });
    expect(ids).toEqual([['wamid.1'], ['wamid.2']]);
  });
});
