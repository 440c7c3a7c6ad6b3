import { examine, searchDirected, searchSingles } from '../../simulation/explore.ts';
import { mutants } from '../../simulation/mutants.ts';
import { makeScenario } from '../../simulation/scenario.ts';
import { describeFinding, shrink } from '../../simulation/shrink.ts';
import { play } from '../../simulation/world.ts';

jest.setTimeout(60_000);

describe('the simulation', () => {
  it('finds nothing wrong in any schedule with a single fault, nor in the directed ones', async () => {
    const singles = await searchSingles();

    expect(singles.finding).toBeUndefined();
    expect(singles.runs).toBeGreaterThan(1000);
    expect((await searchDirected()).finding).toBeUndefined();
  });

  it('plays a seed the same way every time', async () => {
    for (const seed of [1, 7, 4711, 186_024_271]) {
      const [first, second] = [
        await play(makeScenario(seed), { trace: [] }),
        await play(makeScenario(seed), { trace: [] }),
      ];

      expect(second.trace).toEqual(first.trace);
      expect(second.desk.shown).toEqual(first.desk.shown);
      expect(first.trace.length).toBeGreaterThan(5);
    }
  });

  it('goes through troubles of every kind', async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 150; seed += 1) {
      const scenario = makeScenario(seed);
      for (const { trouble } of scenario.outages) seen.add(trouble);
      for (const { mode } of scenario.faults) seen.add(mode);
      const { ledger } = await play(scenario);
      for (const { status, ambiguous } of ledger.records.values())
        seen.add(ambiguous > 0 ? 'ambiguous' : status);
    }

    expect([...seen].sort()).toEqual(
      [
        ...[
          'acts-late',
          'answers-500',
          'answers-500-after-effect',
          'answers-slowly',
          'refuses-connections',
          'throttles',
        ],
        ...['crash-after', 'crash-before', 'echo', 'error', 'freeze', 'lost', 'lost-for-good'],
        ...['DELIVERED', 'EXPIRED', 'FAILED', 'HELD', 'ambiguous'],
      ].sort(),
    );
  });

  it('reduces what it finds to what is needed, and tells how it went', async () => {
    const mutant = mutants.find(({ name }) => name === 'takeover-is-not-ambiguous');
    if (!mutant) throw new Error('no such mutant');
    let seed = 1;
    while ((await examine(makeScenario(seed), mutant)).length === 0) seed += 1;
    const scenario = makeScenario(seed);

    const small = await shrink({ scenario, violations: ['any'] }, mutant);

    expect(JSON.stringify(small.scenario).length).toBeLessThan(JSON.stringify(scenario).length);
    expect(small.violations[0]).toMatch(/^I3 /);
    expect(await examine(small.scenario)).toEqual([]);
    expect(await describeFinding(small, mutant)).toContain('desk.deliver');
  });

  it('says so when a run does not come to rest', async () => {
    const stuck = { ...makeScenario(1), postings: [] };

    expect(await examine({ ...stuck, postings: [{ atMs: 30 * 86_400_000, messages: [] }] })).toEqual([
      expect.stringContaining('I5 still busy'),
    ]);
  });
});
