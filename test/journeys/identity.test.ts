import { aMessage, aPhone, aWebhook, LocalRun } from './local-run.ts';

let run: LocalRun;
beforeAll(async () => {
  run = await LocalRun.start();
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => run.calm());
jest.setTimeout(120_000);

interface Ids {
  from?: string;
  from_user_id?: string;
  from_parent_user_id?: string;
}

let clockSeconds = Math.floor(Date.now() / 1000) - 1000;
const nextTimestamp = () => {
  clockSeconds += 1;
  return String(clockSeconds);
};

/** One webhook with one message; answers its id once it has reached `status`. */
async function tell(ids: Ids, body: string, status = 'DELIVERED', over: Record<string, unknown> = {}) {
  const message = aMessage('', body, { timestamp: nextTimestamp(), from: undefined, ...ids, ...over });
  expect((await run.post(aWebhook(run.endpoints.phoneNumberId, [message]))).status).toBe(200);
  await run.untilStatus(message.id, status, 30_000);
  return message.id;
}

const move = (from: string | undefined, system: Record<string, unknown>) =>
  tell({ ...(from === undefined ? {} : { from }) }, 'ignored', 'DELIVERED', {
    type: 'system',
    system,
    text: undefined,
  });

/** Address and conversation of everything delivered. */
async function threads() {
  const rows = await run.delivered();
  return {
    addresses: [...new Set(rows.map(({ body }) => body.channel.from.id))],
    conversations: [...new Set(rows.map(({ response }) => response.conversationId))],
    texts: rows.map(({ body }) => body.text),
  };
}

describe('one person', () => {
  it('stays one conversation through phone, BSUID, parent BSUID, new BSUID and new number', async () => {
    const [oldPhone, newPhone] = [aPhone(), aPhone()];
    const [first, second, third] = ['a', 'b', 'c'].map((name) => `GB.${oldPhone}${name}`);
    const parent = `GB.ENT.${oldPhone}`;

    await tell({ from: oldPhone }, 'phone only');
    await tell({ from: oldPhone, from_user_id: first, from_parent_user_id: parent }, 'all');
    await tell({ from_user_id: first }, 'BSUID only');
    await tell({ from_parent_user_id: parent }, 'parent only');
    await move(undefined, { type: 'user_changed_user_id', user_id: second, previous_user_id: first });
    await tell({ from_user_id: second }, 'new BSUID only');
    await move(oldPhone, {
      type: 'user_changed_number',
      wa_id: newPhone,
      user_id: third,
      previous_user_id: second,
    });
    await tell({ from: newPhone, from_user_id: third }, 'new number');
    await tell({ from: newPhone }, 'new number only');
    await tell({ from_user_id: third }, 'newest BSUID only');

    const { addresses, conversations, texts } = await threads();
    expect(addresses).toEqual([oldPhone]);
    expect(conversations).toHaveLength(1);
    expect(texts).toHaveLength(10);
    expect(texts.filter((text) => !text.startsWith('['))).toEqual([
      'phone only',
      'all',
      'BSUID only',
      'parent only',
      'new BSUID only',
      'new number',
      'new number only',
      'newest BSUID only',
    ]);
  });

  it('is one again when the notice comes after the first message under the new ids', async () => {
    const [oldPhone, newPhone] = [aPhone(), aPhone()];
    const [first, second] = [`GB.${oldPhone}a`, `GB.${oldPhone}b`];
    await tell({ from: oldPhone, from_user_id: first }, 'before');
    await tell({ from: newPhone, from_user_id: second }, 'early');

    await move(oldPhone, {
      type: 'user_changed_number',
      wa_id: newPhone,
      user_id: second,
      previous_user_id: first,
    });
    await tell({ from: newPhone, from_user_id: second }, 'after');
    await tell({ from_user_id: second }, 'after, BSUID only');

    const rows = await run.delivered();
    expect(rows.map(({ body }) => body.channel.from.id)).toEqual([
      oldPhone,
      newPhone,
      oldPhone,
      oldPhone,
      oldPhone,
    ]);
  });

  it('is one conversation when every kind of id comes at the same moment', async () => {
    const from = aPhone();
    const ids: Ids = { from, from_user_id: `GB.${from}` };
    await tell(ids, 'first');
    const facets: Ids[] = [ids, { from }, { from_user_id: `GB.${from}` }];
    const messages = Array.from({ length: 30 }, (_, index) =>
      aMessage('', `${index}`, {
        from: undefined,
        ...facets[index % facets.length],
        timestamp: nextTimestamp(),
      }),
    );

    await Promise.all(messages.map((message) => run.post(aWebhook(run.endpoints.phoneNumberId, [message]))));

    await run.untilDelivered(31);
    const { addresses, conversations } = await threads();
    expect(addresses).toEqual([from]);
    expect(conversations).toHaveLength(1);
  });
});

describe('a phone with a new holder', () => {
  it('is parked for a person with every later message, while everybody else is served', async () => {
    const from = aPhone();
    const [holder, newcomer] = [`GB.${from}a`, `GB.${from}b`];
    await tell({ from, from_user_id: holder }, 'holder');
    const before = (await run.metrics()).IdentityConflicts ?? 0;

    const first = await tell({ from, from_user_id: newcomer }, 'newcomer', 'QUARANTINED');
    const second = await tell({ from_user_id: newcomer }, 'newcomer again', 'QUARANTINED');
    const third = await tell({ from }, 'whose?', 'QUARANTINED');
    await tell({ from, from_user_id: holder }, 'holder still');
    await tell({ from: aPhone() }, 'somebody else');

    for (const id of [first, second, third]) {
      expect(await run.recordOf(id)).toMatchObject({ reason: 'identity-conflict', attention: 'QUARANTINED' });
    }
    expect((await threads()).texts).toEqual(['holder', 'holder still', 'somebody else']);
    expect((await run.metrics()).IdentityConflicts).toBe(before + 3);
  });

  it('whose holder left it gets a conversation of their own', async () => {
    const [from, newPhone] = [aPhone(), aPhone()];
    const [holder, moved, newcomer] = ['a', 'b', 'c'].map((name) => `GB.${from}${name}`);
    await tell({ from, from_user_id: holder }, 'holder');
    await move(from, {
      type: 'user_changed_number',
      wa_id: newPhone,
      user_id: moved,
      previous_user_id: holder,
    });

    await tell({ from, from_user_id: newcomer }, 'newcomer');

    const { addresses, conversations } = await threads();
    expect(addresses).toEqual([from, newcomer]);
    expect(conversations).toHaveLength(2);
  });

  it('waits for the notice that explains it, and keeps the order of its sender', async () => {
    const from = aPhone();
    const [former, rotated] = [`GB.${from}a`, `GB.${from}b`];
    await tell({ from, from_user_id: former }, 'before');
    const early = ['one', 'two'].map((body) =>
      aMessage(from, body, { from_user_id: rotated, timestamp: nextTimestamp() }),
    );
    await run.post(aWebhook(run.endpoints.phoneNumberId, early));
    const inConflict = async () => {
      const rows = await run.get<{ line: { event?: string; messageId?: string } }[]>(
        `${run.endpoints.control}/_logs?since=0`,
      );
      return rows.some(
        ({ line }) => line?.event === 'message.in-conflict' && line.messageId === early[0]?.id,
      );
    };
    while (!(await inConflict())) await new Promise((resolve) => setTimeout(resolve, 100));

    await move(undefined, { type: 'user_changed_user_id', user_id: rotated, previous_user_id: former });

    await run.untilDelivered(4);
    const { addresses, texts } = await threads();
    expect(addresses).toEqual([from]);
    expect(texts.filter((text) => !text.startsWith('['))).toEqual(['before', 'one', 'two']);
  });
});
