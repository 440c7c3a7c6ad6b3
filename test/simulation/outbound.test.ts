import {
  examineOutbound,
  huntOutbound,
  searchDirectedOutbound,
  searchOutboundPairs,
  searchOutboundSeeds,
} from '../../simulation/outbound/explore.ts';
import { describeOutboundFigures } from '../../simulation/outbound/figures.ts';
import { judgeOutbound } from '../../simulation/outbound/invariants.ts';
import { outboundMutants } from '../../simulation/outbound/mutants.ts';
import { makeCalmScenario, makeOutboundScenario } from '../../simulation/outbound/scenario.ts';
import { describeOutboundFinding, shrinkOutbound } from '../../simulation/outbound/shrink.ts';
import { playOutbound } from '../../simulation/outbound/world.ts';

jest.setTimeout(120_000);

describe('the simulation of the way back', () => {
  it('finds nothing wrong in the directed schedules, nor in a number of random ones', async () => {
    expect((await searchDirectedOutbound()).finding).toBeUndefined();
    expect((await searchOutboundSeeds({ firstSeed: 1, atLeast: 200 })).finding).toBeUndefined();
  });

  it('meets pairs of faults far from each other, and counts what its runs came to', async () => {
    const { runs, total, finding, figures } = await searchOutboundPairs({ first: 7, atLeast: 60 });

    expect(finding).toBeUndefined();
    expect([runs, figures.runs]).toEqual([60, 60]);
    expect(total).toBeGreaterThan(100_000);
    expect(figures).toMatchObject({ replies: 180, lost: 0, reordered: 0, repeated: 0 });
    expect(figures.sent + figures.told).toBe(180);
    expect(describeOutboundFigures(figures)).toMatch(/replies accepted +180\n/);
  });

  it('plays a seed the same way every time', async () => {
    for (const seed of [3, 77, 4711]) {
      const play = () => playOutbound(makeOutboundScenario(seed), { trace: [] });
      const [first, second] = [await play(), await play()];

      expect(second.trace).toEqual(first.trace);
      expect(second.whatsapp.taken).toEqual(first.whatsapp.taken);
      expect(first.trace.length).toBeGreaterThan(5);
    }
  });

  it('brings replies to every end there is', async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 150; seed += 1) {
      const { ledger, genesys } = await playOutbound(makeOutboundScenario(seed));
      for (const { status, reason = '' } of ledger.records.values())
        seen.add(status === 'DELIVERED' ? status : reason);
      for (const { status } of genesys.receipts) seen.add(`told ${status}`);
    }

    expect([...seen].sort()).toEqual(
      expect.arrayContaining([
        'DELIVERED',
        'GeneralError:fate-unknown',
        'InvalidDestination:131026',
        'MessageNotAllowed:window-closed',
        'MessageNotAllowed:window-closed-invited',
        'told Delivered',
        'told Failed',
      ]),
    );
  });

  it('goes on when the deletion of what was done dies, more often than functions run side by side', async () => {
    const scenario = makeCalmScenario(
      [1, 2, 3, 4, 5, 6].map((nth) => ({ operation: 'queue.delete', nth, mode: 'crash-before' })),
    );

    expect(await examineOutbound(scenario)).toEqual([]);
  });

  it('says so when a run does not come to rest', async () => {
    const scenario = makeCalmScenario([], { repeats: [{ id: 'g1', atMs: 30 * 86_400_000 }] });

    expect(await examineOutbound(scenario)).toEqual([expect.stringContaining('O5 still busy')]);
  });

  it('reduces what it finds to what is needed, and tells how it went', async () => {
    const mutant = outboundMutants.find(({ name }) => name === 'fence-is-ignored');
    if (!mutant) throw new Error('no such mutant');
    const { finding } = await huntOutbound(mutant, 0);
    if (!finding) throw new Error('the mutant was not noticed');
    const noisy = { ...finding, scenario: { ...finding.scenario, repeats: [{ id: 'g1', atMs: 500_000 }] } };

    const small = await shrinkOutbound(noisy, mutant);

    expect(small.scenario.repeats).toEqual([]);
    expect(small.violations[0]).toMatch(/^O2 /);
    expect(await examineOutbound(small.scenario)).toEqual([]);
    expect(await describeOutboundFinding(small, mutant)).toContain('whatsapp.send');
  });

  it('notices what WhatsApp never took and what Genesys was never told', async () => {
    const outcome = await playOutbound(makeCalmScenario());
    outcome.whatsapp.taken.splice(0);
    outcome.genesys.receipts.splice(0);

    expect(judgeOutbound(outcome)).toEqual(
      expect.arrayContaining([
        'O1 g1 is DELIVERED and WhatsApp did not take all of its 2 parts',
        'O1 WhatsApp said what became of g1, and Genesys was not told',
      ]),
    );
  });
});

describe('the simulation notices when a rule of the way back is taken out', () => {
  it.each(outboundMutants.map((mutant) => [mutant.rule, mutant] as const))('%s', async (_rule, mutant) => {
    const { finding } = await huntOutbound(mutant, 200);

    expect(finding?.violations ?? []).not.toEqual([]);
  });
});
