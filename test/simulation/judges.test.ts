import { FenceIndex } from '../../simulation/fence-index.ts';
import { judge } from '../../simulation/invariants.ts';
import { longestFreeMs } from '../../simulation/judge-waiting.ts';
import { Random } from '../../simulation/random.ts';
import type { Scenario } from '../../simulation/scenario.ts';
import { redelivery } from '../../simulation/settings.ts';
import { MemoryCustomers } from '../../simulation/stores/memory-customers.ts';
import { MemoryFences } from '../../simulation/stores/memory-park.ts';
import { play } from '../../simulation/world.ts';

const hourMs = 3_600_000;

const scene = (over: Partial<Scenario>): Scenario => ({
  seed: 1,
  postings: [{ atMs: 0, messages: [{ id: 'w1', customer: '441', text: 'hello' }] }],
  outages: [],
  refused: [],
  poison: [],
  deskDedups: false,
  faults: [],
  ...over,
});

const span = (fromMs: number, untilMs: number) => ({ fromMs, untilMs });

describe('the longest time without trouble', () => {
  it.each([
    ['is the whole time when there is none', [], 100],
    ['ends where trouble begins, and begins where it ends', [span(10, 30)], 70],
    [
      'is between troubles that overlap, in whatever order they are told',
      [span(60, 90), span(0, 20), span(10, 25)],
      35,
    ],
    ['is nothing when trouble began before and goes on', [span(-50, 200)], 0],
    ['counts no trouble that comes later', [span(150, 200)], 100],
  ])('%s', (_name, troubles, freeMs) => {
    expect(longestFreeMs(span(0, 100), troubles)).toBe(freeMs);
  });
});

describe('a message that expired', () => {
  it('is found fault with when its way was free, and not when trouble lasted', async () => {
    const outcome = await play(
      scene({ outages: [{ fromMs: 0, untilMs: 5 * hourMs, trouble: 'refuses-connections' }] }),
    );
    expect(outcome.ledger.records.get('IN#1#w1')?.status).toBe('EXPIRED');

    const judgeWith = (untilMs: number) =>
      judge({
        ...outcome,
        scenario: scene({ outages: [{ fromMs: 0, untilMs, trouble: 'refuses-connections' }] }),
      });

    expect(judgeWith(5 * hourMs)).toEqual([]);
    expect(judgeWith(redelivery.horizonMs - hourMs)).toEqual([]);
    expect(judgeWith(hourMs)).toEqual(['I1 w1 expired although its way was free for 180 min']);
  });
});

describe('the index of closed fences', () => {
  it('follows its table, later', async () => {
    const fences = new MemoryFences(new MemoryCustomers());
    const index = new FenceIndex(fences, new Random(1));
    const place = { numberId: '1', customerId: '441', direction: 'in' } as const;
    await fences.close(place, await fences.read(place), 500);
    await index.note(1000);

    const found = async (now: number) => (await index.listOverdue('in', 600, 10, now)).length;

    expect(await found(999)).toBe(0);
    expect(await found(10_000_000)).toBe(1);
    const soon = await Promise.all(Array.from({ length: 50 }, () => found(2000)));
    expect(new Set(soon)).toEqual(new Set([0, 1]));
  });
});
