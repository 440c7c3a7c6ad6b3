// Trouble that is longer than a message is held in the queue.
import { setTimeout as sleep } from 'node:timers/promises';
import { aMessage, aPhone, type LocalRun } from '../../journeys/local-run.ts';
import type { Noticed, Scenario } from '../scenario.ts';
import { setNumber, stopExecution } from '../weather.ts';
import { expectTexts, write } from './inbound.ts';

interface Execution {
  name: string;
  machine: string;
  status: string;
}

const drain = 'mutants-local-redelivery';
const deskIsDown = { match: { path: '/inbound/open/message$' }, action: { status: 503 } };

const setDeskFaults = (run: LocalRun, faults: unknown[]) =>
  run.tell('PUT', `${run.endpoints.genesys}/_faults`, faults);
const setAwsFaults = (run: LocalRun, faults: unknown[]) =>
  run.tell('PUT', `${run.endpoints.control}/_faults`, faults);
const executions = async (run: LocalRun): Promise<Execution[]> =>
  (await run.get<Execution[]>(`${run.endpoints.control}/_executions`)).filter(
    ({ machine }) => machine === drain,
  );

/** A customer writes while Genesys is down, until the message is parked; answers the customer. */
async function parkOne(run: LocalRun, noticed: Noticed, text: string): Promise<string | undefined> {
  const from = aPhone();
  await setDeskFaults(run, [deskIsDown]);
  await write(run, noticed, [aMessage(from, text)]);
  const isParked = await noticed.unless(
    'no run of redelivery was started',
    () => executions(run),
    (found) => found.length > 0,
    15_000,
  );
  return isParked ? from : undefined;
}

/** How often the function that drains answered, and how often it failed. */
async function drains(run: LocalRun): Promise<{ answered: number; failed: number }> {
  const logs = await run.get<unknown[]>(`${run.endpoints.control}/_logs?since=0`);
  const lines = logs.map((line) => JSON.stringify(line)).filter((line) => line.includes(drain));
  return {
    answered: lines.filter((line) => line.includes('park.drained')).length,
    failed: lines.filter((line) => line.includes('Invoke Error')).length,
  };
}

/** Runs that are over by themselves are the rule; what stays running or fails rings an alarm. */
async function expectRunsEnded(run: LocalRun, noticed: Noticed): Promise<void> {
  await noticed.unless(
    'runs of redelivery had not succeeded',
    async () => (await executions(run)).map(({ status }) => status),
    (statuses) => statuses.every((status) => status === 'SUCCEEDED'),
    6000,
  );
}

/** Genesys stays away beyond the first attempt of redelivery. */
export const outage: Scenario = {
  name: 'Genesys is down beyond the first attempt of redelivery',
  async play(run, noticed) {
    const from = await parkOne(run, noticed, 'storm 1');
    if (from === undefined) return;
    await write(run, noticed, [aMessage(from, 'storm 2')]);
    const wasTried = await noticed.unless(
      'redelivery had not tried',
      () => drains(run),
      ({ answered }) => answered > 0,
      8000,
    );
    await setDeskFaults(run, []);
    if (!wasTried) return;
    await expectTexts(run, noticed, from, ['storm 1', 'storm 2'], 8000);
    await expectRunsEnded(run, noticed);
    const tries = (await run.deskRequests())
      .filter(({ body }) => body.text === 'storm 1')
      .map(({ at }) => at);
    const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    const shortest = Math.min(...gaps);
    if (shortest < 400) noticed.note(`Genesys, being down, was asked again after ${shortest} ms`);
  },
};

/** One call of the attempt fails, as calls do. */
export const hiccup: Scenario = {
  name: 'one attempt of redelivery fails for a moment’s reason',
  async play(run, noticed) {
    await setAwsFaults(run, [
      { service: 'dynamodb', function: drain, times: 1, action: { error: 'AccessDeniedException' } },
    ]);
    const from = await parkOne(run, noticed, 'hiccup');
    if (from === undefined) return;
    await setDeskFaults(run, []);
    await expectTexts(run, noticed, from, ['hiccup'], 8000);
    noticed.unlessSame('attempts that failed', (await drains(run)).failed, 1);
    await expectRunsEnded(run, noticed);
  },
};

/** The store is away longer than one attempt is repeated. */
export const storeAway: Scenario = {
  name: 'the store is away for longer than an attempt of redelivery is repeated',
  async play(run, noticed) {
    await setAwsFaults(run, [
      { service: 'dynamodb', function: drain, action: { error: 'AccessDeniedException' } },
    ]);
    const from = await parkOne(run, noticed, 'away');
    if (from === undefined) return;
    await setDeskFaults(run, []);
    const hasFailed = await noticed.unless(
      'attempts were not repeated five times',
      () => drains(run),
      ({ failed }) => failed >= 5,
      60_000,
    );
    await sleep(300);
    await setAwsFaults(run, []);
    const statuses = (await executions(run)).map(({ status }) => status);
    noticed.unlessSame('runs of redelivery', statuses, ['RUNNING']);
    if (hasFailed) await expectTexts(run, noticed, from, ['away'], 16_000);
  },
};

/** A run dies; the customer must not wait for ever. */
export const lostRun: Scenario = {
  name: 'a run of redelivery dies, and time passes',
  async play(run, noticed) {
    const from = await parkOne(run, noticed, 'forgotten');
    const [first] = await executions(run);
    if (from === undefined || !first) return;
    await stopExecution(run, drain, first.name);
    await setDeskFaults(run, []);
    await sleep(500);
    await setNumber(run, 'mutants-local-customers', 'inNextAt', Date.now() - 3_600_000);
    await run.tell('POST', `${run.endpoints.control}/_due`);
    await expectTexts(run, noticed, from, ['forgotten'], 8000);
  },
};
