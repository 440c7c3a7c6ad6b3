// Figures of one run stand in docs/adr/0022-shared-allowance.md. LOAD_SEED runs it with other arrivals.
import '../lambdas/runtime/middy-in-jest.ts';

import { VirtualBridge } from './virtual-bridge.ts';

const seed = Number(process.env.LOAD_SEED ?? 20_261_120);
const minuteMs = 60_000;
const pacing = { requestsPerMinute: 300 };

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** The phones of so many people, one after the other. */
function aPhoneOf(people: number): () => string {
  let next = 0;
  return () => {
    next = (next + 1) % people;
    return `44770090${next}`;
  };
}

async function runFor(bridge: VirtualBridge, minutes: number): Promise<void> {
  const endsAt = bridge.time.startedAt + minutes * minuteMs;
  await bridge.time.run(() => bridge.time.now() >= endsAt);
}

describe('twice the allowance for ten minutes', () => {
  it.each([
    ['one sandbox', 1],
    ['four sandboxes', 4],
    ['ten sandboxes', 10],
  ])('in %s loses nothing, uses the allowance and hardly meets a 429', async (_name, sandboxes) => {
    const bridge = new VirtualBridge({ ...pacing, sandboxes, seed });
    const writing = bridge.writeAtRandom(600, 10 * minuteMs, aPhoneOf(2000));

    await runFor(bridge, 10);
    const accepted = bridge.desk.delivered.length;
    const refused = bridge.desk.refused;
    const calls = bridge.allowance.calls.length;
    await bridge.time.run(() => bridge.queue.size === 0);

    expect(accepted).toBeGreaterThanOrEqual(0.95 * 3000);
    expect(refused).toBeLessThanOrEqual(0.01 * (accepted + refused));
    expect(calls).toBeLessThanOrEqual(0.1 * accepted);
    const ids = await writing;
    expect(bridge.desk.delivered.map(({ messageId }) => messageId).sort()).toEqual([...ids].sort());
    expect(bridge.queue.deadLetters).toEqual([]);
    expect(bridge.queue.mostReceivesSeen).toBeLessThanOrEqual(3);
  });

  it('at a desk that allows half of what the tenant file says, loses nothing either', async () => {
    const bridge = new VirtualBridge({ ...pacing, sandboxes: 4, seed, deskAllows: 150 });
    const writing = bridge.writeAtRandom(300, 10 * minuteMs, aPhoneOf(2000));

    await runFor(bridge, 10);
    const accepted = bridge.desk.delivered.length;
    const refused = bridge.desk.refused;
    await bridge.time.run(() => bridge.queue.size === 0);

    expect(accepted).toBeGreaterThanOrEqual(0.95 * 1500);
    expect(refused).toBeLessThanOrEqual(0.01 * (accepted + refused));
    expect(bridge.desk.delivered).toHaveLength((await writing).length);
    expect(bridge.queue.deadLetters).toEqual([]);
  });
});

describe('a customer who writes 5,000 messages at once', () => {
  const hot = '447700999999';

  async function run(bridge: VirtualBridge, hotMessages: number, othersPerMinute: number) {
    for (let count = 0; count < hotMessages; count += 1) bridge.write(hot);
    const writing = bridge.writeAtRandom(othersPerMinute, 10 * minuteMs, aPhoneOf(2000));
    await runFor(bridge, 11);
    const ids = new Set(await writing);
    const waits = bridge.listWaits(ids);
    return { waits, others: ids.size, hot: bridge.desk.delivered.length - waits.length };
  }

  it.each([
    ['two sandboxes', 2],
    ['four sandboxes', 4],
    ['ten sandboxes', 10],
  ])(
    'in %s does not double the p99 wait of the others, and has what they leave',
    async (_name, sandboxes) => {
      const calm = await run(new VirtualBridge({ ...pacing, sandboxes, seed }), 0, 180);
      const bridge = new VirtualBridge({ ...pacing, sandboxes, seed });

      const busy = await run(bridge, 5000, 180);

      expect(busy.waits).toHaveLength(busy.others);
      expect(percentile(busy.waits, 0.99)).toBeLessThanOrEqual(2 * percentile(calm.waits, 0.99));
      expect(busy.hot).toBeGreaterThanOrEqual(0.75 * 10 * (300 - 180));
      expect(bridge.desk.refused).toBeLessThanOrEqual(0.01 * bridge.desk.delivered.length);
      expect(bridge.queue.deadLetters).toEqual([]);
    },
  );

  it.each([
    ['two sandboxes', 2],
    ['ten sandboxes', 10],
  ])(
    'in %s has a quarter of the allowance at most while the others need all of it',
    async (_name, sandboxes) => {
      const bridge = new VirtualBridge({ ...pacing, sandboxes, seed });

      const { hot: ofHot } = await run(bridge, 5000, 600);

      expect(ofHot).toBeGreaterThan(0);
      expect(ofHot).toBeLessThanOrEqual(0.25 * bridge.desk.delivered.length);
    },
  );

  it('has nearly all of the allowance when alone', async () => {
    const bridge = new VirtualBridge({ ...pacing, sandboxes: 4, seed, latencyMs: 40 });
    for (let count = 0; count < 5000; count += 1) bridge.write(hot);

    await runFor(bridge, 10);

    expect(bridge.desk.delivered.length).toBeGreaterThanOrEqual(0.9 * 3000);
    expect(bridge.desk.refused).toBeLessThanOrEqual(30);
    expect(bridge.queue.deadLetters).toEqual([]);
  });
});
