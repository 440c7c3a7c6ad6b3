import type { Allowance } from '../../lambdas/core/ports.ts';

/** What every shared allowance must do, whatever it is made of. */
export function describeAllowance(fresh: () => Allowance): void {
  let allowance: Allowance;
  beforeEach(() => {
    allowance = fresh();
  });
  const now = 1_800_000_000_000;
  const pace = { intervalMs: 200, burstMs: 4000, blockSize: 10 };
  const take = (
    over: { now?: number; count?: number; spareOnly?: boolean; told?: Map<string, number> } = {},
  ) => allowance.take({ now, count: 10, pace, spareOnly: false, told: new Map(), ...over });
  const circuit = { openUntil: now + 2000, openings: 1, probeUntil: 0 };

  it('is full at first: a block may be used at once', async () => {
    const { startAt, shared } = await take();

    expect(startAt).toBe(now - 4000);
    expect(shared).toEqual({
      nextAt: now - 2000,
      pausedUntil: 0,
      accounts: new Map(),
      circuits: new Map(),
    });
  });

  it('gives every block a time of its own, one after the other, ahead of the clock when it is empty', async () => {
    const starts = [await take(), await take(), await take(), await take()].map(({ startAt }) => startAt);

    expect(starts).toEqual([now - 4000, now - 2000, now, now + 2000]);
  });

  it('gives blocks taken at the same moment different times', async () => {
    const blocks = await Promise.all(Array.from({ length: 8 }, () => take()));

    expect(blocks.map(({ startAt }) => startAt).sort((a = 0, b = 0) => a - b)).toEqual(
      Array.from({ length: 8 }, (_, index) => now - 4000 + index * 2000),
    );
  });

  it('fills up again, but not beyond its burst', async () => {
    await take({ count: 20 });

    expect((await take({ now: now + 1000 })).startAt).toBe(now);
    expect((await take({ now: now + 60_000 })).startAt).toBe(now + 56_000);
  });

  it('gives spare places only as long as half of the burst is left', async () => {
    expect((await take({ spareOnly: true, count: 10 })).startAt).toBe(now - 4000);

    const refused = await take({ spareOnly: true, count: 10 });
    expect(refused.startAt).toBeUndefined();
    expect(refused.shared.nextAt).toBe(now - 2000);
    expect((await take({ spareOnly: true, count: 10, now: now + 1999 })).startAt).toBeUndefined();
    expect((await take({ spareOnly: true, count: 10, now: now + 2000 })).startAt).toBe(now - 2000);
  });

  it('tells everybody the charges of busy customers, added up', async () => {
    await take({ told: new Map([['ada', 3000]]) });
    const { shared } = await take({
      told: new Map([
        ['ada', 2000],
        ['bob', 500],
      ]),
    });

    expect(shared.accounts).toEqual(
      new Map([
        ['ada', now + 5000],
        ['bob', now + 500],
      ]),
    );
  });

  it('forgets accounts that are paid off, and begins them anew', async () => {
    await take({
      told: new Map([
        ['ada', 3000],
        ['bob', 500],
      ]),
    });

    const { shared } = await take({ now: now + 4000, told: new Map([['ada', 1000]]) });

    expect(shared.accounts).toEqual(new Map([['ada', now + 5000]]));
  });

  it('is paused for everybody, until the latest time asked for', async () => {
    await allowance.pause(now + 5000);
    await allowance.pause(now + 3000);

    expect((await take()).shared.pausedUntil).toBe(now + 5000);
  });

  it('shows an open circuit with the next block, and does not open it twice', async () => {
    await allowance.openCircuit('desk', circuit, now);
    await allowance.openCircuit('desk', { ...circuit, openings: 2, openUntil: now + 9000 }, now + 1000);

    expect((await take()).shared.circuits).toEqual(new Map([['desk', circuit]]));
  });

  it('opens a circuit again once it is over', async () => {
    await allowance.openCircuit('desk', circuit, now);
    const again = { openUntil: now + 9000, openings: 2, probeUntil: 0 };

    const { circuits } = await allowance.openCircuit('desk', again, now + 2000);

    expect(circuits.get('desk')).toEqual(again);
  });

  it('lets one at a time try whether the trouble is over', async () => {
    await allowance.openCircuit('number-1', circuit, now);

    expect((await allowance.probeCircuit('number-1', now + 1000, now + 9000)).mine).toBe(false);
    expect((await allowance.probeCircuit('number-1', now + 2000, now + 9000)).mine).toBe(true);
    const second = await allowance.probeCircuit('number-1', now + 3000, now + 9000);
    expect(second.mine).toBe(false);
    expect(second.shared.circuits.get('number-1')).toEqual({ ...circuit, probeUntil: now + 9000 });
    expect((await allowance.probeCircuit('number-1', now + 9000, now + 12_000)).mine).toBe(true);
  });

  it('has nothing to try for a circuit that is closed', async () => {
    await allowance.openCircuit('desk', circuit, now);
    const { circuits } = await allowance.closeCircuit('desk');

    expect(circuits).toEqual(new Map());
    const { mine, shared } = await allowance.probeCircuit('desk', now + 3000, now + 9000);
    expect(mine).toBe(false);
    expect(shared.circuits).toEqual(new Map());
  });
}
