import { createHash, randomUUID } from 'node:crypto';
import { aMessage, aPhone, aWebhook, LocalRun, until } from './local-run.ts';

let run: LocalRun;
let phoneNumberId: string;
beforeAll(async () => {
  run = await LocalRun.start();
  phoneNumberId = run.endpoints.phoneNumberId;
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => run.calm());
jest.setTimeout(120_000);

const onMessages = { method: 'POST', path: '/inbound/open/message$' };
const faultGenesys = (...faults: unknown[]) => run.tell('PUT', `${run.endpoints.genesys}/_faults`, faults);
const faultAws = (...faults: unknown[]) => run.tell('PUT', `${run.endpoints.control}/_faults`, faults);

async function post(texts: readonly string[], from = aPhone()) {
  const messages = texts.map((text) => aMessage(from, text));
  const response = await run.post(aWebhook(phoneNumberId, messages));
  expect(response.status).toBe(200);
  return messages;
}

describe('while Genesys is in trouble', () => {
  it('a message that meets 500 twice is delivered once, in order, and counts as ambiguous', async () => {
    await faultGenesys({
      match: onMessages,
      times: 2,
      action: { status: 500, body: { status: 500, code: 'internal.server.error' } },
    });

    const [first, second] = await post(['one', 'two']);

    expect(await run.untilDelivered(2)).toEqual(['one', 'two']);
    expect(await run.untilStatus(first?.id ?? '', 'DELIVERED')).toMatchObject({ attempts: 3, ambiguous: 2 });
    expect(await run.untilStatus(second?.id ?? '', 'DELIVERED')).toMatchObject({ attempts: 1, ambiguous: 0 });
  });

  it('a message that is throttled comes again after the time Genesys asked for, and is not ambiguous', async () => {
    const action = {
      status: 429,
      headers: { 'retry-after': '3' },
      body: { status: 429, code: 'too.many.requests.retry.after' },
    };
    await faultGenesys({ match: onMessages, times: 1, action });

    const [message] = await post(['patient']);

    await run.untilDelivered(1);
    const [refused, accepted] = await run.deskRequests();
    expect((accepted?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(3000);
    expect(await run.untilStatus(message?.id ?? '', 'DELIVERED')).toMatchObject({
      attempts: 2,
      ambiguous: 0,
    });
  });

  it('a message whose answer is lost after it took effect is repeated identically and recorded as ambiguous', async () => {
    await faultGenesys({ match: onMessages, times: 1, action: 'applied-then-reset' });

    const [first] = await post(['maybe twice', 'after it']);

    const texts = await run.untilDelivered(3);
    expect(texts).toEqual(['maybe twice', 'maybe twice', 'after it']);
    const [one, two] = await run.delivered();
    expect(two?.body).toEqual(one?.body);
    expect(await run.untilStatus(first?.id ?? '', 'DELIVERED')).toMatchObject({ ambiguous: 1 });
  });

  it('a message that is never answered is given up after its timeout, repeated and recorded as ambiguous', async () => {
    await faultGenesys({ match: onMessages, times: 1, action: 'hang' });

    const [first] = await post(['no answer', 'after it']);

    expect(await run.untilDelivered(2)).toEqual(['no answer', 'after it']);
    expect(await run.untilStatus(first?.id ?? '', 'DELIVERED')).toMatchObject({ ambiguous: 1 });
  });

  it('a duplicate is not seen when Genesys itself knows the message', async () => {
    await run.tell('PUT', `${run.endpoints.genesys}/_settings`, { dedupByMessageId: true });
    await faultGenesys({ match: onMessages, times: 1, action: 'applied-then-reset' });

    const [first] = await post(['once at the desk']);

    expect(await run.untilStatus(first?.id ?? '', 'DELIVERED')).toMatchObject({ ambiguous: 1 });
    const ids = (await run.deskRequests()).map(({ response }) => response?.id).filter(Boolean);
    expect(new Set(ids).size).toBe(1);
  });

  it('one token is fetched for many messages, and a token that Genesys forgot is replaced once', async () => {
    await post(['with the first token']);
    await run.untilDelivered(1);
    const tokenRequests = async () =>
      (await run.get<{ path: string }[]>(`${run.endpoints.genesys}/_requests`)).filter(
        ({ path }) => path === '/oauth/token',
      );
    await run.tell('PUT', `${run.endpoints.genesys}/_settings`, { expireTokens: true });

    const from = aPhone();
    const messages = await post(['a', 'b', 'c'], from);

    expect((await run.untilDelivered(4)).slice(1)).toEqual(['a', 'b', 'c']);
    const record = await run.untilStatus(messages[0]?.id ?? '', 'DELIVERED');
    expect(record).toMatchObject({ ambiguous: 0, attempts: 1 });
    expect((await tokenRequests()).length).toBeLessThanOrEqual(5); // one per warm sandbox at most, plus one
  });

  it('rejected credentials hold the message, and it goes through when they work again', async () => {
    await run.tell('PUT', `${run.endpoints.genesys}/_settings`, { expireTokens: true });
    await faultGenesys({
      match: { path: '/oauth/token$' },
      times: 2,
      action: { status: 400, body: { error: 'invalid_client' } },
    });

    const [message] = await post(['needs rights']);

    expect(await run.untilStatus(message?.id ?? '', 'DELIVERED')).toMatchObject({ ambiguous: 0 });
    expect((await run.metrics())['DeskFailures.credential-rejected']).toBeGreaterThanOrEqual(2);
  });

  it('a message Genesys refuses for good is announced to the agent, and the customer goes on', async () => {
    await faultGenesys({
      match: { ...onMessages, bodyContains: 'refuse me' },
      action: { status: 400, body: { status: 400, code: 'bad.request' } },
    });

    const [refused] = await post(['refuse me', 'go on']);

    const texts = await run.untilDelivered(2);
    expect(texts).toEqual([
      '[A message of the customer could not be shown: the contact centre refused it]',
      'go on',
    ]);
    expect(await run.untilStatus(refused?.id ?? '', 'FAILED')).toMatchObject({
      reason: 'provider-rejected:bad.request',
    });
  });

  it('of one customer, others are not held up', async () => {
    await faultGenesys({
      match: { ...onMessages, bodyContains: 'stuck' },
      times: 3,
      action: { status: 500 },
    });

    await post(['stuck', 'behind it']);
    await post(['free']);

    expect((await run.untilDelivered(1))[0]).toBe('free');
    expect(await run.untilDelivered(3)).toEqual(['free', 'stuck', 'behind it']);
  });

  it('a conversation id that Genesys does not give is done without', async () => {
    await run.tell('PUT', `${run.endpoints.genesys}/_settings`, { nullConversationId: true });
    const from = aPhone();

    const [message] = await post(['no conversation yet'], from);
    const record = await run.untilStatus(message?.id ?? '', 'DELIVERED');
    expect(record.conversationId).toBeUndefined();
    await run.tell('PUT', `${run.endpoints.genesys}/_settings`, {});
    const [later] = await post(['learned now'], from);

    expect((await run.untilStatus(later?.id ?? '', 'DELIVERED')).conversationId).toMatch(/^[-\w]{32,36}$/);
  });
});

describe('while AWS is in trouble', () => {
  it.each([
    ['throttled', { error: 'ProvisionedThroughputExceededException' }],
    ['refused', { error: 'AccessDeniedException' }],
    ['broken', { error: 'InternalServerError' }],
    ['applied, but its answer is lost', 'applied-then-reset'],
  ])('a ledger or profile write that is %s loses and doubles nothing', async (_name, action) => {
    await faultAws({ service: 'dynamodb', operation: 'UpdateItem', times: 7, action });

    const messages = await post(['one', 'two', 'three']);

    const texts = await run.untilDelivered(3);
    const records = await Promise.all(messages.map(({ id }) => run.untilStatus(id, 'DELIVERED')));
    const doubled = texts.length - new Set(texts).size;
    expect([...new Set(texts)]).toEqual(['one', 'two', 'three']);
    expect(records.filter(({ ambiguous }) => ambiguous > 0).length).toBeGreaterThanOrEqual(doubled);
  });

  it('a lost answer to the claim is recognised as our own claim, not taken for a duplicate', async () => {
    await faultAws({ service: 'dynamodb', operation: 'UpdateItem', times: 1, action: 'applied-then-reset' });

    const [message] = await post(['mine']);

    expect(await run.untilStatus(message?.id ?? '', 'DELIVERED')).toMatchObject({
      attempts: 1,
      ambiguous: 0,
    });
  });

  it('a queue send that is applied although its answer is lost delivers once', async () => {
    await faultAws({ service: 'sqs', operation: 'SendMessageBatch', times: 1, action: 'applied-then-reset' });

    const [first] = await post(['sent once', 'and the next']);

    await run.untilStatus(first?.id ?? '', 'DELIVERED');
    expect(await run.untilDelivered(2)).toEqual(['sent once', 'and the next']);
  });

  it('a wait that cannot be set falls back to the queue’s own', async () => {
    await faultAws({
      service: 'sqs',
      operation: 'ChangeMessageVisibilityBatch',
      times: 8,
      action: { error: 'AccessDenied' },
    });
    await faultGenesys({ match: onMessages, times: 1, action: { status: 503 } });

    await post(['held by the queue', 'second']);

    expect(await run.untilDelivered(2)).toEqual(['held by the queue', 'second']);
  });
});

describe('when the worker is killed', () => {
  const kill = () =>
    run.tell('POST', `${run.endpoints.control}/_kill`, { function: 'journeys-local-inbound-worker' });

  it('at random moments of a delivery, everything arrives in order, and what may be double is recorded', async () => {
    const seed = Number(process.env.JOURNEY_SEED ?? Date.now() % 1_000_000);
    console.log(`kills with JOURNEY_SEED=${seed}`);
    let state = seed;
    const random = () => {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state / 2_147_483_648;
    };
    await faultGenesys({ match: onMessages, delayMs: 40 });
    const people = Array.from({ length: 4 }, aPhone);
    const sent = await Promise.all(
      people.map((from) =>
        post(
          Array.from({ length: 8 }, (_, index) => `${from}:${index}`),
          from,
        ),
      ),
    );
    for (let kills = 0; kills < 2; kills += 1) {
      await new Promise((resolve) => setTimeout(resolve, 20 + random() * 400));
      await kill();
    }

    const records = await Promise.all(sent.flat().map(({ id }) => run.untilStatus(id, 'DELIVERED', 60_000)));

    const texts = (await run.delivered()).map(({ body }) => body.text);
    for (const from of people) {
      const firsts = [...new Set(texts.filter((text) => text.startsWith(from)))];
      expect(firsts).toEqual(Array.from({ length: 8 }, (_, index) => `${from}:${index}`));
    }
    const doubled = records.filter(({ messageId }) => {
      const text = sent.flat().find(({ id }) => id === messageId)?.text.body;
      return texts.filter((other) => other === text).length > 1;
    });
    expect(doubled.every(({ ambiguous }) => ambiguous > 0)).toBe(true);
  });

  it('three times by one message, the agent is told, the message is ended as failed, and the customer goes on', async () => {
    await faultGenesys({ match: { ...onMessages, bodyContains: 'killer' }, action: 'hang' });
    const [killer] = await post(['killer', 'survivor']);
    for (let crash = 1; crash <= 3; crash += 1) {
      await until(
        async () => (await run.deskRequests()).length,
        (requests) => requests >= crash,
      );
      await kill();
    }

    expect(await run.untilStatus(killer?.id ?? '', 'FAILED', 60_000)).toMatchObject({
      reason: 'poison',
      crashes: 3,
    });
    expect(await run.untilDelivered(2)).toEqual([
      '[A message of the customer could not be processed]',
      'survivor',
    ]);
  });
});

describe('what a worker cannot finish', () => {
  const askQueue = async (operation: string, body: object): Promise<unknown> => {
    const response = await fetch(run.endpoints.aws, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${operation}`,
        authorization:
          'AWS4-HMAC-SHA256 Credential=runner.test/20261120/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify({
        QueueUrl: `${run.endpoints.aws}/000000000000/journeys-local-inbound-dead.fifo`,
        ...body,
      }),
    });
    expect(response.status).toBe(200);
    return response.json();
  };
  const addDeadLetter = (body: string) => {
    const MessageDeduplicationId = randomUUID();
    return askQueue('SendMessage', { MessageBody: body, MessageGroupId: 'dead', MessageDeduplicationId });
  };

  it('because Genesys never takes it is parked, and is no dead letter', async () => {
    await faultGenesys({ match: { ...onMessages, bodyContains: 'never' }, action: { status: 500 } });

    const [message] = await post(['never accepted', 'after it']);

    await run.untilStatus(message?.id ?? '', 'PARKED');
    await run.tell('DELETE', `${run.endpoints.genesys}/_faults`);
    const record = await run.untilStatus(message?.id ?? '', 'DELIVERED');
    expect(record.ambiguous).toBeGreaterThan(1);
    const texts = await run.untilDelivered(2);
    expect(texts.slice(-2)).toEqual(['never accepted', 'after it']);
    expect((await run.metrics()).DeadLetters ?? 0).toBe(0);
  });

  it('in all its receives is parked by the consumer of the dead letters, and delivered', async () => {
    const item = aMessage(aPhone(), 'back from the dead');
    const envelope = {
      v: 1,
      channel: 'meta',
      numberId: run.endpoints.phoneNumberId,
      receivedAt: Date.now(),
      rawKey: 'raw/journeys/2026-11-20/none.json',
      correlationId: 'journey',
      items: [{ id: item.id, phone: item.from, message: item }],
    };

    await addDeadLetter(JSON.stringify(envelope));

    expect(await run.untilStatus(String(item.id), 'DELIVERED')).toMatchObject({ attempts: 2 });
    expect(await run.untilDelivered(1)).toEqual(['back from the dead']);
    expect((await run.metrics()).DeadLetters).toBeGreaterThanOrEqual(1);
  });

  it('because nobody can read it is kept in the archive and FAILED, and does not come again', async () => {
    const body = `not an envelope ${randomUUID()}`;

    await addDeadLetter(body);

    const id = createHash('sha256').update(body).digest('hex');
    const record = await run.untilStatus(id, 'FAILED');
    expect(record).toMatchObject({ reason: 'unreadable', attempts: 1 });
    const objects = await run.get<{ key: string }[]>(
      `${run.endpoints.control}/_objects?prefix=${encodeURIComponent('unreadable/journeys/')}`,
    );
    expect(objects.map(({ key }) => key).filter((key) => key.includes(id))).toHaveLength(1);
  });
});
