import { BridgeError } from '../../../../lambdas/core/errors.ts';
import { failing, GateWorld } from './a-gate.ts';

let world: GateWorld;
beforeEach(() => {
  world = new GateWorld();
});

describe('a place at the desk', () => {
  it('is there at once while the allowance is not used up', async () => {
    const gate = world.openGate();

    const visits = await world.run(
      Promise.all(['a', 'b', 'c', 'd'].map((customer) => world.visit(gate, world.aVisit(customer)))),
    );

    expect(visits).toEqual([{ at: 0 }, { at: 0 }, { at: 0 }, { at: 0 }]);
  });

  it('costs a call for every block, not for every request', async () => {
    const gate = world.openGate();
    for (let count = 0; count < 200; count += 1) {
      await world.run(world.visit(gate, world.aVisit(`customer-${count}`)));
      await world.run(world.time.sleep(300));
    }

    expect(world.allowance.calls.length).toBeLessThanOrEqual(13);
  });

  it('comes at the pace of the allowance once that is used up', async () => {
    const gate = world.openGate();
    world.allowance.nextAt = world.time.now();

    const visits = await world.run(
      Promise.all(Array.from({ length: 30 }, (_, index) => world.visit(gate, world.aVisit(`c${index}`)))),
    );

    const times = visits.map((visit) => ('at' in visit ? visit.at : Number.NaN));
    expect(times.at(-1)).toBeGreaterThanOrEqual(29 * 204);
    expect(times.at(-1)).toBeLessThanOrEqual(29 * 204 + 30);
  });

  it('is shared with the other sandboxes', async () => {
    const gates = [world.openGate(), world.openGate(), world.openGate()];
    world.allowance.nextAt = world.time.now();

    await world.run(
      Promise.all(
        Array.from({ length: 90 }, (_, index) => {
          const gate = gates[index % 3] ?? world.openGate();
          return world.visit(gate, world.aVisit(`c${index}`));
        }),
      ),
    );

    expect(world.time.now() - world.time.startedAt).toBeGreaterThanOrEqual(85 * 204);
  });

  it('that was not used is there for the next one, and is not charged', async () => {
    const gate = world.openGate();
    for (let count = 0; count < 50; count += 1)
      expect(await world.run(world.visit(gate, world.aVisit('ada'), 'unused'))).toEqual({ at: 0 });

    expect(world.allowance.calls).toEqual(['take']);
  });

  it('that comes too late for a visit is not waited for', async () => {
    const gate = world.openGate();
    world.allowance.nextAt = world.time.now() + 60_000;

    const visit = await world.run(
      world.visit(gate, world.aVisit('ada', { deadlineAt: world.time.now() + 10_000 })),
    );

    expect(visit).toEqual({ delayMs: 60_000 });
    expect(world.time.now()).toBe(world.time.startedAt);
  });

  it('is for who comes in time, when another’s time is over', async () => {
    const gate = world.openGate();
    world.allowance.nextAt = world.time.now() + 5000;
    const early = world.visit(gate, world.aVisit('ada', { deadlineAt: world.time.now() + 1000 }));
    const late = world.visit(gate, world.aVisit('bob'));

    expect(await world.run(Promise.all([early, late]))).toEqual([{ delayMs: 5000 }, { at: 5000 }]);
  });

  it('is refused to a visit whose time is over already', async () => {
    const gate = world.openGate();

    const visit = await world.run(
      world.visit(gate, world.aVisit('ada', { deadlineAt: world.time.now() - 1 })),
    );

    expect(visit).toEqual({ delayMs: 0 });
  });

  it('cannot be had while the store is broken, for nobody in line, and can afterwards', async () => {
    const gate = world.openGate();
    world.allowance.broken = new BridgeError('store-unavailable', 'down');
    const failed = await world.run(
      Promise.allSettled([world.visit(gate), world.visit(gate, world.aVisit('bob'))]),
    );
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);

    world.allowance.broken = undefined;

    expect(await world.run(world.visit(gate))).toEqual({ at: 0 });
  });

  it('is left without harm while the store is broken, which is reported', async () => {
    const gate = world.openGate();
    const visit = world.aVisit();
    await world.run(gate.enter(visit));
    world.allowance.broken = new BridgeError('store-unavailable', 'down');

    await world.run(gate.leave(failing('throttled'), visit));

    expect(world.telemetry.problems.map(({ name }) => name)).toEqual(['gate.store-failed']);
  });

  it('is left once', async () => {
    const gate = world.openGate();
    const visit = world.aVisit();
    await world.run(gate.enter(visit));
    await world.run(gate.leave(failing('integration-missing'), visit));

    await world.run(gate.leave(failing('integration-missing'), visit));

    expect(world.telemetry.counters.CircuitsOpened).toBe(1);
  });
});

