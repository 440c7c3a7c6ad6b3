import { choosePhrases } from '../../../lambdas/core/convert/phrases.ts';
import { BridgeError } from '../../../lambdas/core/errors.ts';
import type { InboundItem } from '../../../lambdas/core/model/envelope.ts';
import { toAsciiJson } from '../../../lambdas/core/model/envelope.ts';
import { noSwitches, parseSwitches } from '../../../lambdas/core/policy/switches.ts';
import type { DeliverInboundPorts } from '../../../lambdas/flows/deliver-inbound.ts';
import { deliverInbound } from '../../../lambdas/flows/deliver-inbound.ts';
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

function aWorld() {
  const directory = new MemoryCustomers();
  return {
    directory,
    ...aParkingPlace(directory),
    clock: new HandClock(),
    randomness: new CountingRandomness(),
    ledger: new MemoryLedger(),
    customers: createCustomerFinder(directory, new HandClock()),
    desk: new ScriptedDesk(),
    gate: new OpenGate(),
    isolation: createIsolation(),
    media: new ScriptedMedia(),
    phrases: choosePhrases('en'),
    telemetry: new RecordingTelemetry(),
    archive: new MemoryArchive(),
    numbers: new Map([['1', { suspended: false }]]),
    timing: {
      leaseMs: 30_000,
      postTimeoutMs: 12_000,
      mediaDeadlineMs: 45_000,
      backoffBaseMs: 2000,
      backoffCapMs: 60_000,
      holdMs: 60_000,
    },
  };
}

function aBody(ids: readonly string[]): string {
  const items: InboundItem[] = ids.map((id) => ({
    id,
    phone: '44',
    message: { type: 'text', text: { body: id } },
  }));
  return toAsciiJson({
    v: 1,
    channel: 'meta',
    numberId: '1',
    receivedAt: 1,
    rawKey: 'r',
    correlationId: 'c',
    items,
  });
}

const deliver = (world: ReturnType<typeof aWorld> & Pick<DeliverInboundPorts, 'switches'>, body: string) =>
  deliverInbound(
    { body, sequenceNumber: '7', receiveCount: 1, deadlineAt: world.clock.now() + 100_000 },
    world,
  );

describe('an envelope on its way to the agent', () => {
  it('waits for nobody’s agent while an operator has its number suspended, and is told apart in the ledger', async () => {
    const world = aWorld();
    const suspended = parseSwitches('{"numbers":{"1":{"suspended":true}}}');
    const told = { switches: { read: async () => suspended } };

    await deliver({ ...world, ...told }, aBody(['one']));
    await deliver({ ...world, switches: { read: async () => noSwitches } }, aBody(['two']));

    expect(world.desk.shown.map(({ text }) => text)).toEqual(['two']);
    expect([...world.ledger.records.values()].map(({ status, reason }) => [status, reason])).toEqual([
      ['HELD', 'number-suspended'],
      ['DELIVERED', undefined],
    ]);
    expect(world.telemetry.counters['Messages.HELD']).toBe(1);
  });

  it('may hold wishes about marketing messages, which the agent is not shown', async () => {
    const world = aWorld();
    const item = { id: 'p', kind: 'preference', phone: '44', message: { value: 'stop' } };
    const envelope = JSON.parse(aBody(['one', 'two']));
    envelope.items.splice(1, 0, item);

    expect(await deliver(world, toAsciiJson(envelope))).toEqual({ state: 'done' });

    expect(world.desk.shown.map(({ text }) => text)).toEqual(['one', 'two']);
    expect(world.telemetry.counters.PreferencesUnknown).toBe(1);
  });

  it('is delivered item by item in its order', async () => {
    const world = aWorld();

    expect(await deliver(world, aBody(['a', 'b', 'c']))).toEqual({ state: 'done' });

    expect(world.desk.shown.map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  });

  it('stops at the first item that has to wait and goes on there', async () => {
    const world = aWorld();
    world.desk.answers.push(
      { delivered: true },
      { delivered: false, failure: new BridgeError('provider-unavailable', 'down'), effect: 'none' },
    );

    expect((await deliver(world, aBody(['a', 'b', 'c']))).state).toBe('hold');
    expect(world.desk.shown.map(({ text }) => text)).toEqual(['a', 'b']);
    expect(await deliver(world, aBody(['a', 'b', 'c']))).toEqual({ state: 'done' });

    expect(world.desk.shown.map(({ text }) => text)).toEqual(['a', 'b', 'b', 'c']);
  });

  it('with the same message twice delivers it once', async () => {
    const world = aWorld();

    await deliver(world, aBody(['a', 'a', 'b']));

    expect(world.desk.shown.map(({ text }) => text)).toEqual(['a', 'b']);
  });

  it('is fetched from the archive when it was too large for the queue', async () => {
    const world = aWorld();
    world.archive.objects.set('claims/x.json', new TextEncoder().encode(aBody(['a'])));

    await deliver(world, '{"v":1,"claimCheck":"claims/x.json"}');

    expect(world.desk.shown.map(({ text }) => text)).toEqual(['a']);
  });

  it('waits when the archive cannot be read', async () => {
    await expect(deliver(aWorld(), '{"v":1,"claimCheck":"claims/x.json"}')).rejects.toMatchObject({
      kind: 'store-unavailable',
    });
  });

  it('is refused when a claim check leads to another one', async () => {
    const world = aWorld();
    world.archive.objects.set(
      'claims/x.json',
      new TextEncoder().encode('{"v":1,"claimCheck":"claims/x.json"}'),
    );

    await expect(deliver(world, '{"v":1,"claimCheck":"claims/x.json"}')).rejects.toThrow(
      'another claim check',
    );
  });
});
