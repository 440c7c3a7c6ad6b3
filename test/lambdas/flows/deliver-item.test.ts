import { choosePhrases } from '../../../lambdas/core/convert/phrases.ts';
import { BridgeError } from '../../../lambdas/core/errors.ts';
import type { DeskAnswer } from '../../../lambdas/core/model/desk-message.ts';
import type { InboundEnvelope, InboundItem } from '../../../lambdas/core/model/envelope.ts';
import { inboundKey } from '../../../lambdas/core/model/ledger-record.ts';
import { crashesUntilPoison } from '../../../lambdas/core/policy/claim.ts';
import { deliverItem } from '../../../lambdas/flows/deliver-item.ts';
import { createCustomerFinder } from '../../../lambdas/flows/find-customer.ts';
import { createIsolation } from '../../../lambdas/flows/isolation.ts';
import { MemoryCustomers } from '../../../simulation/stores/memory-customers.ts';
import { MemoryLedger } from '../../../simulation/stores/memory-ledger.ts';
import {
  CountingRandomness,
  HandClock,
  MemoryArchive,
  OpenGate,
  RecordingTelemetry,
  ScriptedDesk,
  ScriptedMedia,
} from '../../fakes/outside-world.ts';
import { aParkingPlace } from '../../fakes/parking.ts';

const number = '106540352242922';
const timing = {
  leaseMs: 30_000,
  postTimeoutMs: 12_000,
  mediaDeadlineMs: 45_000,
  backoffBaseMs: 2000,
  backoffCapMs: 60_000,
  holdMs: 60_000,
};

function aWorld() {
  const directory = new MemoryCustomers();
  const clock = new HandClock();
  return {
    clock,
    randomness: new CountingRandomness(),
    ledger: new MemoryLedger(),
    directory,
    customers: createCustomerFinder(directory, clock),
    desk: new ScriptedDesk(),
    gate: new OpenGate(),
    isolation: createIsolation(),
    media: new ScriptedMedia(),
    phrases: choosePhrases('en'),
    telemetry: new RecordingTelemetry(),
    numbers: new Map([
      [number, { suspended: false }],
      ['2', { suspended: true }],
    ]),
    archive: new MemoryArchive(),
    ...aParkingPlace(directory),
    timing,
  };
}

function aText(id: string, over: Partial<InboundItem> = {}): InboundItem {
  const message = { id, timestamp: '1795000000', type: 'text', text: { body: `body of ${id}` } };
  return { id, message, userId: 'GB.1', phone: '447700900001', name: 'Ada', ...over };
}

function anEnvelope(over: Partial<InboundEnvelope> = {}): InboundEnvelope {
  return {
    v: 1,
    channel: 'meta',
    numberId: number,
    receivedAt: Date.UTC(2026, 10, 20, 11, 59),
    rawKey: 'raw/example/a.json',
    correlationId: 'corr-1',
    items: [],
    ...over,
  };
}

type World = ReturnType<typeof aWorld>;

function deliver(world: World, item: InboundItem, over: { numberId?: string; deadlineAt?: number } = {}) {
  const { numberId = number, deadlineAt = world.clock.now() + 100_000 } = over;
  return deliverItem(
    item,
    0,
    anEnvelope({ numberId }),
    { sequenceNumber: '7', receiveCount: 1, deadlineAt },
    world,
  );
}

/** A crash ends the sandbox with all that waits in it. */
const inANewSandbox = (world: World): World => ({ ...world, isolation: createIsolation() });

const recordOf = (world: World, id: string, numberId = number) =>
  world.ledger.records.get(inboundKey(numberId, id));

const failure = (
  kind: ConstructorParameters<typeof BridgeError>[0],
  effect: 'none' | 'unknown',
  details = {},
): DeskAnswer => ({
  delivered: false,
  failure: new BridgeError(kind, kind, details),
  effect,
});

