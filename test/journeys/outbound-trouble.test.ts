import { findReceiptFaults } from '../schemas/schemas.ts';
import { aPhone, LocalRun, until } from './local-run.ts';
import { someBytes } from './media-words.ts';
import { anAgentsWebhook, WayBack, wamidOf } from './way-back.ts';

let run: LocalRun;
let back: WayBack;
beforeAll(async () => {
  run = await LocalRun.start();
  back = new WayBack(run);
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => back.calm());
jest.setTimeout(120_000);

type Json = Record<string, unknown>;

/** Somebody who wrote just now, or `hoursAgo`. */
async function aCustomer(hoursAgo = 0): Promise<string> {
  const phone = aPhone();
  const timestamp = String(Math.floor(Date.now() / 1000) - hoursAgo * 3600);
  const text = `hello from ${phone}`;
  await run.tell('POST', `${run.endpoints.meta}/_send`, {
    from: phone,
    message: { type: 'text', timestamp, text: { body: text } },
  });
  await run.untilDelivered(1, (found) => found === text);
  return phone;
}

/** Read marks carry no tag. */
const onSends = { method: 'POST', path: '/messages$', bodyContains: 'biz_opaque_callback_data' };
const graphError = (status: number, code: number) => ({
  status,
  body: { error: { message: 'refused', type: 'OAuthException', code, fbtrace_id: 'Atrace' } },
});

/** The one receipt the agent gets of a reply that fails. */
async function failureOf(id: string, timeoutMs?: number) {
  const receipt = await back.untilReceipt(id, timeoutMs);
  expect(findReceiptFaults(receipt)).toEqual([]);
  expect(receipt.status).toBe('Failed');
  return receipt.reasons?.[0];
}

describe('what an agent sends and WhatsApp cannot take', () => {
  it('ends with a reason for the agent, and the customer’s next reply goes out', async () => {
    const customer = await aCustomer();
    await back.faultMeta({
      match: { ...onSends, bodyContains: 'refuse me' },
      action: graphError(400, 131026),
    });

    const id = await back.reply(customer, 'refuse me');
    await back.reply(customer, 'go on');

    expect(await failureOf(id)).toEqual({
      code: 'InvalidDestination',
      message: expect.stringContaining('131026'),
    });
    await back.untilSent(1, customer);
    expect(await back.sentTexts(customer)).toEqual(['go on']);
    expect(await back.untilEnded(id, 'FAILED')).toMatchObject({ receipt: 'Failed' });
  });

  it.each<[string, () => Promise<Json>, string]>([
    [
      'an address that is dead',
      async () => ({ url: `${run.endpoints.genesys}/api/v2/downloads/gone` }),
      'image/png',
    ],
    [
      'an error page in place of a picture',
      async () => ({ url: await back.store(Buffer.from('<!doctype html><p>Sorry'), 'text/html') }),
      'image/png',
    ],
  ])('with %s', async (_name, makeFile, mime) => {
    const customer = await aCustomer();
    const attachment = { id: 'a', mediaType: 'Image', mime, ...(await makeFile()) };

    const id = await back.reply(customer, { content: [{ contentType: 'Attachment', attachment }] });
    await back.reply(customer, 'go on');

    expect((await failureOf(id, 60_000))?.message).not.toContain('http');
    await back.untilSent(1, customer);
    expect(await back.sentTexts(customer)).toEqual(['go on']);
  });

  it('a file that WhatsApp refuses for its size goes as something it takes', async () => {
    const customer = await aCustomer();
    const mime = 'image/png';
    const url = await back.store(someBytes(mime, 6 * 1024 * 1024), mime);
    const attachment = { id: 'a', mediaType: 'Image', mime, url };

    await back.reply(customer, { content: [{ contentType: 'Attachment', attachment }] });

    const [send] = await back.untilSent(1, customer);
    expect(['document', 'text']).toContain(send?.body.type);
  });

  it.each<[string, Json, string]>([
    ['nothing', { type: 'Text' }, 'InvalidMessageStructure'],
    ['nothing but spaces', { type: 'Text', text: '  ' }, 'InvalidMessageStructure'],
    [
      'what nobody knows',
      { type: 'Structured', content: [{ contentType: 'Hologram', hologram: {} }] },
      'UnsupportedMessage',
    ],
  ])('holding %s', async (_name, message, code) => {
    const customer = await aCustomer();
    const webhook = anAgentsWebhook(customer, message);

    expect((await back.post(webhook)).status).toBe(200);

    expect(await failureOf(webhook.id)).toMatchObject({ code });
    expect(await back.sent(customer)).toEqual([]);
  });

  it('to a customer who is silent for more than a day never reaches WhatsApp', async () => {
    const customer = await aCustomer(25);

    const id = await back.reply(customer, 'too late');

    expect(await failureOf(id)).toMatchObject({ code: 'MessageNotAllowed' });
    expect((await back.asked()).filter(({ body }) => body.to === customer)).toEqual([]);
  });

  it('inside the day that WhatsApp says is over ends the same', async () => {
    const customer = await aCustomer();
    await back.faultMeta({ match: onSends, times: 1, action: graphError(400, 131047) });

    expect(await failureOf(await back.reply(customer, 'refused'))).toMatchObject({
      code: 'MessageNotAllowed',
    });
  });
});

describe('statuses', () => {
  it('in reverse, with repeats, make one receipt', async () => {
    await back.setAuto(false);
    const customer = await aCustomer();
    const id = await back.reply(customer, 'read me');
    const [send] = await back.untilSent(1, customer);
    const wamid = send ? wamidOf(send) : '';

    for (const name of ['read', 'read', 'delivered', 'sent', 'delivered'])
      expect(await back.status(wamid, name)).toBe(200);

    const isComplete = (statuses: string[] = []) => statuses.length === 3;
    const record = await until(
      () => back.recordOf(id),
      (found) => isComplete(found?.statuses),
    );
    expect([...(record?.statuses ?? [])].sort()).toEqual(['0.delivered', '0.read', '0.sent']);
    expect((await back.receipts(id)).map(({ status }) => status)).toEqual(['Delivered']);
  });

  it('of a failure are told once, with the reason, whatever comes after', async () => {
    await back.setAuto(false);
    const customer = await aCustomer();
    const id = await back.reply(customer, 'lost');
    const [send] = await back.untilSent(1, customer);
    const wamid = send ? wamidOf(send) : '';

    await back.status(wamid, 'failed', [{ code: 131050, title: 'opted out' }]);
    expect(await failureOf(id)).toEqual({
      code: 'RecipientOptedOut',
      message: expect.stringContaining('131050'),
    });
    await back.status(wamid, 'delivered');

    await until(
      () => back.recordOf(id),
      (found) => found?.statuses?.length === 2,
    );
    expect(await back.receipts(id)).toHaveLength(1);
  });

  it('of messages nobody knows are counted', async () => {
    const before = (await run.metrics()).StatusesUnknown ?? 0;

    expect(await back.status('wamid.unknown', 'delivered')).toBe(200);

    await until(
      () => run.metrics(),
      ({ StatusesUnknown = 0 }) => StatusesUnknown === before + 1,
    );
    expect(await back.receipts()).toEqual([]);
  });

  it('reach Genesys once when it was away', async () => {
    await back.faultGenesys({ match: { path: '/open/receipt$' }, times: 2, action: { status: 503 } });
    const customer = await aCustomer();

    const id = await back.reply(customer, 'hello');

    await back.untilReceipt(id);
    const record = await until(
      () => back.recordOf(id),
      (found) => found?.receiptToldAt !== undefined,
    );
    expect(record).toMatchObject({ receipt: 'Delivered', status: 'DELIVERED' });
    expect(await back.receipts(id)).toHaveLength(1);
  });
});

describe('Genesys’ own words', () => {
  it('on a customer’s message are recorded', async () => {
    const wamid = await run.send('hello', { from: aPhone() });
    const { genesysId } = await run.untilStatus(wamid, 'DELIVERED');

    const receipt = {
      id: genesysId,
      channel: {},
      type: 'Receipt',
      status: 'Published',
      direction: 'Inbound',
    };
    expect((await back.post(receipt)).status).toBe(200);

    type Heard = { deskReceipts?: string[] };
    await until(
      async () => (await run.recordOf(wamid)) as Heard | undefined,
      (record) => record?.deskReceipts?.includes('Published') ?? false,
    );
  });

  it('come six times and are sent once', async () => {
    const customer = await aCustomer();
    const webhook = anAgentsWebhook(customer, { text: 'once' });

    const answers = await Promise.all(Array.from({ length: 6 }, () => back.post(webhook)));
    await back.reply(customer, 'after it');

    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    await back.untilSent(2, customer);
    expect(await back.sentTexts(customer)).toEqual(['once', 'after it']);
  });
});

describe('a send whose outcome is unknown', () => {
  it('is never sent again; a status that carries our tag proves it', async () => {
    const customer = await aCustomer();
    await back.faultMeta({ match: onSends, times: 1, action: 'applied-then-reset' });

    const id = await back.reply(customer, 'maybe sent');
    await back.reply(customer, 'after it');

    await back.untilSent(2, customer);
    expect(await back.sentTexts(customer)).toEqual(['maybe sent', 'after it']);
    expect((await back.untilReceipt(id)).status).toBe('Delivered');
    await back.untilEnded(id, 'DELIVERED');
  });

  it('ends with a receipt that says so when no status comes, and the customer’s next reply goes out', async () => {
    await back.setAuto(false);
    const customer = await aCustomer();
    await back.faultMeta({ match: onSends, times: 1, action: 'reset' });

    const id = await back.reply(customer, 'perhaps lost');
    await back.reply(customer, 'after it');

    expect(await failureOf(id, 60_000)).toEqual({
      code: 'GeneralError',
      message: expect.stringContaining('unknown'),
    });
    await back.untilSent(1, customer);
    expect(await back.sentTexts(customer)).toEqual(['after it']);
    expect(await back.untilEnded(id, 'FAILED')).toMatchObject({ receipt: 'Failed' });
  });

  it('because the worker crashed after the Graph call is sent once, and recorded as ambiguous', async () => {
    const customer = await aCustomer();
    // Slow enough for the worker to end while WhatsApp takes the message.
    await back.faultMeta({ match: onSends, times: 1, delayMs: 1500 });

    const id = await back.reply(customer, 'crash');
    await until(
      () => back.recordOf(id),
      (record) => record?.tried === 1,
    );
    const killed = { function: 'journeys-local-outbound-worker' };
    await run.tell('POST', `${run.endpoints.control}/_kill`, killed);
    await back.reply(customer, 'after it');

    await back.untilSent(2, customer, 60_000);
    expect(await back.sentTexts(customer)).toEqual(['crash', 'after it']);
    const record = await back.untilEnded(id, 'DELIVERED', 60_000);
    expect(record).toMatchObject({ crashes: 1 });
    expect(record.ambiguous).toBeGreaterThan(0);
  });
});

describe('an outage of WhatsApp that outlasts the hold', () => {
  const people = 6;
  const replies = 3;

  /** Replies to several customers during trouble that ends; what was sent and told when all is over. */
  async function replyThrough(fault: unknown, outageMs: number) {
    const customers = await Promise.all(Array.from({ length: people }, () => aCustomer()));
    await back.faultMeta({ match: onSends, action: fault });
    const ids = new Map<string, string[]>();
    for (let turn = 1; turn <= replies; turn += 1) {
      for (const customer of customers) {
        const id = await back.reply(customer, `reply ${turn}`);
        ids.set(customer, [...(ids.get(customer) ?? []), id]);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, outageMs));
    await back.faultMeta();
    const all = [...ids.values()].flat();
    const receipts = await until(
      async () => (await back.receipts()).filter(({ id }) => all.includes(id)),
      (found) => new Set(found.map(({ id }) => id)).size === all.length,
      100_000,
    );
    return { customers, ids, receipts };
  }

  it('parks replies to it, and sends all of them in order afterwards', async () => {
    const { customers, receipts } = await replyThrough(graphError(400, 131016), 9000);

    for (const customer of customers)
      expect(await back.sentTexts(customer)).toEqual(['reply 1', 'reply 2', 'reply 3']);
    expect(new Set(receipts.map(({ status }) => status))).toEqual(new Set(['Delivered']));
  });

  it('leaving outcomes open has every reply sent once in order, or the agent told', async () => {
    const { customers, ids, receipts } = await replyThrough({ status: 503 }, 9000);

    for (const customer of customers) {
      const told = (ids.get(customer) ?? []).map(
        (id) => receipts.find((receipt) => receipt.id === id)?.status,
      );
      const delivered = told.flatMap((status, index) =>
        status === 'Delivered' ? [`reply ${index + 1}`] : [],
      );
      expect(told.every((status) => status !== undefined)).toBe(true);
      expect(await back.sentTexts(customer)).toEqual(delivered);
    }
  });

  it('for a rejected token parks replies and resumes by itself once the token works', async () => {
    const { customers } = await replyThrough(graphError(401, 190), 9000);

    for (const customer of customers)
      expect(await back.sentTexts(customer)).toEqual(['reply 1', 'reply 2', 'reply 3']);
  });
});