describe('a 429', () => {
  it('pauses everybody for the time Genesys asks for, in other sandboxes too', async () => {
    const [gate, other] = [world.openGate(), world.openGate()];
    await world.run(world.visit(gate, world.aVisit('ada'), failing('throttled', { retryAfterMs: 7000 })));

    const visits = await world.run(
      Promise.all([world.visit(gate, world.aVisit('bob')), world.visit(other, world.aVisit('eve'))]),
    );

    expect(visits).toEqual([{ at: 7000 }, { at: 7000 }]);
  });

  it('that does not say how long pauses for a second', async () => {
    const gate = world.openGate();
    await world.run(world.visit(gate, world.aVisit('ada'), failing('throttled')));

    expect(await world.run(world.visit(gate, world.aVisit('bob')))).toEqual({ at: 1000 });
  });

  it('is told to the others once, not for every request it meets', async () => {
    const gate = world.openGate();
    const visits = ['a', 'b', 'c'].map((customer) => world.aVisit(customer));
    await world.run(Promise.all(visits.map((visit) => gate.enter(visit))));

    for (const visit of visits)
      await world.run(gate.leave(failing('throttled', { retryAfterMs: 5000 }), visit));

    expect(world.allowance.calls.filter((call) => call === 'pause')).toHaveLength(1);
  });
});

describe('what Genesys says of its own count', () => {
  const full = { allowedPerMinute: 300, used: 299, resetMs: 4000 };

  it('holds everybody back when its minute is nearly used up, before there is a 429', async () => {
    const gate = world.openGate();
    await world.run(world.visit(gate));

    gate.follow(full);

    expect(await world.run(world.visit(gate, world.aVisit('bob')))).toEqual({ at: 4000 });
  });

  it('slows the bridge down when it allows less than the tenant file', async () => {
    const gate = world.openGate({ requestsPerMinute: 60_000 });
    gate.follow({ allowedPerMinute: 60, used: 1, resetMs: 60_000 });
    world.allowance.nextAt = world.time.now();

    await world.run(
      Promise.all(Array.from({ length: 10 }, (_, index) => world.visit(gate, world.aVisit(`c${index}`)))),
    );

    expect(world.time.now() - world.time.startedAt).toBeGreaterThanOrEqual(9 * 1000);
  });

  it('does not speed it up beyond the tenant file', async () => {
    const gate = world.openGate({ requestsPerMinute: 60 });
    gate.follow({ allowedPerMinute: 6000, used: 1, resetMs: 60_000 });
    world.allowance.nextAt = world.time.now();

    await world.run(
      Promise.all(Array.from({ length: 10 }, (_, index) => world.visit(gate, world.aVisit(`c${index}`)))),
    );

    expect(world.time.now() - world.time.startedAt).toBeGreaterThanOrEqual(9 * 1000);
  });

  it('leaves the tenant file’s pace when it says nothing', async () => {
    const gate = world.openGate({ requestsPerMinute: 60_000 });
    gate.follow({ allowedPerMinute: 60, used: 1, resetMs: 60_000 });
    gate.follow(undefined);
    world.allowance.nextAt = world.time.now();

    await world.run(
      Promise.all(Array.from({ length: 10 }, (_, index) => world.visit(gate, world.aVisit(`c${index}`)))),
    );

    expect(world.time.now() - world.time.startedAt).toBeLessThanOrEqual(50);
  });
});

describe('a customer ahead of its share', () => {
  /** As many visits as fit, one after the other, each taking 100 ms. */
  async function keepVisiting(gate: ReturnType<GateWorld['openGate']>, customer: string, untilMs: number) {
    let count = 0;
    while (world.time.now() < world.time.startedAt + untilMs) {
      const visit = world.aVisit(customer);
      await gate.enter(visit);
      await world.time.sleep(100);
      await gate.leave('delivered', visit);
      count += 1;
    }
    return count;
  }

  it('has all of the allowance when nobody else comes', async () => {
    const gate = world.openGate();

    const count = await world.run(keepVisiting(gate, 'hot', 60_000));

    expect(count).toBeGreaterThanOrEqual(0.95 * 294);
  });

  it('has a quarter of it while others of the same sandbox wait', async () => {
    const gate = world.openGate();
    world.allowance.nextAt = world.time.now();
    const others = Array.from({ length: 8 }, (_, index) => keepVisiting(gate, `other-${index}`, 60_000));

    const [hot = 0, ...rest] = await world.run(Promise.all([keepVisiting(gate, 'hot', 60_000), ...others]));

    const all = hot + rest.reduce((sum, count) => sum + count, 0);
    expect(hot).toBeLessThanOrEqual(0.25 * all + 5);
    expect(Math.min(...rest)).toBeGreaterThanOrEqual(0.8 * hot);
  });

  it('comes after who arrives while it waits', async () => {
    const gate = world.openGate();
    for (let count = 0; count < 12; count += 1) await world.run(world.visit(gate, world.aVisit('hot')));
    world.allowance.nextAt = world.time.now() + 400;
    const order: string[] = [];
    const come = async (customer: string) => {
      await world.visit(gate, world.aVisit(customer));
      order.push(customer);
    };

    const hot = come('hot');
    await world.run(world.time.sleep(100));
    await world.run(Promise.all([hot, come('ada'), come('bob')]));

    expect(order.at(-1)).toBe('hot');
  });
});
