// Customer → agent, with the trouble of an ordinary day.
import { setTimeout as sleep } from 'node:timers/promises';
import { aMessage, aPhone, aWebhook, type LocalRun } from '../../journeys/local-run.ts';
import type { Noticed, Scenario } from '../scenario.ts';

const onMessages = { method: 'POST', path: '/inbound/open/message$' };
const faultGenesys = (run: LocalRun, ...faults: unknown[]) =>
  run.tell('PUT', `${run.endpoints.genesys}/_faults`, faults);

/** Posts one webhook; what Meta would not take for an answer is noticed. */
export async function write(run: LocalRun, noticed: Noticed, messages: object[]): Promise<void> {
  const { status } = await run.post(aWebhook(run.endpoints.phoneNumberId, messages));
  noticed.unlessSame('the webhook was answered', status, 200);
}

const textsOf = async (run: LocalRun, from: string): Promise<string[]> =>
  (await run.delivered()).filter(({ body }) => body.channel.from.id === from).map(({ body }) => body.text);

/** Each once, in order, and in time. */
export async function expectTexts(
  run: LocalRun,
  noticed: Noticed,
  from: string,
  wanted: string[],
  withinMs: number,
): Promise<void> {
  const isThere = await noticed.unless(
    `the agent had not got ${JSON.stringify(wanted)}`,
    () => textsOf(run, from),
    (found) => wanted.every((text) => found.includes(text)),
    withinMs,
  );
  if (isThere) noticed.unlessSame('the agent got', await textsOf(run, from), wanted);
}

/** Three customers; Genesys fails one message of one of them twice. */
export const ordinaryTrouble: Scenario = {
  name: 'ordinary trouble: Genesys refuses a message twice, and takes it then',
  async play(run, noticed) {
    const [shaky, calm, other] = [aPhone(), aPhone(), aPhone()];
    await faultGenesys(run, {
      match: { ...onMessages, bodyContains: 'shaky 1' },
      times: 2,
      action: { status: 429, body: { status: 429, code: 'too.many.requests' } },
    });
    const texts = (name: string) => [1, 2, 3].map((number) => `${name} ${number}`);

    for (const [from, name] of [
      [shaky, 'shaky'],
      [calm, 'calm'],
      [other, 'other'],
    ] as const)
      for (const text of texts(name)) await write(run, noticed, [aMessage(from, text)]);

    await expectTexts(run, noticed, calm, texts('calm'), 8000);
    await expectTexts(run, noticed, other, texts('other'), 4000);
    await expectTexts(run, noticed, shaky, texts('shaky'), 8000);
    const { DeadLetters = 0, MessagesParked = 0 } = await run.metrics();
    noticed.unlessSame('healthy messages became dead letters', DeadLetters, 0);
    noticed.unlessSame('messages were parked without need', MessagesParked, 0);
  },
};

/** A worker dies in the middle of a delivery. */
export const workerDies: Scenario = {
  name: 'a worker dies in the middle of a delivery',
  async play(run, noticed) {
    const from = aPhone();
    await faultGenesys(run, { match: onMessages, times: 1, action: 'hang' });
    await write(run, noticed, [aMessage(from, 'who was there')]);
    const wasTried = await noticed.unless(
      'nothing was tried at Genesys',
      async () => (await run.deskRequests()).length + (await hanging(run)),
      (count) => count > 0,
      8000,
    );
    if (!wasTried) return;
    await run.tell('POST', `${run.endpoints.control}/_kill`, { function: 'mutants-local-inbound-worker' });
    await expectTexts(run, noticed, from, ['who was there'], 12_000);
  },
};

/** A request that hangs is in no log until it ends; the token before it is. */
async function hanging(run: LocalRun): Promise<number> {
  const rows = await run.get<{ path: string }[]>(`${run.endpoints.genesys}/_requests`);
  if (!rows.some(({ path }) => path === '/oauth/token')) return 0;
  await sleep(500);
  return 1;
}

const crowdSize = 30;
const deskTakesMs = 1200;

/** Many customers write at once to a slow desk: they must not wait for each other. */
export const crowd: Scenario = {
  name: 'thirty customers write at the same moment, and Genesys is slow',
  async play(run, noticed) {
    await write(run, noticed, [aMessage(aPhone(), 'brings secrets and tokens')]);
    await noticed.unless(
      'the first text was not delivered',
      () => run.delivered(),
      (rows) => rows.length === 1,
      10_000,
    );
    await run.tell('DELETE', `${run.endpoints.genesys}/_requests`);
    await faultGenesys(run, { match: onMessages, delayMs: deskTakesMs });

    const people = Array.from({ length: crowdSize }, aPhone);
    await write(
      run,
      noticed,
      people.map((from) => aMessage(from, 'all at once')),
    );

    await noticed.unless(
      'not all were delivered',
      async () => new Set((await run.delivered()).map(({ body }) => body.channel.from.id)).size,
      (count) => count === crowdSize,
      20_000,
    );
    const starts = (await run.deskRequests()).map(({ at }) => at);
    const side = Math.max(
      ...starts.map((start) => starts.filter((at) => at >= start && at < start + deskTakesMs).length),
    );
    // Four sandboxes work side by side here, each with the customers of one batch.
    if (side <= 4) noticed.note(`at most ${side} of ${crowdSize} customers were served side by side`);
  },
};
