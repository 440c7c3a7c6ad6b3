import { hunt } from '../../simulation/explore.ts';
import { mutants } from '../../simulation/mutants.ts';

describe('the simulation notices when a rule of the protocol is taken out', () => {
  it.each(
    mutants
      .filter(({ equivalent }) => equivalent === undefined)
      .map((mutant) => [mutant.rule, mutant] as const),
  )(
    '%s',
    async (_rule, mutant) => {
      const { finding } = await hunt(mutant, 300);

      expect(finding?.violations ?? []).not.toEqual([]);
    },
    60_000,
  );
});
