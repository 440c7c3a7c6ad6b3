import { randomUUID } from 'node:crypto';
import { aPhone, LocalRun, until } from './local-run.ts';
import { WayBack } from './way-back.ts';

let run: LocalRun;
let back: WayBack;
beforeAll(async () => {
  run = await LocalRun.start('test/journeys/conversations-tenant.json');
  back = new WayBack(run);
}, 90_000);
afterAll(() => run?.stop());
beforeEach(() => back.calm());
jest.setTimeout(60_000);

const goodBye = 'Thank you, and good-bye!';

/** The customer writes; answers the conversation Genesys put it in. */
async function write(from: string, text: string): Promise<string> {
  const wamid = await run.send(text, { from });
  return (await run.untilStatus(wamid, 'DELIVERED')).conversationId ?? '';
}

/** Genesys' event source says that the customer's session began or is over. */
const tell = (phase: 'start' | 'end', conversationId: string, sessionId: string, at = Date.now()) =>
  run.tell('POST', `${run.endpoints.control}/_invoke`, {
    function: 'journeys-local-conversation-end',
    event: {
      version: '0',
      id: randomUUID(),
      'detail-type': `v2.detail.events.conversation.{id}.customer.${phase}`,
      source: 'aws.partner/genesys.com/cloud/0b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10/bridge',
      time: new Date(at).toISOString(),
      detail: {
        topicName: `v2.detail.events.conversation.${conversationId}.customer.${phase}`,
        eventBody: { eventTime: at, conversationId, sessionId, mediaType: 'MESSAGE', messageType: 'OPEN' },
      },
    },
  });

const ends = async () => {
  const rows = await run.get<{ method: string; path: string; status: number; body: unknown }[]>(
    `${run.endpoints.genesys}/_requests`,
  );
  return rows.filter(({ method }) => method === 'PATCH');
};

describe('a conversation that the desk ends', () => {
  it('is closed with one good-bye behind the agent’s last words, however often its end is told', async () => {
    const from = aPhone();
    const conversationId = await write(from, 'Where is my order?');
    const session = randomUUID();
    await back.reply(from, 'On its way.');
    await back.untilSent(1, from);

    await tell('end', conversationId, session, Date.now() + 1000);
    await tell('end', conversationId, session, Date.now() + 1000);

    await until(
      () => back.sentTexts(from),
      (texts) => texts.includes(goodBye),
    );
    await back.reply(from, 'One more thing.');
    await until(
      () => back.sentTexts(from),
      (texts) => texts.includes('One more thing.'),
    );
    expect(await back.sentTexts(from)).toEqual(['On its way.', goodBye, 'One more thing.']);
    // Genesys knows nothing of the good-bye.
    expect((await back.receipts()).filter(({ id }) => id.startsWith('closing'))).toEqual([]);
  });

  it('goes on when a later session of the customer runs in it', async () => {
    const from = aPhone();
    const conversationId = await write(from, 'Hello?');
    const [first, next] = [randomUUID(), randomUUID()];
    const at = Date.now() + 10_000;
    await tell('start', conversationId, first, at);
    await tell('start', conversationId, next, at + 2000);

    await tell('end', conversationId, first, at + 1000);

    await back.reply(from, 'Still here.');
    await until(
      () => back.sentTexts(from),
      (texts) => texts.includes('Still here.'),
    );
    expect(await back.sentTexts(from)).toEqual(['Still here.']);
  });
});

describe('a customer who writes a stop word', () => {
  it('leaves the conversation once the agent has the word, without a good-bye, and begins anew', async () => {
    const from = aPhone();
    const conversationId = await write(from, 'Hello');
    expect(await write(from, ' STOP ')).toBe(conversationId);
    const [end] = await until(ends, (rows) => rows.length > 0);

    expect(end).toMatchObject({
      path: `/api/v2/conversations/messages/${conversationId}`,
      status: 200,
      body: { state: 'disconnected' },
    });
    await tell('end', conversationId, randomUUID(), Date.now() + 1000);
    const next = await write(from, 'Hello again');
    expect(next).not.toBe(conversationId);
    await back.reply(from, 'Welcome back');
    await back.untilSent(1, from);
    expect(await back.sentTexts(from)).toEqual(['Welcome back']);
  });

  it('loses nothing while Genesys cannot end the conversation', async () => {
    const from = aPhone();
    await write(from, 'Hello');
    await back.faultGenesys({ match: { method: 'PATCH' }, action: { status: 500 } });

    await write(from, 'stop');
    await write(from, 'never mind');

    expect((await ends()).length).toBe(2);
    const texts = (await run.delivered()).map(({ body }) => body.text);
    expect(texts).toEqual(['Hello', 'stop', 'never mind']);
    expect((await run.metrics()).ConversationLeavesFailed).toBe(1);
  });
});
