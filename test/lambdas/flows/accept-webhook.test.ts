import fc from 'fast-check';
import { BridgeError } from '../../../lambdas/core/errors.ts';
import type { InboundEnvelope } from '../../../lambdas/core/model/envelope.ts';
import { isClaimCheck, parseQueueBody } from '../../../lambdas/core/model/envelope.ts';
import { acceptMetaWebhook } from '../../../lambdas/flows/accept-webhook.ts';
import { largestWebhookBytes } from '../../../lambdas/flows/screen-webhook.ts';
import {
  CountingRandomness,
  HandClock,
  MemoryArchive,
  MemoryQueue,
  RecordingTelemetry,
} from '../../fakes/outside-world.ts';

const webhookHash = 'a'.repeat(32);

function aWorld(maxBodyBytes?: number) {
  return {
    tenant: 'acme',
    clock: new HandClock(Date.UTC(2026, 10, 20, 12)),
    randomness: new CountingRandomness(),
    verifier: { verify: async () => ({ webhookHash }) } as { verify(): Promise<{ webhookHash: string }> },
    pseudonyms: {
      openGroupIds: async () => (numberId: string, customerKey: string) => `group-${numberId}-${customerKey}`,
      hash: (text: string) => `hash(${text})`,
    },
    archive: new MemoryArchive(),
    queue: new MemoryQueue(maxBodyBytes),
    receipts: new MemoryQueue(maxBodyBytes),
    telemetry: new RecordingTelemetry(),
  };
}

type World = ReturnType<typeof aWorld>;

const aMessage = (id: string, from: string, body = 'hello') => ({
  id,
  from,
  type: 'text',
  timestamp: '1',
  text: { body },
});

const aWebhook = (messages: unknown[], numberId = '1') => ({
  object: 'whatsapp_business_account',
  entry: [
    {
      id: 'waba',
      changes: [{ field: 'messages', value: { metadata: { phone_number_id: numberId }, messages } }],
    },
  ],
});

function accept(world: World, body: unknown, over: { contentType?: string | undefined; raw?: string } = {}) {
  const bytes = Buffer.from(over.raw ?? JSON.stringify(body));
  const contentType = 'contentType' in over ? over.contentType : 'application/json';
  return acceptMetaWebhook({ bytes, contentType, signature: 'sha256=x', correlationId: 'corr-1' }, world);
}

const envelopesOf = (world: World): InboundEnvelope[] =>
  world.queue.messages.map(({ body }) => {
    const parsed = parseQueueBody(body);
    if (isClaimCheck(parsed)) throw new Error('unexpected claim check');
    return parsed;
  });

