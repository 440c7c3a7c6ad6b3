// What is past its time is gone: a customer's traces are kept as long as the tenant file says, and not for ever.
import { aMessage, aPhone } from '../../journeys/local-run.ts';
import type { Scenario } from '../scenario.ts';
import { readTable, setNumber } from '../weather.ts';
import { expectTexts, write } from './inbound.ts';

const secondsPerDay = 86_400;

/** Thirty-six days pass for a ledger record, four hundred for a profile. */
const pastItsTime = (thing: 'ledger' | 'customers'): Scenario => ({
  name: `what the ${thing} table keeps is past its time`,
  async play(run, noticed) {
    const from = aPhone();
    await write(run, noticed, [aMessage(from, 'long ago')]);
    await expectTexts(run, noticed, from, ['long ago'], 10_000);
    const isOurs = ({ pk }: Record<string, unknown>) => /^(IN|CUST|ALIAS)#/.test(String(pk));
    const yesterday = Math.floor(Date.now() / 1000) - secondsPerDay;
    const aged = await setNumber(run, `mutants-local-${thing}`, 'ttl', yesterday, isOurs);
    if (aged === 0) noticed.note(`nothing in the ${thing} table has an end`);
    await run.tell('POST', `${run.endpoints.control}/_due`);
    await noticed.unless(
      `the ${thing} table still kept what was past its time`,
      async () => (await readTable(run, `mutants-local-${thing}`)).filter(isOurs).length,
      (left) => left === 0,
      3000,
    );
  },
});

export const ledgerExpiry = pastItsTime('ledger');
export const customerExpiry = pastItsTime('customers');
