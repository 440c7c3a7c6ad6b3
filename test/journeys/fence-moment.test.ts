// A message arrives at the very moment at which its customer's fence opens. Calls to the table are held back, so that
// each order of the two is had for certain.
import { LocalRun, until } from './local-run.ts';
import { upTo, Writers } from './writers.ts';

let run: LocalRun;
let writers: Writers;
beforeAll(async () => {
  run = await LocalRun.start('test/journeys/fence-tenant.json');
}, 90_000);
afterAll(() => run?.stop());
beforeEach(async () => {
  await run.calm();
  writers = new Writers(run);
});
jest.setTimeout(150_000);

type Mover = 'inbound-worker' | 'redelivery';

const faultGenesys = (...faults: object[]) => run.tell('PUT', `${run.endpoints.genesys}/_faults`, faults);

/**
 * Holds back the next call of this kind. The AWS SDK repeats after 3 s what is not answered, so it is held 3 s for each of
 * `times`; what was held comes into effect long afterwards, as it may on AWS, and must not matter any more.
 */
const holdBack = (mover: Mover, operation: string, times: number) =>
  run.tell('PUT', `${run.endpoints.control}/_faults`, [
    { service: 'dynamodb', operation, function: `fence-local-${mover}`, times, delayMs: 15_000 },
  ]);

const lastCall = async () =>
  (await run.get<{ seq: number }[]>(`${run.endpoints.control}/_calls?since=0`)).at(-1)?.seq ?? 0;

/** Waits for the first such call after `since`; answers its place among all calls. */
async function untilCalled(mover: Mover, operation: string, since: number): Promise<number> {
  const find = async () => (await run.calls(mover, since)).find((call) => call.operation === operation);
  const call = await until(find, (found) => found !== undefined);
  return call?.seq ?? 0;
}

/** A customer whose first message waits behind the fence, while Genesys is away. */
async function fenceSomebody(): Promise<{ customer: string; runs: () => Promise<string[]> }> {
  const before = new Set((await run.executions()).map(({ name }) => name));
  const [customer = ''] = writers.invite(1);
  await faultGenesys({ match: { path: '/inbound/open/message$' }, action: { status: 503 } });
  const [first = ''] = await writers.write(customer);
  await run.untilStatus(first, 'PARKED');
  const runs = async () =>
    (await run.executions()).filter(({ name }) => !before.has(name)).map(({ status }) => status);
  // The start of the run is the last thing that is done to park a message.
  await until(runs, ({ length }) => length === 1);
  return { customer, runs };
}

describe('a message that arrives while its customer’s fence opens', () => {
  it('and was to be parked when nothing was left to wait for, is delivered by the worker itself', async () => {
    const { customer, runs } = await fenceSomebody();
    const since = await lastCall();
    await holdBack('inbound-worker', 'PutItem', 3);
    const [second = ''] = await writers.write(customer);
    const held = await untilCalled('inbound-worker', 'PutItem', since);

    await faultGenesys();
    await until(runs, ([status]) => status === 'SUCCEEDED');
    expect(await run.recordOf(second)).toMatchObject({ status: 'INFLIGHT' });

    await writers.untilArrived([customer], 30_000);
    await writers.expectWhole([customer]);
    // What it had put into the park is out of it again, and nobody had to be started for it.
    await untilCalled('inbound-worker', 'DeleteItem', held);
    expect(await runs()).toEqual(['SUCCEEDED']);
    await writers.write(customer);
    await writers.untilArrived([customer], 10_000);
    await writers.expectWhole([customer]);
  });

  it('and is parked when nothing was left but to open, is delivered by the same run', async () => {
    const { customer, runs } = await fenceSomebody();
    const since = await lastCall();
    // Once the first message is delivered, the only write left to the run is the one that opens the fence.
    await holdBack('redelivery', 'DeleteItem', 1);
    await faultGenesys();
    const removed = await untilCalled('redelivery', 'DeleteItem', since);
    await holdBack('redelivery', 'UpdateItem', 3);
    const opening = await untilCalled('redelivery', 'UpdateItem', removed);

    const [second = ''] = await writers.write(customer);
    await run.untilStatus(second, 'PARKED', 8000);
    expect(await runs()).toEqual(['RUNNING']);

    await writers.untilArrived([customer], 30_000);
    await until(runs, (statuses) => !statuses.includes('RUNNING'));
    expect(await runs()).toEqual(['SUCCEEDED']);
    await writers.expectWhole([customer]);
    expect(await untilCalled('inbound-worker', 'PutItem', since)).toBeGreaterThan(opening);
  });

  it('and is in the park before it says so, is waited for', async () => {
    const { customer, runs } = await fenceSomebody();
    const since = await lastCall();
    await holdBack('inbound-worker', 'PutItem', 1);
    await writers.write(customer);
    const put = await untilCalled('inbound-worker', 'PutItem', since);
    await holdBack('inbound-worker', 'UpdateItem', 3);
    await untilCalled('inbound-worker', 'UpdateItem', put);

    await faultGenesys();
    await until(
      () => writers.arrivals(),
      (found) => found.get(customer)?.length === 1,
    );
    expect(await runs()).toEqual(['RUNNING']);

    await writers.untilArrived([customer], 40_000);
    await until(runs, (statuses) => !statuses.includes('RUNNING'));
    expect(await runs()).toEqual(['SUCCEEDED']);
    await writers.expectWhole([customer]);
  });

  it('is not overtaken by its successors while every write to the table is slow', async () => {
    const { customer } = await fenceSomebody();
    const slow = { service: 'dynamodb', operation: 'UpdateItem', delayMs: 120 };
    await run.tell('PUT', `${run.endpoints.control}/_faults`, [slow]);
    await faultGenesys();

    for (const _ of upTo(25)) await writers.write(customer);

    await writers.untilArrived([customer], 90_000);
    await writers.expectWhole([customer]);
  });
});
