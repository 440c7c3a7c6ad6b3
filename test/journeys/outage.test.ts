// Genesys is away for longer than messages are held, in every way it can be, while many customers write.
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalRun, until } from './local-run.ts';
import { aSeed, createRandom, upTo, Writers } from './writers.ts';

let run: LocalRun;
let writers: Writers;
beforeAll(async () => {
  run = await LocalRun.start('test/journeys/outage-tenant.json');
}, 60_000);
afterAll(() => run?.stop());
beforeEach(async () => {
  await run.calm();
  writers = new Writers(run);
});
jest.setTimeout(300_000);

const onMessages = { method: 'POST', path: '/inbound/open/message$' };
const refused = { match: onMessages, action: { status: 503 } };
const holdMs = 2000;

const faultGenesys = (...faults: object[]) => run.tell('PUT', `${run.endpoints.genesys}/_faults`, faults);
const metric = async (name: string) => (await run.metrics())[name] ?? 0;

/** Everybody writes at the same time, one webhook per message. */
async function writeAll(customers: readonly string[], count: number): Promise<void> {
  for (const _ of upTo(count)) await Promise.all(customers.map((customer) => writers.write(customer)));
}

async function untilParked(customers: number, before: number): Promise<void> {
  await until(
    () => metric('FencesClosed'),
    (closed) => closed >= before + customers,
    60_000,
  );
}

describe('an outage of Genesys', () => {
  it('during which 50 customers write 20 messages each, and workers die at 50 random moments, costs nothing but time', async () => {
    const random = createRandom(aSeed('kills'));
    const customers = writers.invite(50);
    const closedBefore = await metric('FencesClosed');
    // Some of what it seems to refuse took effect: those may come twice, and the ledger has to say so.
    await faultGenesys(
      { match: onMessages, times: 10, action: 'applied-then-reset' },
      { match: onMessages, times: 40, action: 'reset' },
      { match: onMessages, times: 2, action: 'hang' },
      refused,
    );

    await writeAll(customers, 20);
    await untilParked(customers.length, closedBefore);
    for (const kill of upTo(50)) {
      await sleep(random() * 300);
      await run.kill(random() < 0.5 ? 'inbound-worker' : 'redelivery');
      if (kill === 25) await faultGenesys();
    }

    await writers.untilArrived(customers, 180_000);
    const fates = await writers.expectWhole(customers);
    await writers.untilAllRunsEnded();
    const doubled = fates.filter(({ deliveries }) => deliveries > 1).length;
    console.log(`${fates.length} messages in order, ${doubled} of them twice and known to be`);
  });

  it.each([
    ['refuses everything with 503', refused],
    ['resets every connection', { match: onMessages, action: 'reset' }],
    ['answers too late', { match: onMessages, action: 'hang' }],
    ['gives no token', { match: { path: '/oauth/token$' }, action: { status: 503 } }],
  ])('in which it %s leaves no gap', async (_name, fault) => {
    const customers = writers.invite(4);
    const closedBefore = await metric('FencesClosed');
    await run.tell('PUT', `${run.endpoints.genesys}/_settings`, { expireTokens: true });
    await faultGenesys(fault);

    await writeAll(customers, 3);
    await untilParked(customers.length, closedBefore);
    await faultGenesys();
    await writeAll(customers, 1);

    await writers.untilArrived(customers, 60_000);
    const fates = await writers.expectWhole(customers);
    expect(fates.filter(({ deliveries }) => deliveries !== 1)).toEqual([]);
    await writers.untilAllRunsEnded();
  });

  it('that is over while its backlog is not lets nobody overtake it', async () => {
    const customers = writers.invite(4);
    const closedBefore = await metric('FencesClosed');
    await faultGenesys(refused);
    await writeAll(customers, 2);
    await untilParked(customers.length, closedBefore);
    const action = { error: 'InternalServerError' };
    const fault = { service: 'dynamodb', function: 'outage-local-redelivery', action };
    await run.tell('PUT', `${run.endpoints.control}/_faults`, [fault]);
    await faultGenesys();

    // Somebody else's message shows that nothing else is in the way any more. Who comes while the circuit is still open
    // is parked, and waits for redelivery like everybody.
    await until(
      async () => {
        await writeAll(writers.invite(1), 1);
        await sleep(1000);
        return run.delivered();
      },
      (rows) => rows.length > 0,
    );
    for (const customer of customers) {
      const [id = ''] = await writers.write(customer);
      expect(await run.untilStatus(id, 'PARKED')).toMatchObject({ reason: 'behind-fence' });
    }
    const arrived = await writers.arrivals();
    expect(customers.filter((customer) => arrived.has(customer))).toEqual([]);
    await run.tell('DELETE', `${run.endpoints.control}/_faults`);

    await writers.untilArrived(customers, 60_000);
    await writers.expectWhole(customers);
    await writers.untilAllRunsEnded();
  });

  it('that comes back while its backlog is worked off changes nothing of the order', async () => {
    const customers = writers.invite(6);
    const closedBefore = await metric('FencesClosed');
    await faultGenesys(refused);
    await writeAll(customers, 12);
    await untilParked(customers.length, closedBefore);

    for (const _ of upTo(2)) {
      const arrived = (await run.delivered()).length;
      await faultGenesys();
      await until(
        () => run.delivered(),
        (rows) => rows.length >= arrived + 8,
      );
      await faultGenesys(refused);
      await sleep(2 * holdMs);
    }
    await writeAll(customers, 2);
    expect((await run.delivered()).length).toBeLessThan(6 * 14);
    await faultGenesys();

    await writers.untilArrived(customers, 90_000);
    await writers.expectWhole(customers);
    await writers.untilAllRunsEnded();
  });
});

