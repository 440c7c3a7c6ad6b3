import { BridgeError } from '../../../lambdas/core/errors.ts';
import { isClaimCheck, parseQueueBody } from '../../../lambdas/core/model/envelope.ts';
import { createGenesysDoor } from '../../../lambdas/flows/answer-genesys.ts';
import { largestWebhookBytes } from '../../../lambdas/flows/screen-webhook.ts';
import { aDeskChannel, aDeskReceipt, anIntegration, aReply, aTypingEvent } from '../../desk-webhooks.ts';
import { HandClock, MemoryArchive, MemoryQueue, RecordingTelemetry } from '../../fakes/outside-world.ts';

const webhookHash = 'b'.repeat(32);

interface Verified {
  numberId: string;
  webhookHash: string;
}

function aWorld(maxBodyBytes?: number) {
  return {
    tenant: 'acme',
    clock: new HandClock(Date.UTC(2026, 10, 20, 12)),
    verifier: { verify: async (): Promise<Verified> => ({ numberId: '1', webhookHash }) } as {
      verify(...asked: unknown[]): Promise<Verified>;
    },
    pseudonyms: {
      openGroupIds: async () => (numberId: string, customerKey: string) => `group-${numberId}-${customerKey}`,
      hash: (text: string) => `hash(${text})`,
    },
    archive: new MemoryArchive(),
    outbound: new MemoryQueue(maxBodyBytes),
    receipts: new MemoryQueue(maxBodyBytes),
    telemetry: new RecordingTelemetry(),
  };
}

type World = ReturnType<typeof aWorld>;

const accept = (world: World, body: unknown, over: { contentType?: string | undefined; raw?: string } = {}) =>
  createGenesysDoor(world)({
    bytes: Buffer.from(over.raw ?? JSON.stringify(body)),
    headers: {
      'content-type': 'contentType' in over ? over.contentType : 'application/json',
      'x-hub-signature-256': 'sha256=x',
    },
    pathParameters: { integrationId: anIntegration },
    correlationId: 'corr-1',
  });

