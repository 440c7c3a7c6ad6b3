import { setTimeout as sleep } from 'node:timers/promises';
import { aMessage, aPhone, aWebhook, LocalRun, until } from './local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
}, 60_000);
afterAll(() => run?.stop());
jest.setTimeout(150_000);

const allowedPerMinute = 3000;
const limit = (rateLimitPerMinute: number) =>
  run.tell('PUT', `${run.endpoints.genesys}/_settings`, { rateLimitPerMinute });

describe('6,000 messages in a minute to a desk that allows 3,000', () => {
  it('are all kept and in order, use the allowance and hardly meet a 429', async () => {
    const people = Array.from({ length: 300 }, aPhone);
    await limit(allowedPerMinute);
    const startedAt = Date.now();

    const posts: Promise<Response>[] = [];
    for (let batch = 0; batch < 600; batch += 1) {
      const writers = Array.from({ length: 10 }, (_, index) => people[(batch * 10 + index) % 300] ?? '');
      const messages = writers.map((from) => aMessage(from, `${from} ${batch}`));
      posts.push(run.post(aWebhook(run.endpoints.phoneNumberId, messages)));
      await sleep(Math.max(0, startedAt + (batch + 1) * 100 - Date.now()));
    }
    const answers = await Promise.all(posts);
    const first = (await run.deskRequests())[0]?.at ?? 0;
    await sleep(Math.max(0, first + 60_000 - Date.now()));
    const inMinute = (await run.deskRequests()).filter(({ at }) => at < first + 60_000);
    const accepted = inMinute.filter(({ status }) => status === 200).length;
    const refused = inMinute.filter(({ status }) => status === 429).length;
    // What is left needs no second minute.
    await limit(60_000);
    await until(
      () => sleep(1000).then(() => run.metrics()),
      ({ MessagesDelivered = 0 }) => MessagesDelivered >= 6000,
      60_000,
    );
    const delivered = await run.delivered();

    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(accepted).toBeGreaterThanOrEqual(0.95 * allowedPerMinute);
    expect(refused).toBeLessThanOrEqual(0.01 * (accepted + refused));
    expect(new Set(delivered.map(({ body }) => body.channel.messageId)).size).toBe(6000);
    for (const from of people) {
      const batches = delivered
        .map(({ body }) => body.text.split(' '))
        .filter(([who]) => who === from)
        .map(([, batch]) => Number(batch));
      expect(batches).toEqual([...batches].sort((a, b) => a - b));
    }
  });
});
