import { acceptanceOrder } from '../../../../lambdas/core/model/ledger-record.ts';
import type { ReplaySelection } from '../../../../lambdas/core/model/replay.ts';
import { lostSequence } from '../../../../lambdas/core/policy/lost-order.ts';
import { mostMessages, planReplay } from '../../../../lambdas/flows/replay/plan-replay.ts';
import { MemoryLedger } from '../../../../simulation/stores/memory-ledger.ts';
import { aChange, aLedgerRecord, aTextMessage, aWebhook } from '../../../builders.ts';
import { indexMemoryArchive, searchMemoryLedger } from '../../../fakes/memory-search.ts';
import { MemoryArchive } from '../../../fakes/outside-world.ts';

const day = 86_400_000;
const now = Date.UTC(2026, 10, 20);
const integrationId = '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10';

function aWorld() {
  const ledger = new MemoryLedger();
  const archive = new MemoryArchive();
  let count = 0;
  /** Customer by a phone that leads to it. */
  const aliases = new Map<string, string>();
  return {
    ledger,
    archive,
    aliases,
    know: (id: string, over: Parameters<typeof aLedgerRecord>[0] = {}) => {
      const record = aLedgerRecord({ key: `IN#1#${id}`, messageId: id, status: 'FAILED', ...over });
      ledger.records.set(record.key, record);
    },
    archived: (at: number, ...messages: Record<string, unknown>[]) => {
      count += 1;
      const day = new Date(at).toISOString().slice(0, 10);
      const body = JSON.stringify(aWebhook(aChange({ messages })));
      archive.objects.set(`raw/acme/${day}/${at}-${count}.json`, new TextEncoder().encode(body));
    },
    plan: (selection: ReplaySelection, forced?: string) =>
      planReplay(
        { selection, ...(forced === undefined ? {} : { forced }) },
        {
          archive,
          archiveIndex: indexMemoryArchive(archive),
          ledger: searchMemoryLedger(ledger),
          numberIds: ['1'],
          findCustomers: async (name) => [aliases.get(name) ?? name],
          terms: { hash: (text) => `h${text.length}`, numberOfIntegration: new Map([[integrationId, '1']]) },
          oldestRawAt: now - 90 * day,
          now,
          rememberedMs: 35 * day,
        },
      ),
  };
}

