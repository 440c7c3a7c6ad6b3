import { english } from '../../../../lambdas/core/convert/phrase-sets/english.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import type { ReplayOrder } from '../../../../lambdas/core/model/replay.ts';
import { createReplayTasks } from '../../../../lambdas/flows/replay/replay-tasks.ts';
import { replayFiles } from '../../../../lambdas/flows/replay/run-replay.ts';
import { MemoryCustomers } from '../../../../simulation/stores/memory-customers.ts';
import { MemoryLedger } from '../../../../simulation/stores/memory-ledger.ts';
import { MemoryFences, MemoryPark } from '../../../../simulation/stores/memory-park.ts';
import { aChange, aLedgerRecord, aTextMessage, aWebhook } from '../../../builders.ts';
import { indexMemoryArchive, searchMemoryLedger } from '../../../fakes/memory-search.ts';
import { HandClock, MemoryArchive, MemoryQueue, RecordingTelemetry } from '../../../fakes/outside-world.ts';

const number = 'replay-1';
const at = Date.UTC(2026, 10, 19);
const rawKey = `raw/acme/2026-11-19/${at}-a.json`;
const integrationId = '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10';

function aWorld() {
  const archive = new MemoryArchive();
  const ledger = new MemoryLedger();
  const customers = new MemoryCustomers();
  const telemetry = new RecordingTelemetry();
  const clock = new HandClock();
  const park = new MemoryPark();
  const started: unknown[] = [];
  const tasks = createReplayTasks({
    tenant: 'acme',
    clock,
    telemetry,
    numbers: new Map([['1', { integrationId }]]),
    pseudonyms: { openGroupIds: async () => (_number, key) => key, hash: (text) => text },
    hash: (text) => text,
    archive,
    archiveIndex: indexMemoryArchive(archive),
    archiveDays: 90,
    rememberDays: 35,
    search: searchMemoryLedger(ledger),
    ledger,
    directory: customers,
    fences: new MemoryFences(customers),
    park,
    runs: { start: async (order) => void started.push(order) },
    queues: { in: new MemoryQueue(), out: new MemoryQueue() },
    media: {
      save: () => Promise.reject(new Error('none')),
      find: async () => undefined,
      mintUrl: async (key) => `https://store/${key}`,
    },
    links: { mint: async (_number, key) => `https://bridge/media/${key}` },
    phrases: english,
    templates: {},
    toDeskCalls: (integration, message) => [
      { method: 'POST', url: `https://desk/${integration}`, body: message },
    ],
    sendUrl: (numberId) => `https://graph/${numberId}/messages`,
  });
  const put = (key: string, value: unknown) =>
    archive.objects.set(key, new TextEncoder().encode(JSON.stringify(value)));
  return {
    archive,
    customers,
    ledger,
    park,
    started,
    telemetry,
    put,
    read: (key: string) => JSON.parse(new TextDecoder().decode(archive.objects.get(key))),
    order: (over: Partial<ReplayOrder>) => {
      const order = { number, at: clock.now(), dryRun: false, operator: 'ada', selection: { raw: true } };
      put(replayFiles.order(number), { ...order, ...over });
    },
    run: async () => {
      const plan = await tasks({ task: 'plan', number });
      if (!('chunks' in plan)) throw new Error('not a plan');
      for (const chunk of plan.chunks) await tasks(chunk);
      return { plan, summary: await tasks({ task: 'summary', number }) };
    },
    tasks,
  };
}

const failed = (id: string) => aLedgerRecord({ key: `IN#1#${id}`, messageId: id, status: 'FAILED', rawKey });

