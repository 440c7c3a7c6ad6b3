import { choosePhrases } from '../../../lambdas/core/convert/phrases.ts';
import { BridgeError } from '../../../lambdas/core/errors.ts';
import type { InboundEnvelope, InboundItem } from '../../../lambdas/core/model/envelope.ts';
import { deliverItem } from '../../../lambdas/flows/deliver-item.ts';
import { createCustomerFinder } from '../../../lambdas/flows/find-customer.ts';
import { createIsolation } from '../../../lambdas/flows/isolation.ts';
import type { DeliveredMessage } from '../../../lambdas/flows/leave-conversation.ts';
import { MemoryCustomers } from '../../../simulation/stores/memory-customers.ts';
import { MemoryLedger } from '../../../simulation/stores/memory-ledger.ts';
import { anEnvelope, anInboundItem, aTextMessage } from '../../builders.ts';
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

const day = 86_400;

function aWorld() {
  const directory = new MemoryCustomers();
  const clock = new HandClock();
  const left: (DeliveredMessage & { settled: string | undefined })[] = [];
  const ledger = new MemoryLedger();
  return {
    clock,
    left,
    directory,
    ledger,
    randomness: new CountingRandomness(),
    customers: createCustomerFinder(directory, clock, { idleMs: day * 1000 }),
    desk: new ScriptedDesk(),
    gate: new OpenGate(),
    isolation: createIsolation(),
    media: new ScriptedMedia(),
    phrases: choosePhrases('en'),
    telemetry: new RecordingTelemetry(),
    numbers: new Map([['1', { suspended: false }]]),
    archive: new MemoryArchive(),
    ...aParkingPlace(directory),
    timing: {
      leaseMs: 30_000,
      postTimeoutMs: 12_000,
      mediaDeadlineMs: 45_000,
      backoffBaseMs: 2000,
      backoffCapMs: 60_000,
      holdMs: 60_000,
    },
    leaveIfAsked: async (delivered: DeliveredMessage) => {
      left.push({ ...delivered, settled: [...ledger.records.values()].at(-1)?.status });
    },
  };
}

const deliver = (
  world: ReturnType<typeof aWorld>,
  item: InboundItem = anInboundItem(),
  over: Partial<InboundEnvelope> = {},
) =>
  deliverItem(
    item,
    0,
    anEnvelope(over),
    { sequenceNumber: '7', receiveCount: 1, deadlineAt: world.clock.now() + 100_000 },
    world,
  );

describe('a customer who may ask to leave', () => {
  it('is asked about once the message is settled, with the conversation Genesys just named', async () => {
    const world = aWorld();
    await deliver(world);

    expect(world.left).toEqual([
      {
        item: anInboundItem(),
        numberId: '1',
        customerId: '447700900001',
        conversationId: 'conversation-1',
        correlationId: 'corr-1',
        deadlineAt: world.clock.now() + 99_000,
        settled: 'DELIVERED',
      },
    ]);
  });

  it('is in the conversation known before, where Genesys names none', async () => {
    const world = aWorld();
    await deliver(world);
    world.desk.answers.push({ delivered: true, genesysId: 'g2' });
    await deliver(world, anInboundItem({ id: 'wamid.2' }));

    expect(world.left[1]?.conversationId).toBe('conversation-1');
  });

  it('is not asked about what did not arrive, came twice, or is sent again by an operator', async () => {
    const world = aWorld();
    world.desk.answers.push({
      delivered: false,
      failure: new BridgeError('throttled', 'later'),
      effect: 'none',
    });
    await deliver(world);
    expect(world.left).toEqual([]);
    await deliver(world, anInboundItem({ id: 'wamid.2' }), { replay: { number: '1' } });
    expect(world.left).toEqual([]);

    await deliver(world, anInboundItem({ id: 'wamid.3' }));
    await deliver(world, anInboundItem({ id: 'wamid.3' }));
    expect(world.left).toHaveLength(1);
  });
});

it('the line of a delivery says when a session begins anew after a long silence', async () => {
  const world = aWorld();
  const writeAt = (id: string, second: number) =>
    deliver(
      world,
      anInboundItem({ id, message: aTextMessage({ id, timestamp: String(1_795_000_000 + second) }) }),
    );
  await writeAt('wamid.1', 0);
  await writeAt('wamid.2', day - 1);
  await writeAt('wamid.3', 2 * day - 1);

  const lines = world.telemetry.events.filter(({ name }) => name === 'message.delivered');
  expect(lines.map(({ fields }) => fields.isNewSession)).toEqual([undefined, undefined, true]);
});
