import { createHmac } from 'node:crypto';
import { aPhone, LocalRun, until } from './local-run.ts';
import { anAgentsWebhook, WayBack } from './way-back.ts';

let run: LocalRun;
let back: WayBack;
beforeAll(async () => {
  run = await LocalRun.start();
  back = new WayBack(run);
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => back.calm());
jest.setTimeout(60_000);

const storedObjects = () => run.get<{ key: string }[]>(`${run.endpoints.control}/_objects?prefix=raw/`);

/** A customer who has just written, so that anything may be sent. */
async function aCustomer(): Promise<string> {
  const from = aPhone();
  await run.send(`Hello from ${from}`, { from });
  await run.untilDelivered(1, (text) => text === `Hello from ${from}`);
  return from;
}

const sign = (body: unknown, secret = run.endpoints.secrets.genesysWebhookSecret) =>
  createHmac('sha256', secret).update(JSON.stringify(body));

const metric = async (name: string) => (await run.metrics())[name] ?? 0;

describe('a webhook that the integration did not sign', () => {
  it.each<[string, (body: unknown) => { signature?: string; integrationId?: string }]>([
    ['in hex', (body) => ({ signature: `sha256=${sign(body).digest('hex')}` })],
    ['by another secret', (body) => ({ signature: `sha256=${sign(body, 'wrong').digest('base64')}` })],
    ['of Meta', (body) => ({ signature: run.sign(Buffer.from(JSON.stringify(body))) })],
    ['missing', () => ({ signature: '' })],
    [
      'for the integration of another number',
      () => ({ integrationId: '22222222-0a4e-4d6f-9c1b-2f7d8e5a9b10' }),
    ],
    ['for an integration nobody knows', () => ({ integrationId: '33333333-0a4e-4d6f-9c1b-2f7d8e5a9b10' })],
  ])('(%s) is answered 401 with nothing, and nothing of it is kept', async (_name, over) => {
    const before = (await storedObjects()).length;
    const body = anAgentsWebhook(aPhone(), { text: 'not ours' });

    const response = await back.post(body, over(body));

    expect([response.status, await response.text()]).toEqual([401, '']);
    expect((await storedObjects()).length).toBe(before);
  });

  it('is refused for its size and its type before that', async () => {
    const { bridge, integrationId } = run.endpoints;
    const post = (bytes: Buffer, type: string) =>
      fetch(`${bridge}/webhook/genesys/${integrationId}`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: new Uint8Array(bytes),
      });
    const tooLarge = await post(Buffer.alloc(6 * 1024 * 1024 + 1, 32), 'application/json');
    const notJson = await post(Buffer.from('{}'), 'text/plain');

    expect(tooLarge.status).toBe(413);
    expect([notJson.status, await notJson.text()]).toEqual([415, '']);
  });
});

describe('a webhook that the integration signed', () => {
  it('is acknowledged with an empty object, archived as it came, and sent once however often it comes', async () => {
    const to = await aCustomer();
    const body = anAgentsWebhook(to, { text: 'Only once, please' });

    const responses = [await back.post(body), await back.post(body), await back.post(body)];

    for (const response of responses) {
      expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
      expect(await response.text()).toBe('{}');
    }
    await back.untilEnded(body.id, 'DELIVERED');
    // Once more after its end: the ledger knows it.
    expect((await back.post({ ...body, again: true })).status).toBe(200);
    await back.reply(to, 'And this after it');
    await until(
      () => back.sentTexts(to),
      (texts) => texts.includes('And this after it'),
    );
    expect(await back.sentTexts(to)).toEqual(['Only once, please', 'And this after it']);
  });

  it('costs two calls at the door', async () => {
    const to = await aCustomer();
    await back.post(anAgentsWebhook(to, { text: 'first' }));
    const since = (await run.calls('genesys-door')).at(-1)?.seq ?? 0;

    await back.post(anAgentsWebhook(to, { text: 'second' }));

    const calls = await run.calls('genesys-door', since);
    expect(calls.map(({ service, operation }) => `${service} ${operation}`.toLowerCase()).sort()).toEqual([
      's3 putobject',
      'sqs sendmessagebatch',
    ]);
  });

  it('of a type nobody knows is acknowledged, archived and counted, and sends nothing', async () => {
    const before = await metric('OtherWebhooksArchived');
    const to = aPhone();
    const body = { ...anAgentsWebhook(to), type: 'Novelty' };

    const response = await back.post(body);

    expect([response.status, await response.text()]).toEqual([200, '{}']);
    expect(await metric('OtherWebhooksArchived')).toBe(before + 1);
    const rows = await run.get<{ line: Record<string, unknown> }[]>(`${run.endpoints.control}/_logs?since=0`);
    const told = rows.find(({ line }) => line.genesysId === body.id)?.line;
    expect(told).toMatchObject({
      event: 'webhook.accepted',
      kind: 'other',
      type: 'Novelty',
      rawArchived: true,
    });
    expect((await storedObjects()).map(({ key }) => key)).toContain(told?.rawKey);
    expect(await back.sent(to)).toEqual([]);
  });

  it('that no queue takes comes again by itself and is sent once', async () => {
    const to = await aCustomer();
    await run.tell('PUT', `${run.endpoints.control}/_faults`, [
      {
        service: 'sqs',
        function: 'journeys-local-genesys-door',
        times: 8,
        action: { error: 'ServiceUnavailable' },
      },
    ]);
    const answer = await run.tell('POST', `${run.endpoints.genesys}/_reply`, { to, text: 'Through trouble' });
    expect(answer).toMatchObject({ status: 503 });

    await back.untilSent(1, to, 40_000);
    expect(await back.sentTexts(to)).toEqual(['Through trouble']);
  });
});
