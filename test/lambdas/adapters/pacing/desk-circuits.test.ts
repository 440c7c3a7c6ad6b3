import { failing, GateWorld } from './a-gate.ts';

let world: GateWorld;
beforeEach(() => {
  world = new GateWorld();
});

const trouble = failing('provider-unavailable');
async function breakDesk(gate: ReturnType<GateWorld['openGate']>): Promise<void> {
  const visits = ['a', 'b', 'c', 'd', 'e'].map((customer) => world.aVisit(customer));
  await world.run(Promise.all(visits.map((visit) => gate.enter(visit))));
  for (const visit of visits) await world.run(gate.leave(trouble, visit));
}
const pass = (ms: number) => world.run(world.time.sleep(ms));

describe('a desk in trouble', () => {
  it('is left alone, in every sandbox that asks for places, and costs no call while it is', async () => {
    const [gate, other] = [world.openGate(), world.openGate()];
    await breakDesk(gate);
    await world.run(world.visit(other, world.aVisit('eve')));
    const calls = world.allowance.calls.length;

    for (let count = 0; count < 20; count += 1)
      expect(await world.run(world.visit(gate, world.aVisit(`c${count}`)))).toEqual({ delayMs: 2000 });

    expect(await world.run(world.visit(other, world.aVisit('bob')))).toEqual({ delayMs: 2000 });
    expect(world.allowance.calls).toHaveLength(calls);
    expect(world.telemetry.counters).toMatchObject({ CircuitsOpened: 1 });
    expect(world.telemetry.problems.map(({ name }) => name)).toContain('circuit.opened');
  });

  it('spreads those who come again', async () => {
    const gate = world.openGate({ randomness: { nextId: () => 'id', next: () => 0.8 } });
    await breakDesk(gate);

    expect(await world.run(world.visit(gate))).toEqual({ delayMs: 2400 });
  });

  it('is tried by one at a time, and open to all once that one got through', async () => {
    const [gate, other] = [world.openGate(), world.openGate()];
    await breakDesk(gate);
    await pass(2000);
    const probe = world.aVisit('ada');
    expect(await world.run(gate.enter(probe))).toEqual({ open: true });

    expect(await world.run(world.visit(gate, world.aVisit('bob')))).toEqual({ delayMs: 12_000 });
    expect(await world.run(world.visit(other, world.aVisit('eve')))).toEqual({ delayMs: 12_000 });
    await world.run(gate.leave('delivered', probe));

    expect(await world.run(world.visit(gate, world.aVisit('bob')))).toEqual({ at: 2000 });
    expect(world.telemetry.events.map(({ name }) => name)).toContain('circuit.closed');
  });

  it('together with one of its numbers is tried for both at once, and open again for both', async () => {
    const gate = world.openGate();
    const underWay = world.aVisit('zoe');
    await world.run(gate.enter(underWay));
    await breakDesk(gate);
    await world.run(gate.leave(failing('credential-rejected'), underWay));
    expect(world.telemetry.counters).toMatchObject({ CircuitsOpened: 2 });

    await pass(2000);
    const probe = world.aVisit('ada');
    expect(await world.run(gate.enter(probe))).toEqual({ open: true });
    await world.run(gate.leave('delivered', probe));

    expect(await world.run(world.visit(gate, world.aVisit('bob')))).toEqual({ at: 2000 });
  });

  it('is found open by a sandbox that was told to wait, when another one closed it', async () => {
    const [gate, other] = [world.openGate(), world.openGate()];
    await breakDesk(gate);
    await world.run(world.visit(other, world.aVisit('eve')));
    await pass(2000);
    await world.run(world.visit(gate, world.aVisit('ada')));

    expect(await world.run(world.visit(other, world.aVisit('bob')))).toEqual({ at: 2000 });
  });

  it('stays closed for longer when the try fails', async () => {
    const gate = world.openGate();
    await breakDesk(gate);
    await pass(2000);
    await world.run(world.visit(gate, world.aVisit('ada'), trouble));

    expect(await world.run(world.visit(gate, world.aVisit('bob')))).toEqual({ delayMs: 4000 });
  });

  it('is tried by another one when nothing was heard of the try', async () => {
    const gate = world.openGate();
    await breakDesk(gate);
    await pass(2000);
    await world.run(world.visit(gate, world.aVisit('ada'), 'unused'));
    await pass(12_000);

    expect(await world.run(world.visit(gate, world.aVisit('bob')))).toEqual({ at: 14_000 });
  });

  it('answers again when it throttles or refuses the message of the try', async () => {
    const gate = world.openGate();
    await breakDesk(gate);
    await pass(2000);
    await world.run(world.visit(gate, world.aVisit('ada'), failing('provider-rejected')));

    expect(world.allowance.circuits.size).toBe(0);
  });
});

describe('a number in trouble', () => {
  it.each(['credential-rejected', 'integration-missing'] as const)(
    'for %s holds back its own customers only',
    async (kind) => {
      const gate = world.openGate();
      await world.run(world.visit(gate, world.aVisit('ada', { numberId: '1' }), failing(kind)));

      expect(await world.run(world.visit(gate, world.aVisit('bob', { numberId: '1' })))).toEqual({
        delayMs: 2000,
      });
      expect(await world.run(world.visit(gate, world.aVisit('eve', { numberId: '2' })))).toEqual({ at: 0 });
    },
  );

  it('found by the try of the desk closes the one and opens the other', async () => {
    const gate = world.openGate();
    await breakDesk(gate);
    await pass(2000);

    await world.run(world.visit(gate, world.aVisit('ada'), failing('credential-rejected')));

    expect([...world.allowance.circuits.keys()]).toEqual(['number-1']);
  });

  it('is opened once by failures that were under way together', async () => {
    const gate = world.openGate();
    const visits = ['a', 'b', 'c'].map((customer) => world.aVisit(customer));
    await world.run(Promise.all(visits.map((visit) => gate.enter(visit))));

    for (const visit of visits) await world.run(gate.leave(failing('credential-rejected'), visit));

    expect(world.telemetry.counters.CircuitsOpened).toBe(1);
    expect(world.allowance.circuits.get('number-1')).toMatchObject({ openings: 1 });
  });

  it('sends away its customers who stand in line, at once', async () => {
    const gate = world.openGate();
    const visit = world.aVisit('ada');
    await world.run(gate.enter(visit));
    gate.follow({ allowedPerMinute: 300, used: 300, resetMs: 8000 });
    const line = ['1', '2', '1'].map((numberId, index) =>
      world.visit(gate, world.aVisit(`waiting-${index}`, { numberId })),
    );

    await world.run(gate.leave(failing('credential-rejected'), visit));

    expect(await world.run(Promise.all([line[0], line[2]]))).toEqual([{ delayMs: 2000 }, { delayMs: 2000 }]);
    expect(world.time.now()).toBe(world.time.startedAt);
    expect(await world.run(Promise.all(line.slice(1, 2)))).toEqual([{ at: 8000 }]);
  });
});
