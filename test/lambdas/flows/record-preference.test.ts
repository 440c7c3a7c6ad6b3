import { createCustomerFinder } from '../../../lambdas/flows/find-customer.ts';
import { recordPreference } from '../../../lambdas/flows/record-preference.ts';
import { MemoryCustomers } from '../../../simulation/stores/memory-customers.ts';
import { anEnvelope, anInboundItem } from '../../builders.ts';
import { HandClock, RecordingTelemetry } from '../../fakes/outside-world.ts';

const phone = '447700900001';

function aWorld() {
  const directory = new MemoryCustomers();
  const customers = createCustomerFinder(directory, new HandClock());
  return { directory, customers, telemetry: new RecordingTelemetry(), numbers: new Map([['1', {}]]) };
}

type World = ReturnType<typeof aWorld>;

function wish(world: World, value: string, timestamp: number, ids: object = { phone }, numberId = '1') {
  const message = { category: 'marketing_messages', value, timestamp };
  const item = { id: 'hash.1', kind: 'preference', message, ...ids } as const;
  return recordPreference(item, anEnvelope({ numberId }), world);
}
const hear = (world: World, ids: object) => {
  const { phone: _phone, ...item } = anInboundItem();
  return world.customers.find({ ...item, ...ids }, anEnvelope(), 'visit');
};
const marketingOf = async (world: World, ids: object) => {
  const found = await hear(world, ids);
  return found.state === 'found' ? found.profile.marketing?.optedOut : found;
};

describe('a wish about marketing messages', () => {
  it.each<[string, object, object]>([
    ['the phone', { phone }, { phone }],
    ['the BSUID', { userId: 'GB.1' }, { userId: 'GB.1', phone }],
    ['the phone of a customer known by BSUID', { userId: 'GB.1', phone }, { phone }],
    ['a phone that later comes with a BSUID', { phone }, { phone, userId: 'GB.1' }],
  ])('is filed on the customer by %s', async (_name, known, ids) => {
    const world = aWorld();
    await hear(world, known);

    await wish(world, 'stop', 1795000000, ids);

    expect(await marketingOf(world, known)).toBe(true);
    expect(world.telemetry.counters).toEqual({ OptOuts: 1 });
    expect(world.telemetry.events).toEqual([
      {
        name: 'preference.recorded',
        fields: { messageId: 'hash.1', correlationId: 'corr-1', rawKey: 'raw/acme/a.json', optedOut: true },
      },
    ]);
  });

  it('is followed by the later one, and an earlier one that comes late changes nothing', async () => {
    const world = aWorld();

    await wish(world, 'stop', 1795000002);
    await wish(world, 'resume', 1795000003);
    await wish(world, 'stop', 1795000001);

    expect(await marketingOf(world, { phone })).toBe(false);
    expect(world.telemetry.counters).toEqual({ OptOuts: 2, OptIns: 1 });
  });

  it('of somebody who has not written yet is kept, and is no activity', async () => {
    const world = aWorld();

    await wish(world, 'stop', 1795000000);

    expect([...world.directory.profiles.values()].map(({ lastInboundAt }) => lastInboundAt)).toEqual([
      undefined,
    ]);
    expect(await hear(world, { phone })).toMatchObject({
      profile: { isNew: true, marketing: { optedOut: true } },
    });
  });

  it.each<[string, string, object, string]>([
    ['unknown to the bridge', 'maybe', { phone }, '1'],
    ['to a number of somebody else', 'stop', { phone }, '9'],
  ])('%s is counted and changes nothing', async (_name, value, ids, numberId) => {
    const world = aWorld();

    await wish(world, value, 1795000000, ids, numberId);

    expect(world.directory.profiles.size).toBe(0);
    expect(world.telemetry.counters).toEqual({ PreferencesUnknown: 1 });
  });
});