describe('a message on its way to the agent', () => {
  it('is delivered once and settled with the ids Genesys gave', async () => {
    const world = aWorld();

    expect(await deliver(world, aText('w1'))).toEqual({ state: 'done' });

    expect(world.desk.shown).toEqual([
      {
        numberId: number,
        messageId: 'w1',
        from: { id: '447700900001', idType: 'Phone', name: 'Ada' },
        sentAt: 1_795_000_000_000,
        text: 'body of w1',
        attributes: { waPhoneNumberId: number, waUserId: 'GB.1' },
      },
    ]);
    expect(recordOf(world, 'w1')).toMatchObject({
      status: 'DELIVERED',
      customer: 'GB.1',
      genesysId: 'genesys-1',
      conversationId: 'conversation-1',
      placeholder: false,
      ambiguous: 0,
      sequence: '00000000000000000007.00000',
    });
    expect(world.telemetry.counters).toMatchObject({ MessagesDelivered: 1 });
  });

  it('costs three store calls once its customer and conversation are known', async () => {
    const world = aWorld();
    await deliver(world, aText('w1'));
    world.ledger.calls.length = 0;
    world.directory.calls.length = 0;

    await deliver(world, aText('w2'));

    expect([...world.ledger.calls, ...world.directory.calls].sort()).toEqual(['claim', 'settle', 'touch']);
  });

  it('is skipped when it was delivered before, and the desk sees it once', async () => {
    const world = aWorld();
    await deliver(world, aText('w1'));

    expect(await deliver(world, aText('w1'))).toEqual({ state: 'done' });

    expect(world.desk.shown).toHaveLength(1);
    expect(world.telemetry.counters).toMatchObject({ MessagesDuplicate: 1 });
  });

  it('is recognised as delivered when it comes again under another customer key', async () => {
    const world = aWorld();
    await deliver(world, aText('w1'));

    await deliver(world, { id: 'w1', message: aText('w1').message, phone: '447700900001' });

    expect(world.desk.shown).toHaveLength(1);
  });

  it('waits for the end of a foreign lease', async () => {
    const world = aWorld();
    world.desk.answers.push(() => new Promise(() => {}));
    void deliver(world, aText('w1'));
    await new Promise(setImmediate);
    world.clock.at += 10_000;

    expect(await deliver(world, aText('w1'))).toEqual({ state: 'hold', delayMs: 20_000 });

    expect(world.desk.shown).toHaveLength(1);
  });

  it('is tried again after a definite failure without becoming ambiguous', async () => {
    const world = aWorld();
    world.desk.answers.push(failure('provider-unavailable', 'none'));

    expect(await deliver(world, aText('w1'))).toEqual({ state: 'hold', delayMs: 1500 });
    await deliver(world, aText('w1'));

    expect(recordOf(world, 'w1')).toMatchObject({
      status: 'DELIVERED',
      ambiguous: 0,
      attempts: 2,
      crashes: 0,
    });
  });

  it('is tried again identically after an unknown outcome, and that is recorded as ambiguous', async () => {
    const world = aWorld();
    world.desk.answers.push(failure('delivery-unknown', 'unknown'));
    expect((await deliver(world, aText('w1'))).state).toBe('hold');

    await deliver(world, aText('w1'));

    expect(world.desk.shown[1]).toEqual(world.desk.shown[0]);
    expect(recordOf(world, 'w1')).toMatchObject({ status: 'DELIVERED', ambiguous: 1 });
    expect(world.telemetry.counters).toMatchObject({ DeliveriesAmbiguous: 1 });
  });

  it('waits as long as Genesys asks when it is throttled', async () => {
    const world = aWorld();
    world.desk.answers.push(failure('throttled', 'none', { retryAfterMs: 12_000 }));

    expect(await deliver(world, aText('w1'))).toEqual({ state: 'hold', delayMs: 12_500 });
  });

  it('backs off longer with every attempt', async () => {
    const world = aWorld();
    const delays: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      world.desk.answers.push(failure('delivery-unknown', 'unknown'));
      const outcome = await deliver(world, aText('w1'));
      delays.push(outcome.state === 'hold' ? outcome.delayMs : -1);
    }

    expect(delays).toEqual([1500, 3000, 6000, 12_000, 24_000, 45_000, 45_000]);
  });

  it('is announced to the agent and ended as failed when Genesys refuses it for good', async () => {
    const world = aWorld();
    world.desk.answers.push(failure('provider-rejected', 'none', { code: 'bad.request', status: 400 }));

    expect(await deliver(world, aText('w1'))).toEqual({ state: 'done' });

    expect(world.desk.shown.map(({ text }) => text)).toEqual([
      'body of w1',
      '[A message of the customer could not be shown: the contact centre refused it]',
    ]);
    expect(recordOf(world, 'w1')).toMatchObject({
      status: 'FAILED',
      reason: 'provider-rejected:bad.request',
    });
    expect(world.telemetry.counters).toMatchObject({ 'Messages.FAILED': 1 });
  });

  it('ends as failed when even the announcement is refused', async () => {
    const world = aWorld();
    world.desk.answers.push(
      failure('provider-rejected', 'none', { status: 413 }),
      failure('provider-rejected', 'none', { status: 413 }),
    );

    expect(await deliver(world, aText('w1'))).toEqual({ state: 'done' });

    expect(world.desk.shown).toHaveLength(2);
    expect(recordOf(world, 'w1')).toMatchObject({ status: 'FAILED', reason: 'provider-rejected:413' });
  });

  it('is announced after a crash between the refusal and the announcement, not sent again', async () => {
    const world = aWorld();
    world.desk.answers.push(
      failure('provider-rejected', 'none', { status: 400 }),
      failure('delivery-unknown', 'unknown'),
    );
    expect((await deliver(world, aText('w1'))).state).toBe('hold');

    await deliver(world, aText('w1'));

    expect(world.desk.shown.map(({ text }) => text.slice(0, 8))).toEqual([
      'body of ',
      '[A messa',
      '[A messa',
    ]);
    expect(recordOf(world, 'w1')).toMatchObject({ status: 'FAILED' });
  });

  it('is given up visibly after its claims ended three times without any outcome', async () => {
    const world = aWorld();
    for (let crash = 0; crash < crashesUntilPoison; crash += 1) {
      world.desk.answers.push(() => new Promise(() => {}));
      void deliver(inANewSandbox(world), aText('w1'));
      await new Promise(setImmediate);
      world.clock.at += timing.leaseMs;
    }

    expect(await deliver(inANewSandbox(world), aText('w1'))).toEqual({ state: 'done' });

    expect(world.desk.shown.at(-1)?.text).toBe('[A message of the customer could not be processed]');
    expect(recordOf(world, 'w1')).toMatchObject({
      status: 'FAILED',
      reason: 'poison',
      crashes: 3,
      ambiguous: 3,
    });
  });

  it('that was beside a crashing one is delivered alone and not given up for it', async () => {
    const world = aWorld();
    const crash = () => new Promise<never>(() => {});
    for (let crashes = 0; crashes < 2; crashes += 1) {
      const sandbox = inANewSandbox(world);
      world.desk.answers.push(crash, crash);
      void deliver(sandbox, aText('bystander'));
      void deliver(sandbox, aText('culprit', { userId: 'GB.2', phone: '447700900002' }));
      await new Promise(setImmediate);
      world.clock.at += timing.leaseMs;
    }

    const bystander = recordOf(world, 'bystander');
    const culprit = recordOf(world, 'culprit');
    expect([bystander?.crashes, culprit?.crashes].toSorted()).toEqual([1, 1]);
    expect([bystander?.open, culprit?.open].toSorted()).toEqual([0, 1]);
  });

  it('is not started when the invocation has no time left for it', async () => {
    const world = aWorld();

    expect(await deliver(world, aText('w1'), { deadlineAt: world.clock.now() + 12_999 })).toEqual({
      state: 'hold',
      delayMs: 0,
    });

    expect(world.ledger.calls).toEqual([]);
  });

  it('is not posted when the stores took so long that the lease would not outlive the POST', async () => {
    const world = aWorld();
    const touch = world.directory.touch.bind(world.directory);
    world.directory.touch = async (...args) => {
      world.clock.at += 18_001;
      return touch(...args);
    };

    expect(await deliver(world, aText('w1'))).toEqual({ state: 'hold', delayMs: 0 });

    expect(world.desk.shown).toEqual([]);
    expect(recordOf(world, 'w1')).toMatchObject({ leaseUntil: 0, tried: 0, open: 0 });
  });

  it('is not posted when the profile cannot be read, and its claim is given back', async () => {
    const world = aWorld();
    world.directory.touch = () =>
      Promise.reject(new BridgeError('store-unavailable', 'profile touch failed'));

    await expect(deliver(world, aText('w1'))).rejects.toMatchObject({ kind: 'store-unavailable' });

    expect(world.desk.shown).toEqual([]);
    expect(recordOf(world, 'w1')).toMatchObject({ status: 'INFLIGHT', leaseUntil: 0, tried: 0, open: 0 });
  });

  it('is not posted when what it quotes cannot be looked up, and its claim is given back', async () => {
    const world = aWorld();
    world.ledger.readSnippet = () => Promise.reject(new BridgeError('store-unavailable', 'no'));
    const message = { ...Object(aText('w1').message), context: { id: 'wamid.before', from: '1' } };

    await expect(deliver(world, aText('w1', { message }))).rejects.toMatchObject({
      kind: 'store-unavailable',
    });

    expect(world.desk.shown).toEqual([]);
    expect(recordOf(world, 'w1')).toMatchObject({ status: 'INFLIGHT', leaseUntil: 0, tried: 0, open: 0 });
  });

  it('is not posted when it cannot be claimed', async () => {
    const world = aWorld();
    world.ledger.claim = () => Promise.reject(new BridgeError('store-unavailable', 'ledger claim failed'));

    await expect(deliver(world, aText('w1'))).rejects.toMatchObject({ kind: 'store-unavailable' });

    expect(world.desk.shown).toEqual([]);
  });

  it('becomes ambiguous, not lost, when its settlement cannot be written', async () => {
    const world = aWorld();
    const settle = world.ledger.settle.bind(world.ledger);
    world.ledger.settle = () => Promise.reject(new BridgeError('store-unavailable', 'ledger settle failed'));
    await expect(deliver(world, aText('w1'))).rejects.toMatchObject({ kind: 'store-unavailable' });
    world.ledger.settle = settle;
    world.clock.at += timing.leaseMs;

    await deliver(world, aText('w1'));

    expect(recordOf(world, 'w1')).toMatchObject({ status: 'DELIVERED', ambiguous: 1 });
  });

  it('is quarantined when its number is not one of ours', async () => {
    const world = aWorld();

    expect(await deliver(world, aText('w1'), { numberId: '999' })).toEqual({ state: 'done' });

    expect(world.desk.shown).toEqual([]);
    expect(recordOf(world, 'w1', '999')).toMatchObject({
      status: 'QUARANTINED',
      reason: 'unknown-number',
      tried: 0,
    });
    expect(world.telemetry.counters).toMatchObject({ 'Messages.QUARANTINED': 1 });
  });

  it('is held when its number is suspended', async () => {
    const world = aWorld();

    await deliver(world, aText('w1'), { numberId: '2' });

    expect(world.desk.shown).toEqual([]);
    expect(recordOf(world, 'w1', '2')).toMatchObject({
      status: 'HELD',
      reason: 'number-suspended',
      customer: 'GB.1',
    });
  });

  describe('whose phone is held by another BSUID', () => {
    const newcomer = { userId: 'GB.2' };
    const conflict = { status: 'QUARANTINED', reason: 'identity-conflict', customer: 'GB.2', tried: 0 };

    it('waits for WhatsApp to explain, looked at six times, then is left to a person', async () => {
      const world = aWorld();
      await deliver(world, aText('w1'));
      const delays: number[] = [];
      for (;;) {
        const outcome = await deliver(world, aText('w2', newcomer));
        if (outcome.state !== 'hold') break;
        delays.push(outcome.delayMs);
        expect(recordOf(world, 'w2')).toMatchObject({ status: 'INFLIGHT', leaseUntil: 0, tried: 0, open: 0 });
        world.clock.at += outcome.delayMs;
      }

      expect(delays).toEqual(Array(6).fill(10_000));
      expect(recordOf(world, 'w2')).toMatchObject(conflict);
      expect(world.telemetry.counters).toMatchObject({ IdentityConflicts: 1, 'Messages.QUARANTINED': 1 });
      expect(world.desk.shown).toHaveLength(1);
    });

    it('goes to its customer when the explanation comes in time', async () => {
      const world = aWorld();
      await deliver(world, aText('w1'));
      expect(await deliver(world, aText('w2', newcomer))).toEqual({ state: 'hold', delayMs: 10_000 });
      const system = { type: 'user_changed_user_id', user_id: 'GB.2', previous_user_id: 'GB.1' };
      const event = {
        id: 'w3',
        message: { type: 'system', timestamp: '1795000001', system },
        userId: 'GB.1',
      };
      await deliver(world, event);
      world.clock.at += 10_000;

      expect(await deliver(world, aText('w2', newcomer))).toEqual({ state: 'done' });

      expect(world.desk.shown.map(({ messageId, from }) => [messageId, from.id])).toEqual(
        ['w1', 'w3', 'w2'].map((id) => [id, '447700900001']),
      );
      expect(world.desk.shown.map(({ attributes }) => attributes.waUserId)).toEqual(['GB.1', 'GB.2', 'GB.2']);
    });

    it('has every later message of its sender behind it, at once, and nobody else’s', async () => {
      const world = aWorld();
      await deliver(world, aText('w1'));
      await deliver(world, aText('w2', newcomer));
      world.clock.at += 60_000;
      await deliver(world, aText('w2', newcomer));

      const { message } = aText('w3');
      expect(await deliver(world, { id: 'w3', message, userId: 'GB.2' })).toEqual({ state: 'done' });
      expect(await deliver(world, aText('w4', newcomer))).toEqual({ state: 'done' });
      await deliver(world, aText('w5'));
      await deliver(world, aText('w6', { userId: 'GB.3', phone: '447700900003' }));

      expect(recordOf(world, 'w3')).toMatchObject(conflict);
      expect(recordOf(world, 'w4')).toMatchObject(conflict);
      expect(world.desk.shown.map(({ messageId }) => messageId)).toEqual(['w1', 'w5', 'w6']);
    });

    it('is looked at again when it was explained right before it would have been parked', async () => {
      const world = aWorld();
      await deliver(world, aText('w1'));
      await deliver(world, aText('w2', newcomer));
      world.clock.at += 60_000;
      world.directory.park = async () => false;

      expect(await deliver(world, aText('w2', newcomer))).toEqual({ state: 'hold', delayMs: 0 });

      expect(recordOf(world, 'w2')).toMatchObject({ status: 'INFLIGHT', leaseUntil: 0 });
    });
  });

  it('is quarantined when nobody is named as its sender', async () => {
    const world = aWorld();

    await deliver(world, { id: 'w1', message: aText('w1').message });

    expect(recordOf(world, 'w1')).toMatchObject({ status: 'QUARANTINED', reason: 'sender-missing' });
  });

  it('reaches the agent as a placeholder when its content is missing, and counts as one', async () => {
    const world = aWorld();

    await deliver(world, aText('w1', { message: { type: 'sticker', sticker: {} } }));

    expect(world.desk.shown[0]?.text).toBe('[Sticker could not be fetched from WhatsApp]');
    expect(recordOf(world, 'w1')).toMatchObject({ status: 'DELIVERED', placeholder: true });
    expect(world.telemetry.counters).toMatchObject({ PlaceholdersDelivered: 1 });
    expect(world.telemetry.counters.MessagesDelivered).toBeUndefined();
  });

  it('of a type nobody needs to see is counted and claims nothing', async () => {
    const world = aWorld();

    await deliver(world, aText('w1', { message: { type: 'request_welcome' } }));

    expect(world.telemetry.counters).toEqual({ MessagesIgnored: 1 });
    expect(world.ledger.records.size).toBe(0);
  });

  it('leaves a line with ids and figures and nothing personal', async () => {
    const world = aWorld();

    await deliver(world, aText('w1'));

    const { name, fields } = world.telemetry.events[0] ?? { name: '', fields: {} };
    expect(name).toBe('message.delivered');
    expect(fields).toMatchObject({
      messageId: 'w1',
      correlationId: 'corr-1',
      attempts: 1,
      ambiguous: 0,
      isNewCustomer: true,
    });
    expect(JSON.stringify(fields)).not.toMatch(/447700900001|GB\.1|Ada|body of/);
  });
});

