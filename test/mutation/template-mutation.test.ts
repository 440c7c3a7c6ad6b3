// Each scenario passes on the template as it is, and notices every mutant of it. Which ones are played: see main.ts.
import { LocalRun } from '../journeys/local-run.ts';
import { journeysFolder } from '../journeys/synthesize-once.ts';
import { Noticed, type Scenario } from './scenario.ts';
import { chooseMutants } from './selection.ts';
import { plainAssembly } from './synthesize.ts';
import { copyEdited } from './template-edit.ts';
import { type TemplateMutant, templateMutants } from './template-mutants.ts';

jest.setTimeout(150_000);

const chosen = chooseMutants(templateMutants, process.env.TEMPLATE_MUTANTS ?? '');
const byScenario = [...Map.groupBy(chosen, ({ scenario }) => scenario)].map(([scenario, mutants]) => ({
  name: scenario.name,
  scenario,
  mutants,
}));

async function play(scenario: Scenario, assembly: string): Promise<string[]> {
  const run = await LocalRun.startAssembly(assembly);
  const noticed = new Noticed();
  try {
    await scenario.play(run, noticed);
  } finally {
    await run.stop();
  }
  return noticed.all;
}

/** What the local run says when it refuses to start, or what the scenario notices. */
async function meet(mutant: TemplateMutant, assembly: string): Promise<string[]> {
  if (!mutant.refused) return play(mutant.scenario, assembly);
  const refusal = await LocalRun.startAssembly(assembly).then(
    async (run) => {
      await run.stop();
      return 'it was not refused';
    },
    (error: unknown) => String(error),
  );
  expect(refusal).toMatch(mutant.refused);
  return [`refused at the start, as AWS would at the deploy: ${refusal.trim().split('\n').at(-1)}`];
}

describe('the template, broken at one property', () => {
  describe.each(byScenario)('$name', ({ scenario, mutants }) => {
    if (mutants.some(({ refused }) => !refused)) {
      it('nothing is noticed on the template as it is', async () => {
        expect(await play(scenario, plainAssembly)).toEqual([]);
      });
    }

    const [noticeable, others] = [true, false].map((wanted) =>
      mutants.filter(({ unnoticed }) => (unnoticed === undefined) === wanted),
    );

    if (others?.length)
      it.each(others)('nobody can notice that $name', async ({ edit, name, unnoticed }) => {
        const { where, before, after } = copyEdited(plainAssembly, `${journeysFolder}/unnoticed`, edit);

        expect(await play(scenario, `${journeysFolder}/unnoticed`)).toEqual([]);
        process.stdout.write(
          `\n${name}\n  edited:  ${where}: ${before} → ${after}\n  not noticed: ${unnoticed}\n`,
        );
      });

    if (noticeable?.length)
      it.each(noticeable)('it is noticed that $name', async (mutant) => {
        const copy = `${journeysFolder}/${templateMutants.indexOf(mutant)}`;
        const { where, before, after } = copyEdited(plainAssembly, copy, mutant.edit);

        const noticed = await meet(mutant, copy);

        process.stdout.write(`\n${mutant.name}\n  edited:  ${where}: ${before} → ${after}\n`);
        for (const what of noticed.length === 0 ? ['NOTHING'] : noticed)
          process.stdout.write(`  noticed: ${what}\n`);
        expect(noticed).not.toEqual([]);
      });
  });
});