const acknowledged = { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
const envelopesOf = (queue: MemoryQueue) => queue.messages.map(({ body }) => JSON.parse(body));
const reading = (world: World) => world.telemetry.events.at(-1);

describe('a reply at the door', () => {
  it('is archived as it came, queued for its customer and acknowledged', async () => {
    const world = aWorld();

    expect(await accept(world, aReply())).toEqual(acknowledged);

    const rawKey = `raw/acme/2026-11-20/${world.clock.now()}-${webhookHash}.json`;
    expect([...world.archive.objects.keys()]).toEqual([rawKey]);
    expect(Buffer.from(world.archive.objects.get(rawKey) ?? []).toString()).toBe(JSON.stringify(aReply()));
    expect(world.outbound.batches).toHaveLength(1);
    expect(world.outbound.messages[0]?.groupId).toBe('group-1-447700900001');
    expect(envelopesOf(world.outbound)).toEqual([
      {
        v: 1,
        channel: 'genesys',
        numberId: '1',
        receivedAt: world.clock.now(),
        rawKey,
        correlationId: 'corr-1',
        items: [
          {
            id: 'd7d58935af65a45e5234ac77de017a0a',
            kind: 'message',
            to: '447700900001',
            conversationId: '5d0d331e-d2a8-4fb5-96f7-7021bef2a8ee',
            message: aReply(),
          },
        ],
      },
    ]);
    expect(world.receipts.messages).toEqual([]);
    expect(world.telemetry.counters).toEqual({ WebhooksAccepted: 1, RepliesAccepted: 1 });
    expect(JSON.stringify(world.telemetry.events)).not.toMatch(/447700900001|Hello/);
  });

  it('is read from the queue by the one reader of queue bodies', async () => {
    const world = aWorld();
    await accept(world, aReply({ text: 'Grüße \u{1f44b} \ud800' }));

    const body = world.outbound.messages[0]?.body ?? '';
    expect(body).toMatch(/^[\x20-\x7e]+$/);
    expect(parseQueueBody(body)).toMatchObject({
      numberId: '1',
      items: [{ message: { text: 'Grüße \u{1f44b} \ud800' } }],
    });
  });

  it('is the same for the queue when Genesys sends it again 19 s later, and another one is not', async () => {
    const world = aWorld();
    await accept(world, aReply());
    world.clock.at += 19_000;
    await accept(world, aReply());
    await accept(world, aReply({ id: 'another' }));
    await accept(world, aReply({ channel: aDeskChannel({ to: { id: '447700900002' } }) }));

    const ids = world.outbound.messages.map(({ deduplicationId }) => deduplicationId);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(3);
  });

  it('without an id is named by the hash of its bytes', async () => {
    const world = aWorld();
    await accept(world, aReply({ id: undefined, channel: aDeskChannel({ messageId: undefined }) }));

    expect(envelopesOf(world.outbound)[0].items[0].id).toBe(`hash.${webhookHash}`);
  });

  it('that names nobody is queued all the same, so that the agent hears of it', async () => {
    const world = aWorld();

    expect(await accept(world, aReply({ channel: undefined }))).toEqual(acknowledged);
    expect(envelopesOf(world.outbound)[0].items[0]).toMatchObject({ kind: 'message', to: '' });
  });

  it('belongs to the number of the path whatever integration the body names, and that is told', async () => {
    const world = aWorld();
    await accept(world, aReply());
    expect(reading(world)?.fields).toMatchObject({ isMismatched: false });

    await accept(
      world,
      aReply({ id: 'm2', channel: aDeskChannel({ id: 'cccccccc-0000-4000-8000-00000000000c' }) }),
    );

    expect(envelopesOf(world.outbound)[1].numberId).toBe('1');
    expect(reading(world)?.fields).toMatchObject({ isMismatched: true });
    expect(world.telemetry.counters).toMatchObject({ IntegrationsMismatched: 1 });
  });

  it('too large for the queue is checked in', async () => {
    const world = aWorld(1000);
    await accept(world, aReply({ text: 'x'.repeat(2000) }));

    const check = parseQueueBody(world.outbound.messages[0]?.body ?? '');
    if (!isClaimCheck(check)) throw new Error('no claim check');
    const stored = Buffer.from(world.archive.objects.get(check.claimCheck) ?? []).toString();
    expect(parseQueueBody(stored)).toMatchObject({ items: [{ message: { text: 'x'.repeat(2000) } }] });
  });

  it('nested too deeply to be written again is queued as unreadable', async () => {
    const world = aWorld();
    const depth = 20_000;
    const raw = `{"id":"deep","type":"Text","channel":{"to":{"id":"44"}},"content":${'['.repeat(depth)}${']'.repeat(depth)}}`;

    expect(await accept(world, undefined, { raw })).toEqual(acknowledged);
    expect(envelopesOf(world.outbound)[0].items).toEqual([
      { id: 'deep', kind: 'message', to: '44', message: { id: 'deep', type: 'unreadable' } },
    ]);
  });
});

describe('other webhooks at the door', () => {
  it('typing goes the way of the customer’s messages', async () => {
    const world = aWorld();
    await accept(world, aTypingEvent());

    expect(world.outbound.messages[0]?.groupId).toBe('group-1-447700900001');
    expect(envelopesOf(world.outbound)[0].items[0]).toMatchObject({ kind: 'typing', to: '447700900001' });
    expect(world.telemetry.counters).toMatchObject({ TypingAccepted: 1 });
  });

  it('a receipt goes to the receipts, each status once', async () => {
    const world = aWorld();
    for (const status of ['Published', 'Published', 'Failed']) await accept(world, aDeskReceipt({ status }));

    expect(world.outbound.messages).toEqual([]);
    const ids = world.receipts.messages.map(({ deduplicationId }) => deduplicationId);
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(2);
    expect(envelopesOf(world.receipts)[0]).toMatchObject({
      channel: 'genesys',
      numberId: '1',
      items: [{ id: '9f0c4b1be6a84d0c8f7f2d3f6f0a1b22', kind: 'desk-receipt', message: aDeskReceipt() }],
    });
  });

  it.each([
    ['of an unknown type', JSON.stringify({ id: 'x', type: 'Novelty' }), 0],
    ['that is no JSON', '{"type":', 1],
    ['that is empty', '', 1],
    ['that is no object', '[1]', 0],
  ])('one %s is archived, counted and acknowledged', async (_name, raw, malformed) => {
    const world = aWorld();

    expect(await accept(world, undefined, { raw })).toEqual(acknowledged);

    expect(world.archive.objects.size).toBe(1);
    expect([...world.outbound.messages, ...world.receipts.messages]).toEqual([]);
    expect(world.telemetry.counters).toEqual({
      WebhooksAccepted: 1,
      OtherWebhooksArchived: 1,
      ...(malformed ? { MalformedParts: 1 } : {}),
    });
  });
});

describe('the door refuses with an empty body', () => {
  const invalid = new BridgeError('signature-invalid', 'no');
  const unavailable = new BridgeError('secret-unavailable', 'no');
  const verifying = (error: Error) => ({ verify: () => Promise.reject(error) });

  it.each([
    [413, 'what is too large', aWorld(), { raw: ' '.repeat(largestWebhookBytes + 1) }],
    [415, 'what is no JSON by its own word', aWorld(), { contentType: 'text/plain' }],
    [401, 'what is not signed', { ...aWorld(), verifier: verifying(invalid) }, {}],
    [503, 'what cannot be verified', { ...aWorld(), verifier: verifying(unavailable) }, {}],
  ])('%i: %s, and keeps nothing of it', async (status, _what, world, over) => {
    expect(await accept(world, aReply(), over)).toEqual({ status });

    expect([...world.outbound.messages, ...world.archive.objects]).toEqual([]);
    expect(reading(world)).toEqual({ name: 'webhook.refused', fields: { status, correlationId: 'corr-1' } });
  });

  it('looks at size before type, and at both before the signature', async () => {
    const world = { ...aWorld(), verifier: verifying(invalid) };
    const tooLarge = { raw: ' '.repeat(largestWebhookBytes + 1), contentType: 'text/plain' };

    expect(await accept(world, undefined, tooLarge)).toEqual({ status: 413 });
    expect(await accept(world, undefined, { raw: '', contentType: 'text/plain' })).toEqual({ status: 415 });
  });

  it.each([[undefined], ['application/json; charset=utf-8']])(
    'not the content type %p',
    async (contentType) => {
      expect(await accept(aWorld(), aReply(), { contentType })).toEqual(acknowledged);
    },
  );

  it('verifies the exact bytes with what path and header say', async () => {
    const world = aWorld();
    const asked: unknown[][] = [];
    world.verifier.verify = async (...request) => {
      asked.push(request);
      return { numberId: '1', webhookHash };
    };
    await accept(world, undefined, { raw: '{ "type": "Novelty" }' });

    expect(asked).toEqual([[anIntegration, Buffer.from('{ "type": "Novelty" }'), 'sha256=x']]);
  });
});

describe('trouble behind the door', () => {
  it.each(['outbound', 'receipts'] as const)(
    'a refusing %s queue is 503, so that Genesys repeats',
    async (name) => {
      const world = aWorld();
      world[name].failFrom = 0;

      expect(await accept(world, name === 'outbound' ? aReply() : aDeskReceipt())).toEqual({ status: 503 });
      expect(world.telemetry.counters).toEqual({ WebhooksDeferred: 1 });
      expect(world.telemetry.problems).toMatchObject([{ name: 'webhook.queue-refused' }]);
    },
  );

  it('a key that cannot be read is 503', async () => {
    const world = aWorld();
    world.pseudonyms.openGroupIds = () => Promise.reject(new BridgeError('secret-unavailable', 'no'));

    expect(await accept(world, aReply())).toEqual({ status: 503 });
  });

  it('a failing archive keeps nothing back', async () => {
    const world = aWorld();
    world.archive.broken.push('raw/');

    expect(await accept(world, aReply())).toEqual(acknowledged);
    expect(world.outbound.messages).toHaveLength(1);
    expect(world.telemetry.counters).toMatchObject({ ArchiveFailures: 1, WebhooksAccepted: 1 });
  });

  it('a hanging archive has no more than leaves the answer within a second', async () => {
    const world = aWorld();
    const deadlines: number[] = [];
    const put = async (...[, , , deadlineMs]: [string, Uint8Array, string, number]) => {
      deadlines.push(deadlineMs);
    };
    await accept({ ...world, archive: Object.assign(world.archive, { put }) }, aReply());

    expect(deadlines).toEqual([800]);
  });

  it('a claim check that cannot be written is 503', async () => {
    const world = aWorld(1000);
    world.archive.broken.push('claims/');

    expect(await accept(world, aReply({ text: 'x'.repeat(2000) }))).toEqual({ status: 503 });
    expect(world.outbound.messages).toEqual([]);
  });

  it.each(['verifier', 'outbound'] as const)('a bug in the %s is not taken for trouble', async (where) => {
    const world = aWorld();
    const bug = new TypeError('bug');
    if (where === 'verifier') world.verifier.verify = () => Promise.reject(bug);
    else world.outbound.send = () => Promise.reject(bug);

    await expect(accept(world, aReply())).rejects.toBe(bug);
  });
});
