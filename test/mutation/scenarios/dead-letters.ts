// What nobody can read must not stand in the way for ever, and must not vanish.
import type { LocalRun } from '../../journeys/local-run.ts';
import type { Scenario } from '../scenario.ts';
import { putRubbish } from '../weather.ts';

async function unreadableOnes(run: LocalRun): Promise<string[]> {
  const objects = await run.get<unknown[]>(`${run.endpoints.control}/_objects?prefix=unreadable/`);
  return objects.map((object) => JSON.stringify(object));
}

/** A body that makes no sense uses up its receives: it ends FAILED in the ledger, its bytes in the archive. */
const unreadable = (direction: 'inbound' | 'outbound'): Scenario => ({
  name: `a record of the ${direction} queue cannot be read`,
  async play(run, noticed) {
    await putRubbish(run, `mutants-local-${direction}.fifo`, `a-group-of-${direction}`);
    await noticed.unless(
      'what cannot be read was not put where an operator finds it',
      () => unreadableOnes(run),
      (found) => found.length === 1,
      40_000,
    );
    await noticed.unless(
      'operators did not see one dead letter and one failed message',
      async () => {
        const { DeadLetters = 0, 'Messages.FAILED': failed = 0 } = await run.metrics();
        return { DeadLetters, failed };
      },
      ({ DeadLetters, failed }) => DeadLetters === 1 && failed === 1,
      5000,
    );
  },
});

export const unreadableInbound = unreadable('inbound');
export const unreadableOutbound = unreadable('outbound');