describe('trouble of a single customer', () => {
  it('of whom nothing goes through leaves everybody else undisturbed, and ends in order', async () => {
    const [unlucky = '', ...others] = writers.invite(10);
    const closedBefore = await metric('FencesClosed');
    await faultGenesys({ ...refused, match: { ...onMessages, bodyContains: `${unlucky}: ` } });

    await writers.write(unlucky, 5);
    await untilParked(1, closedBefore);
    const delays = await measure(others, 5);
    await writers.write(unlucky, 2);

    expect(Math.max(...delays)).toBeLessThan(holdMs);
    expect(await metric('FencesClosed')).toBe(closedBefore + 1);
    await faultGenesys();
    await writers.untilArrived([unlucky], 60_000);
    await writers.expectWhole([unlucky, ...others]);
  });

  it('whose messages take a second each leaves everybody else undisturbed', async () => {
    const [slow = '', ...others] = writers.invite(10);
    await faultGenesys({ match: { ...onMessages, bodyContains: `${slow}: ` }, delayMs: 1000 });

    await writers.write(slow, 8);
    const delays = await measure(others, 5);

    expect(Math.max(...delays)).toBeLessThan(holdMs);
    await writers.untilArrived([slow], 60_000);
    await writers.expectWhole([slow, ...others]);
  });

  it('one of whose messages is refused for good is told to the agent, and everything else arrives', async () => {
    const [refusedOne = '', ...others] = writers.invite(5);
    const match = { ...onMessages, bodyContains: `${refusedOne}: 2` };
    await faultGenesys({ match, action: { status: 400, body: { status: 400, code: 'bad.request' } } });

    await writers.write(refusedOne, 3);
    const delays = await measure(others, 3);

    expect(Math.max(...delays)).toBeLessThan(holdMs);
    const fates = await writers.untilEnded([refusedOne]);
    expect(fates.map(({ record }) => record?.status)).toEqual(['DELIVERED', 'FAILED', 'DELIVERED']);
    const texts = (await run.delivered()).filter(({ body }) => body.channel.from.id === refusedOne);
    expect(texts.map(({ body }) => body.text)).toEqual([
      `${refusedOne}: 1`,
      '[A message of the customer could not be shown: the contact centre refused it]',
      `${refusedOne}: 3`,
    ]);
    await writers.expectWhole(others);
  });
});

/** How long each of `count` messages of each customer took from its acceptance to Genesys, ms. */
async function measure(customers: readonly string[], count: number): Promise<number[]> {
  const acceptedAt = new Map<string, number>();
  for (const _ of upTo(count)) {
    await Promise.all(
      customers.map(async (customer) => {
        await writers.write(customer);
        acceptedAt.set(writers.textsOf(customer).at(-1) ?? '', Date.now());
      }),
    );
  }
  await writers.untilArrived(customers, 30_000);
  return (await run.delivered()).flatMap(({ at, body }) => {
    const since = acceptedAt.get(body.text);
    return since === undefined ? [] : [at - since];
  });
}
