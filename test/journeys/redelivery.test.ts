// Trouble that lasts longer than a message is held in the queue: what waits behind fences comes in order, or not at all.
import { setTimeout as sleep } from 'node:timers/promises';
import { aMessage, aPhone, aWebhook, LocalRun, type StoredRecord, until } from './local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => run.calm());
jest.setTimeout(240_000);

const deskIsDown = { match: { path: '/inbound/open/message' }, action: { status: 503 } };

/** Numbers of a text, from `<customer>: <n>`. */
const numberOf = (text: string) => Number(text.split(': ')[1]);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

async function write(customer: string, number: number): Promise<void> {
  const message = aMessage(customer, `${customer}: ${number}`);
  const answer = await run.post(aWebhook(run.endpoints.phoneNumberId, [message]));
  expect(answer.status).toBe(200);
}

/** What Genesys got of each customer, in order, a repeated delivery counted once. */
async function arrivals(): Promise<Map<string, number[]>> {
  const texts = (await run.delivered()).map(({ body }) => body.text);
  const byCustomer = Map.groupBy(texts, (text) => text.split(': ')[0] ?? '');
  return new Map([...byCustomer].map(([customer, own]) => [customer, [...new Set(own.map(numberOf))]]));
}

async function untilAllArrived(
  customers: readonly string[],
  count: number,
  timeoutMs: number,
): Promise<void> {
  await until(
    async () => {
      const found = await arrivals();
      return customers.map((customer) => found.get(customer)?.length ?? 0);
    },
    (counts) => counts.every((had) => had >= count),
    timeoutMs,
  );
}

async function countPoison(customer: string): Promise<number> {
  const url = `${run.endpoints.control}/_ledger?customer=${customer}`;
  const records = await run.get<StoredRecord[]>(url);
  return records.filter(({ status, reason }) => status === 'FAILED' && reason === 'poison').length;
}

const setDeskFaults = (faults: object[]) => run.tell('PUT', `${run.endpoints.genesys}/_faults`, faults);

async function untilParked(atLeast: number): Promise<void> {
  await until(
    () => run.metrics(),
    ({ MessagesParked = 0 }) => MessagesParked >= atLeast,
    60_000,
  );
}

async function untilAllRunsEnded(): Promise<void> {
  await until(
    () => run.executions(),
    (executions) => executions.every(({ status }) => status !== 'RUNNING'),
    60_000,
  );
}

