import { aMessage, aPhone, aWebhook, LocalRun } from './local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => run.calm());
jest.setTimeout(60_000);

describe('a text', () => {
  it('written by a customer reaches Genesys through the synthesized template', async () => {
    const from = aPhone();

    const id = await run.send('Where is my order? 👋', { from, name: 'Ada Löve' });

    await run.untilDelivered(1);
    const [row] = await run.delivered();
    expect(row?.path).toMatch(
      /^\/api\/v2\/conversations\/messages\/11111111-[-\w]+\/inbound\/open\/message$/,
    );
    expect(row?.query).toEqual({ prefetchConversationId: 'true' });
    expect(row?.body).toEqual({
      channel: {
        messageId: id,
        from: { id: from, idType: 'Phone', nickname: 'Ada Löve' },
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/),
        metadata: { customAttributes: { waPhoneNumberId: run.endpoints.phoneNumberId } },
      },
      text: 'Where is my order? 👋',
    });
    expect(await run.untilStatus(id, 'DELIVERED')).toMatchObject({
      customer: from,
      ambiguous: 0,
      attempts: 1,
      genesysId: row?.response.id,
      conversationId: row?.response.conversationId,
    });
  });

  it('can be traced by one correlation id from the door to the delivery', async () => {
    const id = await run.send('trace me');
    const record = await run.untilStatus(id, 'DELIVERED');

    const rows = await run.get<{ function: string; line: Record<string, unknown> }[]>(
      `${run.endpoints.control}/_logs?since=0`,
    );

    const ofIt = rows.filter(({ line }) => line?.correlationId === record.correlationId);
    expect(ofIt.map(({ line }) => line.event)).toEqual(['webhook.accepted', 'message.delivered']);
    const archived = await run.get<{ key: string }[]>(
      `${run.endpoints.control}/_objects?prefix=${record.rawKey}`,
    );
    expect(archived).toHaveLength(1);
  });

  it.each([
    ['U+FFFF, U+FFFE and U+0000', 'a\uffffb\ufffec\u0000d'],
    ['a lone surrogate', 'a\ud800b\udc00c'],
    ['emoji and joined families', '🎉👩‍👩‍👧‍👦🏳️‍🌈'],
    ['right-to-left', 'שלום ‮مرحبا‬'],
    ['line ends and tabs', 'a\r\n\tb'],
    ['4,096 characters', 'é'.repeat(4096)],
    ['65,000 characters', 'x🎈'.repeat(21_667).slice(0, 65_000)],
    ['what looks like JSON', '{"__proto__":{"polluted":true}}'],
  ])('arrives intact with %s', async (_name, text) => {
    const from = aPhone();

    const response = await run.post(aWebhook(run.endpoints.phoneNumberId, [aMessage(from, text)]));

    expect(response.status).toBe(200);
    expect(await run.untilDelivered(1)).toEqual([text]);
  });

  it('with the same wamid twice in one webhook is delivered once', async () => {
    const message = aMessage(aPhone(), 'twice in one');

    await run.post(aWebhook(run.endpoints.phoneNumberId, [message, message, aMessage(message.from, 'end')]));

    expect(await run.untilDelivered(2)).toEqual(['twice in one', 'end']);
  });

  it('in a webhook that comes twice is delivered once', async () => {
    const from = aPhone();
    const hook = aWebhook(run.endpoints.phoneNumberId, [aMessage(from, 'same webhook')]);

    expect((await run.post(hook)).status).toBe(200);
    await run.untilDelivered(1);
    expect((await run.post(hook)).status).toBe(200);
    await run.post(aWebhook(run.endpoints.phoneNumberId, [aMessage(from, 'end')]));

    expect(await run.untilDelivered(2)).toEqual(['same webhook', 'end']);
  });

  it('in ten concurrent copies of one webhook is delivered once', async () => {
    const from = aPhone();
    const hook = aWebhook(run.endpoints.phoneNumberId, [aMessage(from, 'ten copies')]);

    const answers = await Promise.all(Array.from({ length: 10 }, () => run.post(hook)));
    await run.post(aWebhook(run.endpoints.phoneNumberId, [aMessage(from, 'end')]));

    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(await run.untilDelivered(2)).toEqual(['ten copies', 'end']);
  });

  it('that comes again in another batch, past the queue’s own memory of it, is delivered once', async () => {
    const from = aPhone();
    const message = aMessage(from, 'rebatched');
    await run.post(aWebhook(run.endpoints.phoneNumberId, [message]));
    await run.untilDelivered(1);

    await run.post(aWebhook(run.endpoints.phoneNumberId, [message, aMessage(from, 'new')]));

    expect(await run.untilDelivered(2)).toEqual(['rebatched', 'new']);
    expect((await run.metrics()).MessagesDuplicate).toBeGreaterThanOrEqual(1);
  });

  it('of several customers in one webhook arrives in each customer’s order', async () => {
    const people = Array.from({ length: 12 }, aPhone);
    const messages = Array.from({ length: 10 }, (_, index) =>
      people.map((from) => aMessage(from, `${from}:${index}`)),
    ).flat();

    await run.post(aWebhook(run.endpoints.phoneNumberId, messages));

    const texts = await run.untilDelivered(120);
    for (const from of people) {
      expect(texts.filter((text) => text.startsWith(from))).toEqual(
        Array.from({ length: 10 }, (_, index) => `${from}:${index}`),
      );
    }
  });

  it('to each number goes to the integration of that number', async () => {
    const [first = '', second = ''] = run.endpoints.numbers;
    const from = aPhone();

    await run.post(aWebhook(first, [aMessage(from, 'to one')]));
    await run.post(aWebhook(second, [aMessage(from, 'to two')]));

    await run.untilDelivered(2);
    const rows = await run.delivered();
    expect(rows.find(({ body }) => body.text === 'to one')?.path).toContain('/11111111-');
    expect(rows.find(({ body }) => body.text === 'to two')?.path).toContain('/22222222-');
  });

  it('from a customer without a phone number is delivered under the BSUID, in one conversation with what follows', async () => {
    const from = aPhone();
    const userId = `GB.${from}`;
    const first = await run.send('both', { from, userId });
    await run.untilStatus(first, 'DELIVERED');
    const second = await run.send('hidden phone', { userId });
    await run.untilStatus(second, 'DELIVERED');
    const third = await run.send('phone only', { from });
    const record = await run.untilStatus(third, 'DELIVERED');

    const rows = await run.delivered();
    expect(rows.map(({ body }) => body.channel.from.id)).toEqual([from, from, from]);
    expect(new Set(rows.map(({ response }) => response.conversationId)).size).toBe(1);
    expect(record.customer).toBe(userId);
  });

  it('is a thousand times in one webhook of 3 MB, and every one is delivered in order', async () => {
    const from = aPhone();
    const messages = Array.from({ length: 1000 }, (_, index) =>
      aMessage(from, `${index} ${'x'.repeat(2850)}`),
    );
    const before = (await run.calls('meta-door')).length;

    const response = await run.post(aWebhook(run.endpoints.phoneNumberId, messages));

    expect(response.status).toBe(200);
    expect(
      (await run.calls('meta-door')).slice(before).filter(({ service }) => service === 's3'),
    ).toHaveLength(1);
    const texts = await run.untilDelivered(1000, undefined, 60_000);
    expect(texts.map((text) => Number(text.split(' ')[0]))).toEqual(
      Array.from({ length: 1000 }, (_, index) => index),
    );
  });
});
