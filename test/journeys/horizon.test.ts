// Messages wait so long that they are not worth showing any more: the agent is told so, and each ends visibly.
import { LocalRun, until } from './local-run.ts';
import { Operator } from './operator.ts';
import { Writers } from './writers.ts';

let run: LocalRun;
let writers: Writers;
beforeAll(async () => {
  run = await LocalRun.start('test/journeys/horizon-tenant.json');
}, 90_000);
afterAll(() => run?.stop());
beforeEach(async () => {
  await run.calm();
  writers = new Writers(run);
});
jest.setTimeout(180_000);

const onMessages = { method: 'POST', path: '/inbound/open/message$' };
const horizonMs = 20_000;
const notice = '[A message of the customer was not shown: it had waited too long]';

const faultGenesys = (...faults: object[]) => run.tell('PUT', `${run.endpoints.genesys}/_faults`, faults);
const untilItIs = (at: number) =>
  until(
    async () => Date.now(),
    (now) => now > at,
    2 * horizonMs,
  );

describe('a message older than the horizon', () => {
  it('is EXPIRED by itself once the agent has been told, in order with what is still worth showing', async () => {
    const [customer = ''] = writers.invite(1);
    await faultGenesys({ match: onMessages, action: { status: 503 } });
    const old = await writers.write(customer, 2);
    const since = Date.now();
    for (const id of old) await run.untilStatus(id, 'PARKED');

    // As long as nobody can be told, nothing is given up.
    await untilItIs(since + horizonMs + 3000);
    for (const id of old) expect(await run.recordOf(id)).toMatchObject({ status: 'PARKED' });
    const [young = ''] = await writers.write(customer);
    await run.untilStatus(young, 'PARKED');
    await faultGenesys();

    const fates = await writers.untilEnded([customer]);
    expect(fates.map(({ record }) => [record?.status, record?.reason])).toMatchObject([
      ['EXPIRED', 'horizon'],
      ['EXPIRED', 'horizon'],
      ['DELIVERED', expect.anything()],
    ]);
    const shown = (await run.delivered()).map(({ body }) => body.text);
    expect(shown).toEqual([notice, notice, writers.textsOf(customer)[2]]);
    expect((await run.metrics())['Messages.EXPIRED']).toBe(2);
    await writers.untilAllRunsEnded();
  });

  it('is delivered after all when an operator wants it, and the ledger knows who did', async () => {
    const operator = new Operator(run);
    const [customer = ''] = writers.invite(1);
    await faultGenesys({ match: { ...onMessages, bodyContains: `${customer}: ` }, action: { status: 503 } });
    const [id = ''] = await writers.write(customer);
    await run.untilStatus(id, 'EXPIRED', 4 * horizonMs);
    await faultGenesys();
    await run.tell('DELETE', `${run.endpoints.genesys}/_requests`);

    expect(await operator.replay('--ids', id)).toMatchObject({
      text: expect.stringMatching(/need --force +1\n/),
    });
    expect(await operator.replay('--ids', id, '--force', '--reason', 'still wanted')).toMatchObject({
      code: 0,
    });

    expect((await run.delivered()).map(({ body }) => body.text)).toEqual(writers.textsOf(customer));
    expect(await operator.recordsOf(id)).toMatchObject([
      { status: 'EXPIRED' },
      { status: 'DELIVERED', forced: 'still wanted' },
    ]);
  });
});