describe('an echo of the WhatsApp app', () => {
  const anEcho = (id: string): InboundItem => {
    const message = {
      id,
      to: '447700900001',
      timestamp: '1795000500',
      type: 'text',
      text: { body: 'by app' },
    };
    return { id, kind: 'echo', message, phone: '447700900001' };
  };

  it('is shown once in the customer’s conversation, marked, and is no activity of the customer', async () => {
    const world = aWorld();
    const { userId: _userId, ...byPhone } = aText('w1');
    await deliver(world, byPhone);
    const before = (await world.directory.peek(number, '447700900001'))?.lastInboundAt;

    expect(await deliver(world, anEcho('e1'))).toEqual({ state: 'done' });
    expect(await deliver(world, anEcho('e1'))).toEqual({ state: 'done' });

    expect(world.desk.shown.slice(1)).toMatchObject([
      { messageId: 'e1', from: { id: '447700900001' }, text: '[Sent from the WhatsApp app]\nby app' },
    ]);
    expect(world.telemetry.counters.MessagesDuplicate).toBe(1);
    expect((await world.directory.peek(number, '447700900001'))?.lastInboundAt).toBe(before);
  });

  it('never begins a conversation: to a customer without one it is counted and left in the archive', async () => {
    const world = aWorld();

    expect(await deliver(world, anEcho('e1'))).toEqual({ state: 'done' });

    expect(world.desk.shown).toEqual([]);
    expect(world.ledger.records.size).toBe(0);
    expect(world.telemetry.counters).toEqual({ EchoesUnshown: 1 });
  });
});
