import { setTimeout as sleep } from 'node:timers/promises';
import { aMessage, aPhone, aWebhook, LocalRun, type ProviderRequest, until } from './local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => run.calm());
jest.setTimeout(120_000);

const settle = (settings: unknown) => run.tell('PUT', `${run.endpoints.genesys}/_settings`, settings);
const faultGenesys = (...faults: unknown[]) => run.tell('PUT', `${run.endpoints.genesys}/_faults`, faults);
const logins = async () =>
  (await run.get<ProviderRequest[]>(`${run.endpoints.genesys}/_requests`)).filter(
    ({ path }) => path === '/oauth/token',
  );

/** One message of each, all at once, in webhooks of ten. */
async function postFrom(people: readonly string[], text: string) {
  const messages = people.map((from) => aMessage(from, `${from} ${text}`));
  for (let at = 0; at < messages.length; at += 10) {
    const response = await run.post(aWebhook(run.endpoints.phoneNumberId, messages.slice(at, at + 10)));
    expect(response.status).toBe(200);
  }
  return messages;
}

describe('a token of Genesys', () => {
  it('is asked for once for all sandboxes, and once more when it expires under load; nothing is lost or doubled', async () => {
    const people = Array.from({ length: 80 }, aPhone);
    await postFrom(people, 'before');
    await run.untilDelivered(20);
    await settle({ expireTokens: true });
    const messages = await postFrom(people, 'after');

    const texts = await run.untilDelivered(160);

    expect(new Set(texts).size).toBe(160);
    const records = await Promise.all(messages.map(({ id }) => run.untilStatus(id, 'DELIVERED')));
    expect(records.every(({ ambiguous }) => ambiguous === 0)).toBe(true);
    expect((await logins()).length).toBeLessThanOrEqual(2);
  });

  it('is kept sealed', async () => {
    await settle({ expireTokens: true });
    await postFrom([aPhone()], 'new token');
    await run.untilDelivered(1);
    const [login] = (await logins()) as unknown as { response: { access_token: string } }[];
    const token = login?.response.access_token ?? '';

    const response = await fetch(run.endpoints.aws, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-date': '20261120T120000Z',
        'x-amz-target': 'DynamoDB_20120810.Scan',
        authorization:
          'AWS4-HMAC-SHA256 Credential=runner.test/20261120/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify({ TableName: 'journeys-local-customers' }),
    });
    const stored = await response.text();

    expect(token).toMatch(/^\S{40,}$/);
    expect(stored).toContain('TOKEN#');
    expect(stored).not.toContain(token);
  });
});

describe('while Genesys is down', () => {
  it('it is left alone but for a try now and then, and everything is delivered in order afterwards', async () => {
    const people = Array.from({ length: 40 }, aPhone);
    await faultGenesys({
      match: { method: 'POST', path: '/inbound/open/message$' },
      action: { status: 503 },
    });
    await postFrom(people, '0');
    await postFrom(people, '1');
    await until(
      () => run.metrics(),
      ({ CircuitsOpened = 0 }) => CircuitsOpened > 0,
    );
    await sleep(500);
    const attempts = (await run.deskRequests()).length;
    await sleep(3000);
    const more = (await run.deskRequests()).length - attempts;
    await faultGenesys();

    const texts = await run.untilDelivered(80, undefined, 60_000);

    expect(more).toBeLessThanOrEqual(6);
    const perPerson = people.map((from) => [...new Set(texts.filter((text) => text.startsWith(from)))]);
    expect(perPerson).toEqual(people.map((from) => [`${from} 0`, `${from} 1`]));
  });
});

describe('a 429', () => {
  it('makes every customer wait for the time Genesys asks for, not only the one it met', async () => {
    await postFrom([aPhone()], 'warm');
    await run.untilDelivered(1);
    await run.tell('DELETE', `${run.endpoints.genesys}/_requests`);
    await faultGenesys({
      match: { method: 'POST', path: '/inbound/open/message$' },
      times: 1,
      action: {
        status: 429,
        headers: { 'retry-after': '3' },
        body: { code: 'too.many.requests.retry.after' },
      },
    });
    await postFrom([aPhone()], 'meets it');
    await until(
      () => run.deskRequests(),
      (requests) => requests.length === 1,
    );
    await sleep(300);

    const others = Array.from({ length: 20 }, aPhone);
    await postFrom(others, 'waits');
    await run.untilDelivered(21);

    const [refused, ...rest] = await run.deskRequests();
    const tooSoon = rest.filter(({ at }) => at < (refused?.at ?? 0) + 3000);
    // A sandbox that still holds places learns of the pause with its own next answer.
    expect(tooSoon.length).toBeLessThanOrEqual(12);
  });
});
