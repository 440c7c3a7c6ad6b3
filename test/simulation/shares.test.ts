import { searchPairs, searchSeeds } from '../../simulation/explore.ts';
import { listFaultPairs, spreadStep } from '../../simulation/fault-pairs.ts';
import { addFigures } from '../../simulation/figures.ts';
import { mutants } from '../../simulation/mutants.ts';
import type { ThreadResult } from '../../simulation/threads.ts';
import { play } from '../../simulation/world.ts';

jest.setTimeout(60_000);

function sum(shares: readonly ThreadResult[]): ThreadResult {
  const [first, ...others] = shares;
  if (!first) throw new Error('no shares');
  for (const { runs, figures } of others) {
    first.runs += runs;
    addFigures(first.figures, figures);
  }
  return first;
}

describe('the shares of a search', () => {
  it('are together what one search would play', async () => {
    const options = { firstSeed: 100, atLeast: 31 };
    const shares = [0, 1, 2].map((index) => searchSeeds({ ...options, share: { index, of: 3 } }));

    const { runs, figures } = sum(await Promise.all(shares));

    const whole = await searchSeeds(options);
    expect(runs).toBe(31);
    expect(figures).toEqual(whole.figures);
  });

  it('go on until the time is over, and have no end in a time that is not', async () => {
    const over = await searchSeeds({ firstSeed: 1, atLeast: 2, until: Date.now() - 1 });
    let runs = 0;
    const until = Date.now() + 300;
    await searchSeeds({ firstSeed: 1, atLeast: 0, until, onProgress: (played) => (runs = played) });

    expect(over.runs).toBe(2);
    expect(Date.now()).toBeGreaterThanOrEqual(until);
    expect(runs % 200).toBe(0);
  });

  it('count what the desk showed twice only where it does not know message ids', async () => {
    const { figures, finding } = await searchSeeds({ firstSeed: 1, atLeast: 150 });

    expect(finding).toBeUndefined();
    const { knowsIds, doesNot } = figures;
    expect(knowsIds.runs + doesNot.runs).toBe(150);
    expect([knowsIds.lost, knowsIds.reordered, knowsIds.shownTwiceUnrecorded]).toEqual([0, 0, 0]);
    expect([doesNot.lost, doesNot.reordered, doesNot.shownTwiceUnrecorded]).toEqual([0, 0, 0]);
    expect(doesNot.shownTwice).toBeGreaterThan(0);
    expect(doesNot.ambiguous).toBeGreaterThanOrEqual(doesNot.shownTwice);
  });

  it('count what is lost, overtaken and doubled in silence when a rule is missing', async () => {
    const count = async (name: string) => {
      const mutant = mutants.find((candidate) => candidate.name === name);
      if (!mutant) throw new Error(`no mutant is named ${name}`);
      const { figures, finding } = await searchSeeds({ firstSeed: 1, atLeast: 3000, mutant });
      expect(finding).toBeDefined();
      const { knowsIds, doesNot } = figures;
      return {
        lost: knowsIds.lost + doesNot.lost,
        reordered: knowsIds.reordered + doesNot.reordered,
        unrecorded: knowsIds.shownTwiceUnrecorded + doesNot.shownTwiceUnrecorded,
      };
    };

    expect((await count('error-swallowed-and-200')).lost).toBeGreaterThan(0);
    expect((await count('records-of-a-group-side-by-side')).reordered).toBeGreaterThan(0);
    expect((await count('takeover-is-not-ambiguous')).unrecorded).toBeGreaterThan(0);
  });
});

describe('the pairs of faults', () => {
  it('meet at calls that really come, one after the other', async () => {
    const pairs = await listFaultPairs();
    const step = spreadStep(pairs.length);
    for (let nth = 0; nth < 60; nth += 1) {
      const scenario = pairs.at((nth * step) % pairs.length);
      const { plan } = await play(scenario);
      const places = scenario.faults.map((fault) =>
        plan.calls.findIndex(
          ({ operation, nth: time }) => operation === fault.operation && time === fault.nth,
        ),
      );

      expect(places).toHaveLength(2);
      expect(places[0]).toBeGreaterThanOrEqual(0);
      expect(places[1]).toBeGreaterThan(places[0] ?? 0);
    }
    expect(() => pairs.at(pairs.length)).toThrow(RangeError);
  });

  it('are met once each, however far the steps', () => {
    for (const length of [1, 2, 7, 100, 1001]) {
      const step = spreadStep(length);
      const places = Array.from({ length }, (_none, nth) => (3 + nth * step) % length);

      expect(new Set(places).size).toBe(length);
    }
  });

  it('are as many as asked for, of all there are', async () => {
    const { runs, total, finding } = await searchPairs({ first: 12_345, atLeast: 40 });

    expect(finding).toBeUndefined();
    expect(runs).toBe(40);
    expect(total).toBeGreaterThan(100_000);
  });
});