/** Small and seeded, so that a failure can be had again. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

describe('while Genesys is away for longer than messages are held', () => {
  it('every conversation waits, and then arrives complete and in order, though workers die at random', async () => {
    const seed = Date.now() % 1_000_000;
    const random = createRandom(seed);
    console.log(`seed of the kills: ${seed}`);
    const customers = Array.from({ length: 50 }, () => aPhone());
    const parkedBefore = (await run.metrics()).MessagesParked ?? 0;
    await setDeskFaults([deskIsDown]);

    for (const number of upTo(20)) await Promise.all(customers.map((customer) => write(customer, number)));
    await untilParked(parkedBefore + 50);
    for (let kill = 0; kill < 50; kill += 1) {
      await sleep(random() * 400);
      await run.kill(random() < 0.5 ? 'inbound-worker' : 'redelivery');
      if (kill === 20) await setDeskFaults([]);
    }

    // A worker that dies between closing a fence and starting its run leaves the fence to the sweep.
    const lost = new Set(customers);
    await until(
      async () => {
        await run.invoke('sweep');
        await sleep(2_000);
        const found = await arrivals();
        for (const customer of [...lost]) {
          // Three crashes with one message in hand make it poison: a notice stands in its place, the rest goes on.
          const arrived = found.get(customer)?.length ?? 0;
          if (arrived + (arrived < 20 ? await countPoison(customer) : 0) >= 20) lost.delete(customer);
        }
        return lost.size;
      },
      (count) => count === 0,
      150_000,
    );
    for (const [customer, numbers] of await arrivals()) {
      expect([customer, numbers]).toEqual([customer, numbers.toSorted((a, b) => a - b)]);
    }
    await untilAllRunsEnded();
  });

  it('a second outage in the middle of the drain changes nothing of the order', async () => {
    const customers = Array.from({ length: 5 }, () => aPhone());
    const parkedBefore = (await run.metrics()).MessagesParked ?? 0;
    await setDeskFaults([deskIsDown]);
    for (const number of upTo(20)) await Promise.all(customers.map((customer) => write(customer, number)));
    await untilParked(parkedBefore + customers.length);

    await setDeskFaults([]);
    await until(
      () => run.delivered(),
      (rows) => rows.length >= 10,
      60_000,
    );
    await setDeskFaults([deskIsDown]);
    await sleep(3_000);
    await setDeskFaults([]);

    await untilAllArrived(customers, 20, 90_000);
    const found = await arrivals();
    for (const customer of customers) expect(found.get(customer)).toEqual(upTo(20));
    await untilAllRunsEnded();
  });
});

describe('while one customer is in trouble', () => {
  it('everybody else is served at once, and the customer afterwards in order', async () => {
    const [unlucky, ...others] = [aPhone(), aPhone(), aPhone(), aPhone()];
    const parkedBefore = (await run.metrics()).MessagesParked ?? 0;
    await setDeskFaults([{ ...deskIsDown, match: { ...deskIsDown.match, bodyContains: `${unlucky}: ` } }]);

    for (const number of upTo(3)) await write(String(unlucky), number);
    await untilParked(parkedBefore + 1);
    const since = Date.now();
    for (const number of upTo(10)) await Promise.all(others.map((other) => write(other, number)));
    await untilAllArrived(others, 10, 20_000);
    expect(Date.now() - since).toBeLessThan(10_000);
    await write(String(unlucky), 4);
    await setDeskFaults([]);

    await untilAllArrived([String(unlucky)], 4, 60_000);
    expect((await arrivals()).get(String(unlucky))).toEqual(upTo(4));
  });
});

describe('at the moment a fence opens', () => {
  it('a customer who goes on writing is never overtaken by himself', async () => {
    const customer = aPhone();
    const parkedBefore = (await run.metrics()).MessagesParked ?? 0;
    await setDeskFaults([deskIsDown]);
    await write(customer, 1);
    await untilParked(parkedBefore + 1);
    // Slow writes stretch the moment between "nothing is left" and "open".
    const slow = { service: 'dynamodb', operation: 'UpdateItem', delayMs: 150 };
    await run.tell('PUT', `${run.endpoints.control}/_faults`, [
      { ...slow, function: 'journeys-local-redelivery' },
    ]);
    await setDeskFaults([]);

    for (let number = 2; number <= 120; number += 1) {
      await write(customer, number);
      await sleep(60);
    }
    await untilAllArrived([customer], 120, 60_000);

    expect((await arrivals()).get(customer)).toEqual(upTo(120));
  });
});

describe('a redelivery run', () => {
  it('ends with its fence, and reveals nobody by its name and its input', async () => {
    const customer = aPhone();
    const parkedBefore = (await run.metrics()).MessagesParked ?? 0;
    const before = new Set((await run.executions()).map(({ name }) => name));
    await setDeskFaults([deskIsDown]);
    await write(customer, 1);
    await untilParked(parkedBefore + 1);
    await setDeskFaults([]);
    await untilAllArrived([customer], 1, 60_000);
    await untilAllRunsEnded();

    const own = (await run.executions()).filter(({ name }) => !before.has(name));
    expect(own).toMatchObject([{ status: 'SUCCEEDED', output: { state: 'open', direction: 'in' } }]);
    expect(own[0]?.name).toMatch(/^[\w-]{1,78}-1$/);
    expect(JSON.stringify(own)).not.toContain(customer);
  });
});