describe('a webhook at the door', () => {
  it('is archived as it came and queued once per customer, then acknowledged', async () => {
    const world = aWorld();
    const body = aWebhook([aMessage('w1', '441'), aMessage('w2', '442'), aMessage('w3', '441')]);

    expect(await accept(world, body)).toBe(200);

    const rawKey = `raw/acme/2026-11-20/${world.clock.now()}-${webhookHash}.json`;
    expect([...world.archive.objects.keys()]).toEqual([rawKey]);
    expect(Buffer.from(world.archive.objects.get(rawKey) ?? []).toString()).toBe(JSON.stringify(body));
    expect(world.queue.batches).toHaveLength(1);
    expect(world.queue.messages.map(({ groupId }) => groupId)).toEqual(['group-1-441', 'group-1-442']);
    expect(envelopesOf(world)).toEqual([
      expect.objectContaining({
        numberId: '1',
        rawKey,
        correlationId: 'corr-1',
        receivedAt: world.clock.now(),
      }),
      expect.anything(),
    ]);
    expect(envelopesOf(world).map(({ items }) => items.map(({ id }) => id))).toEqual([['w1', 'w3'], ['w2']]);
    expect(world.telemetry.counters).toEqual({ WebhooksAccepted: 1, MessagesAccepted: 3 });
  });

  it('gets the same deduplication id when it comes again, and another one for other messages', async () => {
    const [first, second, other] = [aWorld(), aWorld(), aWorld()];
    await accept(first, aWebhook([aMessage('w1', '441')]));
    second.clock.at += 60_000;
    await accept(second, aWebhook([aMessage('w1', '441')]));
    await accept(other, aWebhook([aMessage('w2', '441')]));

    expect(second.queue.messages[0]?.deduplicationId).toBe(first.queue.messages[0]?.deduplicationId);
    expect(other.queue.messages[0]?.deduplicationId).not.toBe(first.queue.messages[0]?.deduplicationId);
  });

  it.each<[string, number, (world: World) => Promise<number>]>([
    ['too large', 413, (world) => accept(world, '', { raw: ' '.repeat(largestWebhookBytes + 1) })],
    [
      'form-urlencoded',
      415,
      (world) => accept(world, {}, { contentType: 'application/x-www-form-urlencoded' }),
    ],
    ['almost JSON', 415, (world) => accept(world, {}, { contentType: 'application/jsonx' })],
  ])('that is %s is refused with %i and leaves nothing behind', async (_name, status, send) => {
    const world = aWorld();

    expect(await send(world)).toBe(status);

    expect(world.archive.objects.size + world.queue.messages.length).toBe(0);
    expect(world.telemetry.counters).toEqual({ WebhooksRefused: 1 });
  });

  it.each([['application/json; charset=utf-8'], ['APPLICATION/JSON'], [undefined]])(
    'is taken as JSON with content type %s',
    async (contentType) => {
      expect(await accept(aWorld(), aWebhook([]), { contentType })).toBe(200);
    },
  );

  it.each<[string, 401 | 503]>([
    ['signature-invalid', 401],
    ['secret-unavailable', 503],
  ])('with %s is refused with %i before anything is stored', async (kind, status) => {
    const world = aWorld();
    world.verifier.verify = () => Promise.reject(new BridgeError(kind as 'signature-invalid', kind));

    expect(await accept(world, aWebhook([aMessage('w1', '441')]))).toBe(status);

    expect(world.archive.objects.size + world.queue.messages.length).toBe(0);
  });

  it('passes on what is not a failure it knows', async () => {
    const world = aWorld();
    world.verifier.verify = () => Promise.reject(new TypeError('bug'));
    await expect(accept(world, {})).rejects.toThrow('bug');

    const other = aWorld();
    other.queue.send = () => Promise.reject(new TypeError('bug'));
    await expect(accept(other, aWebhook([aMessage('w1', '441')]))).rejects.toThrow('bug');
  });

  it.each([
    ['not json'],
    ['{}'],
    ['[]'],
    ['null'],
    ['"x"'],
    ['{"entry":null}'],
    ['{"entry":[null,{"changes":[{"field":"messages"}]}]}'],
    [''],
  ])('that says %s is archived, counted and acknowledged', async (raw) => {
    const world = aWorld();

    expect(await accept(world, '', { raw })).toBe(200);

    expect(world.archive.objects.size).toBe(1);
    expect(world.queue.messages).toEqual([]);
    expect(world.telemetry.counters.MalformedParts).toBeGreaterThan(0);
  });

  it('is accepted without its archive copy, and the lack is counted', async () => {
    const world = aWorld();
    world.archive.broken.push('raw/');

    expect(await accept(world, aWebhook([aMessage('w1', '441')]))).toBe(200);

    expect(world.queue.messages).toHaveLength(1);
    expect(world.telemetry.counters).toMatchObject({ ArchiveFailures: 1 });
  });

  it('is deferred when the queue refuses it, so that Meta sends it again', async () => {
    const world = aWorld();
    world.queue.failFrom = 0;

    expect(await accept(world, aWebhook([aMessage('w1', '441')]))).toBe(503);

    expect(world.telemetry.counters.WebhooksAccepted).toBeUndefined();
  });

  it('costs one archive put and one queue call for up to ten customers', async () => {
    const world = aWorld();

    await accept(
      world,
      aWebhook(Array.from({ length: 10 }, (_, index) => aMessage(`w${index}`, `44${index}`))),
    );

    expect(world.archive.objects.size).toBe(1);
    expect(world.queue.batches).toHaveLength(1);
  });

  it('sends the parts of one customer one after the other and never two of them in one call', async () => {
    const world = aWorld(5000);
    const long = (id: string, from: string) => aMessage(id, from, 'x'.repeat(1500));

    await accept(
      world,
      aWebhook([...'abcdef'].flatMap((id) => [long(`${id}1`, '441'), long(`${id}2`, '442')])),
    );

    for (const batch of world.queue.batches) {
      expect(new Set(batch.map(({ groupId }) => groupId)).size).toBe(batch.length);
      expect(batch.reduce((bytes, { body }) => bytes + body.length, 0)).toBeLessThanOrEqual(5000);
    }
    const order = envelopesOf(world).flatMap(({ items }) => items.map(({ id }) => id));
    expect(order.filter((id) => id.endsWith('1'))).toEqual(['a1', 'b1', 'c1', 'd1', 'e1', 'f1']);
    expect(order.filter((id) => id.endsWith('2'))).toEqual(['a2', 'b2', 'c2', 'd2', 'e2', 'f2']);
  });

  it('stops at the first part that was refused: a later part must not overtake it', async () => {
    const world = aWorld(5000);
    world.queue.failFrom = 1;
    const parts = [...'abcdef'].map((id) => aMessage(id, '441', 'x'.repeat(1500)));

    expect(await accept(world, aWebhook(parts))).toBe(503);

    expect(envelopesOf(world).flatMap(({ items }) => items.map(({ id }) => id))).toEqual(['a', 'b']);
  });

  it('leaves a message too large for the queue in the archive and queues a claim check for it', async () => {
    const world = aWorld(5000);

    expect(await accept(world, aWebhook([aMessage('w1', '441', 'x'.repeat(6000))]))).toBe(200);

    const check = parseQueueBody(world.queue.messages[0]?.body ?? '');
    if (!isClaimCheck(check)) throw new Error('expected a claim check');
    const stored = parseQueueBody(Buffer.from(world.archive.objects.get(check.claimCheck) ?? []).toString());
    expect(isClaimCheck(stored) ? [] : stored.items.map(({ id }) => id)).toEqual(['w1']);
  });

  it('is deferred when a claim check cannot be stored', async () => {
    const world = aWorld(5000);
    world.archive.broken.push('claims/');

    expect(await accept(world, aWebhook([aMessage('w1', '441', 'x'.repeat(6000))]))).toBe(503);

    expect(world.queue.messages).toEqual([]);
  });

  it('with a message that cannot be written as JSON again still delivers the others, and shows the odd one as unreadable', async () => {
    const world = aWorld();
    const nested = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const raw = JSON.stringify(
      aWebhook([
        aMessage('w1', '441'),
        'POISON',
        { id: 'w3', from: '441', type: 'x', deep: 'DEEP' },
        aMessage('w4', '441'),
      ]),
    )
      .replace('"POISON"', `{"from":"441","deep":${nested}}`)
      .replace('"DEEP"', nested);

    expect(await accept(world, '', { raw })).toBe(200);

    const items = envelopesOf(world).flatMap((envelope) => envelope.items);
    expect(items.map(({ id }) => id)).toEqual(['w1', 'random.id-1', 'w3', 'w4']);
    expect(items[1]?.message).toEqual({ type: 'unreadable' });
    expect(items[2]?.message).toEqual({ type: 'unreadable' });
  });

  it('gives a message without an id the same id every time it comes', async () => {
    const [first, second] = [aWorld(), aWorld()];
    const { id: _id, ...message } = aMessage('', '441');
    await accept(first, aWebhook([message]));
    await accept(second, aWebhook([message]));

    expect(envelopesOf(first)[0]?.items[0]?.id).toMatch(/^hash\./);
    expect(envelopesOf(second)[0]?.items[0]?.id).toBe(envelopesOf(first)[0]?.items[0]?.id);
  });

  it('keeps every character of every text, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
        const world = aWorld();
        await accept(world, aWebhook([aMessage('w1', '441', `${text}\ud800\uffff\u0000`)]));
        expect(world.queue.messages[0]?.body).toMatch(/^[\x20-\x7e]*$/);
        expect(envelopesOf(world)[0]?.items[0]?.message).toMatchObject({
          text: { body: `${text}\ud800\uffff\u0000` },
        });
      }),
      { numRuns: 200 },
    );
  });

  it('brings every message out exactly once and in each customer’s order, however they are mixed', async () => {
    const anyMessages = fc.array(fc.record({ from: fc.constantFrom('1', '2', '3'), size: fc.nat(3000) }), {
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(anyMessages, async (specs) => {
        const world = aWorld(5000);
        await accept(
          world,
          aWebhook(specs.map(({ from, size }, index) => aMessage(`w${index}`, from, 'x'.repeat(size)))),
        );
        for (const person of ['1', '2', '3']) {
          const expected = specs.flatMap(({ from }, index) => (from === person ? [`w${index}`] : []));
          const got = envelopesOf(world).flatMap(({ items }) =>
            items.filter(({ phone }) => phone === person).map(({ id }) => id),
          );
          expect(got).toEqual(expected);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('changes of other fields', () => {
  const change = (field: string, value: unknown) => ({ field, value });
  const aBatch = (...changes: unknown[]) => ({ entry: [{ id: '300400', changes }] });

  it('are told to operators with codes and ids, counted by field, and queued nowhere', async () => {
    const world = aWorld();

    await accept(
      world,
      aBatch(
        change('account_update', { event: 'ACCOUNT_RESTRICTION', phone_number: '442071230000' }),
        change('history', { history: [{ threads: [] }] }),
        change('account_update', { event: 'PARTNER_ADDED' }),
      ),
    );

    expect(world.queue.messages).toEqual([]);
    expect(world.telemetry.counters).toEqual({
      WebhooksAccepted: 1,
      OtherChangesArchived: 3,
      'OtherChanges.account_update': 2,
      'OtherChanges.history': 1,
      OperatorEvents: 2,
      OperatorEventsSevere: 1,
    });
    const told = world.telemetry.events.filter(({ name }) => name === 'operator.event');
    expect(told.map(({ fields }) => fields)).toEqual([
      {
        field: 'account_update',
        code: 'ACCOUNT_RESTRICTION',
        severe: true,
        account: '300400',
        rawKey: [...world.archive.objects.keys()][0],
        correlationId: 'corr-1',
      },
      expect.objectContaining({ code: 'PARTNER_ADDED', severe: false }),
    ]);
  });

  it('of a flood are counted all and told fifty times', async () => {
    const world = aWorld();

    await accept(
      world,
      aBatch(...Array.from({ length: 80 }, () => change('security', { event: 'PIN_CHANGED' }))),
    );

    expect(world.telemetry.counters.OperatorEventsSevere).toBe(80);
    expect(world.telemetry.events.filter(({ name }) => name === 'operator.event')).toHaveLength(50);
  });
});

describe('statuses of what was sent', () => {
  const status = (over: object) => ({ id: 'wamid.out', timestamp: '1', recipient_id: '441', ...over });
  const aBatch = (statuses: unknown[], messages?: unknown[]) => ({
    entry: [
      {
        id: '300400',
        changes: [
          {
            field: 'messages',
            value: { metadata: { phone_number_id: '1' }, statuses, ...(messages && { messages }) },
          },
        ],
      },
    ],
  });
  const received = (world: World) =>
    world.receipts.messages.map(({ groupId, body }) => {
      const { items } = JSON.parse(body) as InboundEnvelope;
      return [groupId, items.map(({ id }) => id)];
    });

  it('go to the queue of receipts in one call, in order by customer, and never to the agent’s queue', async () => {
    const world = aWorld();

    await accept(
      world,
      aBatch([
        status({ status: 'sent' }),
        status({ id: 'wamid.other', status: 'read', recipient_user_id: 'GB.1', recipient_id: undefined }),
        status({ status: 'delivered' }),
      ]),
    );

    expect(world.queue.batches).toEqual([]);
    expect(world.receipts.batches).toHaveLength(1);
    expect(received(world)).toEqual([
      ['group-1-441', ['wamid.out.sent', 'wamid.out.delivered']],
      ['group-1-GB.1', ['wamid.other.read']],
    ]);
    const parsed = parseQueueBody(world.receipts.messages[0]?.body ?? '');
    expect(isClaimCheck(parsed) ? parsed : parsed.items[0]).toEqual({
      id: 'wamid.out.sent',
      kind: 'status',
      phone: '441',
      message: status({ status: 'sent' }),
    });
    expect(world.telemetry.counters).toEqual({ WebhooksAccepted: 1, StatusesArchived: 3 });
  });

  it('that come again are the same to the queue, and those without ids are kept too', async () => {
    const [first, again] = [aWorld(), aWorld()];
    const odd = aBatch([status({ status: 'sent' }), { status: 'sent' }, null]);

    await accept(first, odd);
    again.clock.at += 60_000;
    await accept(again, odd);

    const ids = (world: World) => world.receipts.messages.map(({ deduplicationId }) => deduplicationId);
    expect(ids(again)).toEqual(ids(first));
    expect(ids(first)).toHaveLength(2);
    expect(first.telemetry.counters.MalformedParts).toBe(1);
  });

  it('that their queue refuses are sent again by Meta', async () => {
    const world = aWorld();
    world.receipts.failFrom = 0;

    expect(await accept(world, aBatch([status({ status: 'sent' })], [aMessage('w1', '441')]))).toBe(503);
  });
});