describe('the tasks of a replay', () => {
  it('hand nothing to each other that names a person', async () => {
    const world = aWorld();
    world.put(rawKey, aWebhook(aChange({ messages: [aTextMessage({ from: '447700900999' })] })));
    world.ledger.records.set('IN#1#wamid.1', failed('wamid.1'));
    world.order({ selection: { customer: '447700900999', raw: true } });
    const { plan, summary } = await world.run();
    expect(JSON.stringify([plan, summary])).not.toContain('447700900999');
    expect(summary).toMatchObject({ messages: 1, byVerdict: { redeliver: 1 }, byOutcome: { parked: 1 } });
    expect(JSON.stringify(world.telemetry.events)).not.toMatch(/447700900999|"ada"/);
  });

  it('in a dry run say the exact request, change nothing and start nothing', async () => {
    const world = aWorld();
    const text = { body: 'where is my order?' };
    world.put(rawKey, aWebhook(aChange({ messages: [aTextMessage({ text })] })));
    world.ledger.records.set('IN#1#wamid.1', failed('wamid.1'));
    world.order({ dryRun: true });
    await world.run();
    expect(world.read(replayFiles.done(number, 0)).calls).toMatchObject([
      { id: 'wamid.1', method: 'POST', url: `https://desk/${integrationId}`, body: { text: text.body } },
    ]);
    expect(world.park.places.size).toBe(0);
    expect(world.started).toEqual([]);
    expect(world.ledger.records.get('IN#1#wamid.1')?.status).toBe('FAILED');
  });

  it.each(['in', 'out'])('in a dry run file no customer that is not known, %s', async (direction) => {
    const world = aWorld();
    const channel = { id: integrationId, to: { id: '447700900999' } };
    const reply = { id: 'g-1', channel, type: 'Text', text: 'hello' };
    const webhook = aWebhook(aChange({ messages: [aTextMessage({ from: '447700900999' })] }));
    world.put(rawKey, direction === 'in' ? webhook : reply);
    world.order({ dryRun: true, selection: { raw: true, customer: '447700900999' } });

    await world.run();

    expect(world.read(replayFiles.done(number, 0)).calls).toHaveLength(1);
    expect([...world.customers.aliases, ...world.customers.profiles]).toEqual([]);
  });

  it('in a dry run say which messages are in the archive no more, and go on with the others', async () => {
    const world = aWorld();
    world.ledger.records.set('IN#1#wamid.1', failed('wamid.1'));
    world.order({ dryRun: true, selection: { ids: ['wamid.1'] } });
    const { summary } = await world.run();
    expect(world.read(replayFiles.done(number, 0))).toMatchObject({
      results: [{ id: 'wamid.1', outcome: 'left-alone', reason: 'not-in-archive' }],
      calls: [],
    });
    expect(summary).toMatchObject({ chunksFailed: 0 });
  });

  it('in a dry run by force show the id under which the copy goes', async () => {
    const world = aWorld();
    world.put(rawKey, aWebhook(aChange({ messages: [aTextMessage()] })));
    world.order({ dryRun: true, forced: 'asked for' });
    await world.run();
    expect(world.read(replayFiles.done(number, 0)).calls).toMatchObject([
      { body: { messageId: `wamid.1.${number}` } },
    ]);
  });

  it('in a dry run show what would go to a customer, and that the window is closed', async () => {
    const world = aWorld();
    const channel = { id: integrationId, to: { id: '441234567' } };
    world.put(rawKey, { id: 'g-1', channel, type: 'Text', text: 'hello' });
    world.order({ dryRun: true });
    await world.run();
    expect(world.read(replayFiles.done(number, 0)).calls).toMatchObject([
      {
        id: 'g-1',
        url: 'https://graph/1/messages',
        body: { to: '441234567', text: { body: 'hello' }, biz_opaque_callback_data: 'g-1.0' },
        note: expect.stringContaining('window is closed'),
      },
    ]);
  });

  it('in a dry run say that media which is not stored yet is fetched first', async () => {
    const world = aWorld();
    const image = { id: 'media-1', mime_type: 'image/jpeg', sha256: '' };
    world.put(
      rawKey,
      aWebhook(aChange({ messages: [aTextMessage({ type: 'image', image, text: undefined })] })),
    );
    world.order({ dryRun: true });
    await world.run();
    expect(world.read(replayFiles.done(number, 0)).calls).toMatchObject([
      { note: expect.stringContaining('fetched') },
    ]);
  });

  it('refuse an order that cannot be looked up, by a name the state machine knows', async () => {
    const world = aWorld();
    world.order({ selection: { statuses: ['DELIVERED'] } });
    await expect(world.tasks({ task: 'plan', number })).rejects.toMatchObject({ name: 'ReplayRefused' });
  });

  it('let trouble of the store through, to be tried again', async () => {
    const world = aWorld();
    await expect(world.tasks({ task: 'plan', number })).rejects.toBeInstanceOf(BridgeError);
  });

  it('count a chunk that left no results as given up', async () => {
    const world = aWorld();
    world.put(rawKey, aWebhook(aChange({ messages: [aTextMessage()] })));
    world.order({});
    await world.tasks({ task: 'plan', number });
    expect(await world.tasks({ task: 'summary', number })).toMatchObject({ chunksFailed: 1 });
    expect(world.telemetry.counters.ReplayFailures).toBe(1);
  });

  it('tell trouble of the store from results that are not there', async () => {
    const world = aWorld();
    world.put(rawKey, aWebhook(aChange({ messages: [aTextMessage()] })));
    world.order({});
    await world.tasks({ task: 'plan', number });
    const get = world.archive.get.bind(world.archive);
    world.archive.get = async (key) => {
      if (key === replayFiles.done(number, 0)) throw new BridgeError('store-unavailable', 'slow down');
      return get(key);
    };
    await expect(world.tasks({ task: 'summary', number })).rejects.toThrow('slow down');
  });
});