describe('a plan', () => {
  it('by ids says what happens to each and which are nowhere', async () => {
    const world = aWorld();
    world.know('wamid.1');
    world.know('wamid.2', { status: 'DELIVERED', genesysId: 'g-2' });
    const { chunks, unknownIds } = await world.plan({ ids: ['wamid.1', 'g-2', 'wamid.3'] });
    expect(chunks.flat().map(({ id, verdict }) => [id, verdict])).toEqual([
      ['wamid.1', 'redeliver'],
      ['wamid.2', 'already-delivered'],
    ]);
    expect(unknownIds).toEqual(['wamid.3']);
  });

  it('keeps each customer whole and in acceptance order, whatever order they are found in', async () => {
    const world = aWorld();
    for (const index of [7, 2, 5]) {
      world.know(`wamid.${index}`, { customer: 'GB.1', sequence: `0000000000000000000${index}.00000` });
      world.know(`wamid.b${index}`, { customer: 'GB.2', sequence: `0000000000000000000${index}.00000` });
    }
    const { chunks } = await world.plan({ statuses: ['FAILED'] });
    const ids = chunks.flat().map(({ id }) => id);
    expect(ids.filter((id) => !id.startsWith('wamid.b'))).toEqual(['wamid.2', 'wamid.5', 'wamid.7']);
    expect(ids.filter((id) => id.startsWith('wamid.b'))).toEqual(['wamid.b2', 'wamid.b5', 'wamid.b7']);
  });

  it('gives messages of webhooks that came in the same millisecond places of their own', async () => {
    const world = aWorld();
    world.archived(now - 60 * day, aTextMessage({ id: 'wamid.1' }), aTextMessage({ id: 'wamid.2' }));
    world.archived(now - 60 * day, aTextMessage({ id: 'wamid.3' }));
    const items = (await world.plan({ raw: true }, 'lost')).chunks.flat();
    expect(items.map(({ id }) => id)).toEqual(['wamid.1', 'wamid.2', 'wamid.3']);
    expect(new Set(items.map(({ sequence }) => sequence)).size).toBe(3);
  });

  it('puts what lost its order, or never had one, behind what was accepted no later', async () => {
    const world = aWorld();
    const know = (id: string, second: number, sequence: string) =>
      world.know(id, { customer: '441', status: 'DELIVERED', acceptedAt: now - day + second, sequence });
    world.archived(now - day, aTextMessage({ id: 'wamid.1', from: '441' }));
    world.archived(now - day + 1, aTextMessage({ id: 'wamid.2', from: '441' }));
    world.archived(now - day + 2, aTextMessage({ id: 'wamid.3', from: '441' }));
    world.archived(now - day + 3, aTextMessage({ id: 'wamid.4', from: '441' }));
    know('wamid.1', 0, acceptanceOrder('1', 0));
    know('wamid.2', 1, acceptanceOrder(lostSequence(now - day + 1, '90'), 0));
    know('wamid.3', 2, acceptanceOrder('3', 0));

    const items = (await world.plan({ raw: true, customer: '441' }, 'asked for')).chunks.flat();

    expect(items.map(({ id }) => id)).toEqual(['wamid.1', 'wamid.2', 'wamid.3', 'wamid.4']);
    const sequences = items.map(({ sequence }) => sequence);
    expect(sequences.toSorted()).toEqual(sequences);
  });

  it('from the raw archive finds what the ledger never heard of, and what it has forgotten', async () => {
    const world = aWorld();
    world.archived(now - 60 * day, aTextMessage({ id: 'wamid.old' }));
    world.archived(now - day, aTextMessage({ id: 'wamid.new' }), aTextMessage({ id: 'wamid.known' }));
    world.know('wamid.known', { status: 'DELIVERED' });
    const verdicts = async (forced?: string) =>
      (await world.plan({ raw: true }, forced)).chunks.flat().map(({ id, verdict }) => [id, verdict]);
    expect(new Map((await verdicts()) as [string, string][])).toEqual(
      new Map([
        ['wamid.old', 'needs-force'],
        ['wamid.new', 'deliver-first-time'],
        ['wamid.known', 'already-delivered'],
      ]),
    );
    expect((await verdicts('asked for')).every(([, verdict]) => verdict === 'deliver-again')).toBe(true);
  });

  it('by time takes what was accepted from the first moment to before the last', async () => {
    const world = aWorld();
    for (const [id, at] of [
      ['before', -1],
      ['first', 0],
      ['last', 999],
      ['after', 1000],
    ] as const)
      world.archived(now - day + at, aTextMessage({ id: `wamid.${id}` }));
    const { chunks } = await world.plan({ from: now - day, to: now - day + 1000 });
    expect(chunks.flat().map(({ id }) => id)).toEqual(['wamid.first', 'wamid.last']);
  });

  it('by customer finds the archived messages of a phone or a BSUID and nobody else’s', async () => {
    const world = aWorld();
    world.archived(now - day, aTextMessage({ id: 'wamid.a', from: '441', from_user_id: 'GB.1' }));
    world.archived(now - day + 1, aTextMessage({ id: 'wamid.b', from: '442' }));
    for (const customer of ['441', 'GB.1']) {
      const { chunks } = await world.plan({ raw: true, customer });
      expect(chunks.flat().map(({ id }) => id)).toEqual(['wamid.a']);
    }
  });

  it('by a phone finds the messages of a customer who is filed under a BSUID', async () => {
    const world = aWorld();
    world.aliases.set('441', 'GB.1');
    world.know('wamid.1', { customer: '441' });
    world.know('wamid.2', { customer: 'GB.1' });
    world.know('wamid.3', { customer: 'GB.2' });
    const { chunks } = await world.plan({ customer: '441' });
    expect(chunks.flat().map(({ id }) => id)).toEqual(['wamid.1', 'wamid.2']);
  });

  it('reads agents’ messages from the archive as well', async () => {
    const world = aWorld();
    const channel = { id: integrationId, to: { id: '441' } };
    const body = { id: 'g-1', channel, type: 'Text', text: 'hello', conversationId: 'c-1' };
    const at = now - day;
    world.archive.objects.set(
      `raw/acme/2026-11-19/${at}-1.json`,
      new TextEncoder().encode(JSON.stringify(body)),
    );
    const { chunks } = await world.plan({ raw: true });
    expect(chunks.flat()).toMatchObject([
      { direction: 'out', numberId: '1', key: 'OUT#1#g-1', customerKey: '441' },
    ]);
  });

  it('leaves forced copies alone: they are no messages of their own', async () => {
    const world = aWorld();
    world.know('wamid.1', { key: 'IN#1#wamid.1#FORCED#replay-1' });
    expect((await world.plan({ statuses: ['FAILED'] })).chunks).toEqual([]);
  });

  it('refuses to list by a status that has no index, and says what to give instead', async () => {
    await expect(aWorld().plan({ statuses: ['DELIVERED'] })).rejects.toThrow(
      /DELIVERED .* by ids, customer or time/,
    );
  });

  it('refuses more messages than fit into a plan', async () => {
    const world = aWorld();
    const messages = Array.from({ length: 1001 }, (_, index) => aTextMessage({ id: `wamid.${index}` }));
    for (let webhook = 0; webhook < 100; webhook += 1)
      world.archived(
        now - day + webhook,
        ...messages.map((message) => ({ ...message, id: `${message.id}.${webhook}` })),
      );
    await expect(world.plan({ raw: true })).rejects.toThrow(`more than ${mostMessages} messages`);
  });
});
