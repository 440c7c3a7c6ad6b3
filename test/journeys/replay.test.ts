// What operators repeat from the command line: it arrives once, in its place, and the ledger says who wanted it.
import { aMessage, aPhone, aWebhook, LocalRun, until } from './local-run.ts';
import { asText, masked, Operator, printedCalls } from './operator.ts';
import { WayBack } from './way-back.ts';
import { Writers } from './writers.ts';

let run: LocalRun;
let writers: Writers;
let operator: Operator;
beforeAll(async () => {
  run = await LocalRun.start('test/journeys/replay-tenant.json');
  operator = new Operator(run);
}, 90_000);
afterAll(() => run?.stop());
beforeEach(async () => {
  await run.calm();
  writers = new Writers(run);
});
jest.setTimeout(120_000);

const onMessages = { method: 'POST', path: '/inbound/open/message$' };
const faultGenesys = (...faults: object[]) => run.tell('PUT', `${run.endpoints.genesys}/_faults`, faults);
const texts = async () => (await run.delivered()).map(({ body }) => body.text);
/** What was asked of Genesys, as a dry run prints it. */
const madeRequests = async () =>
  (await run.deskRequests()).map((request) => asText(run.endpoints.genesys, request));
const notice = '[A message of the customer could not be shown: the contact centre refused it]';

/** A customer all of whose messages so far Genesys refused for good, for a reason that is gone now. */
async function refuseSomebody(count: number): Promise<{ customer: string; ids: string[] }> {
  const [customer = ''] = writers.invite(1);
  await faultGenesys({ match: { ...onMessages, bodyContains: `${customer}: ` }, action: { status: 400 } });
  const ids = await writers.write(customer, count);
  for (const id of ids) await run.untilStatus(id, 'FAILED');
  await faultGenesys();
  await run.tell('DELETE', `${run.endpoints.genesys}/_requests`);
  return { customer, ids };
}

describe('a dry run', () => {
  it('prints exactly the request that the replay then makes, but for the number of the replay, and makes none itself', async () => {
    const { customer, ids } = await refuseSomebody(1);

    const dry = await operator.replay('--ids', ids.join(), '--dry-run');
    expect(await run.deskRequests()).toEqual([]);
    expect(await run.recordOf(ids[0] ?? '')).toMatchObject({ status: 'FAILED' });
    const wet = await operator.replay('--ids', ids.join());

    expect([dry.code, wet.code]).toEqual([0, 0]);
    expect(await texts()).toEqual(writers.textsOf(customer));
    const printed = printedCalls(dry.text);
    expect(printed.map(masked)).toEqual((await madeRequests()).map(masked));
    expect(await run.recordOf(ids[0] ?? '')).toMatchObject({ status: 'DELIVERED', ambiguous: 0 });
  });

  it('of a message with a file prints its address too, which is signed anew for the request', async () => {
    const from = aPhone();
    const file = await fetch(`${run.endpoints.meta}/_media`, {
      method: 'POST',
      headers: { 'content-type': 'image/png' },
      body: new Uint8Array(
        Buffer.from(
          'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
          'base64',
        ),
      ),
    });
    const { id, sha256 } = (await file.json()) as { id: string; sha256: string };
    const image = { id, sha256, mime_type: 'image/png', caption: 'a picture' };
    const message = aMessage(from, '', { type: 'image', text: undefined, image });
    await run.post(aWebhook(run.endpoints.phoneNumberId, [message]));
    await run.untilStatus(message.id, 'DELIVERED');
    await run.tell('DELETE', `${run.endpoints.genesys}/_requests`);

    const force = ['--force', '--reason', 'lost at the desk'];
    const dry = await operator.replay('--ids', message.id, ...force, '--dry-run');
    expect(await operator.replay('--ids', message.id, ...force)).toMatchObject({ code: 0 });

    const printed = printedCalls(dry.text);
    expect(printed.map(masked)).toEqual((await madeRequests()).map(masked));
    expect(printed[0]).toMatch(/X-Amz-Signature/);
    expect(printed).toHaveLength(1);
  });
});

describe('a replay', () => {
  it('of an agent’s message sends it as the dry run printed it, to the customer it was for', async () => {
    const wayBack = new WayBack(run);
    await wayBack.calm();
    const [customer = ''] = writers.invite(1);
    await writers.write(customer);
    await writers.untilArrived([customer], 20_000);
    const refusal = {
      status: 400,
      body: { error: { message: 'refused', code: 100, type: 'OAuthException' } },
    };
    await wayBack.faultMeta({ match: { path: '/messages$', bodyContains: 'an answer' }, action: refusal });
    const id = await wayBack.reply(customer, 'an answer');
    await wayBack.untilEnded(id, 'FAILED');
    await wayBack.faultMeta();

    const dry = await operator.replay('--ids', id, '--dry-run');
    expect(await wayBack.sent(customer)).toEqual([]);
    const said = await operator.replay('--ids', id);

    expect(said).toMatchObject({ code: 0, text: expect.stringMatching(/put on park lists +1\n/) });
    const sent = await wayBack.sent(customer);
    expect(sent.map(({ body }) => body.text?.body)).toEqual(['an answer']);
    const made = sent.map((request) => asText(run.endpoints.meta, { ...request, query: {} }));
    expect(printedCalls(dry.text)).toEqual(made);
    expect(await wayBack.recordOf(id)).toMatchObject({ status: 'DELIVERED' });
  });

  it('of a customer delivers in order what ended undelivered, and says what was delivered before', async () => {
    const { customer, ids } = await refuseSomebody(2);
    await writers.write(customer);
    await until(texts, (found) => found.length === 1);

    const said = await operator.replay('--customer', customer);

    expect(said.text).toMatch(/already delivered +1\n/);
    expect(said.text).toMatch(/put on park lists +2\n/);
    expect(said.code).toBe(0);
    const [first, second, third] = writers.textsOf(customer);
    expect(await texts()).toEqual([third, first, second]);
    for (const id of ids) expect(await run.recordOf(id)).toMatchObject({ status: 'DELIVERED' });
    expect(await operator.replay('--customer', customer)).toMatchObject({
      code: 0,
      text: expect.stringMatching(/already delivered +3\n/),
    });
    expect(await texts()).toHaveLength(3);
  });

  it('of a customer by phone finds what is filed under the BSUID', async () => {
    const phone = aPhone();
    const match = { ...onMessages, bodyContains: `${phone}: ` };
    await faultGenesys({ match, action: { status: 400 } });
    const message = aMessage(phone, `${phone}: 1`, { from_user_id: `GB.${phone}` });
    await run.post(aWebhook(run.endpoints.phoneNumberId, [message]));
    const record = await run.untilStatus(message.id, 'FAILED');
    await run.calm();
    expect(record.customer).toBe(`GB.${phone}`);

    expect(await operator.replay('--customer', phone)).toMatchObject({
      code: 0,
      text: expect.stringMatching(/put on park lists +1\n/),
    });
    expect(await texts()).toEqual([`${phone}: 1`]);
  });

  it('by status finds everybody’s', async () => {
    const some = [await refuseSomebody(1), await refuseSomebody(2)];

    const said = await operator.replay('--status', 'failed');

    expect(said).toMatchObject({ code: 0, text: expect.stringMatching(/put on park lists +3\n/) });
    await writers.expectWhole(some.map(({ customer }) => customer));
    expect(await operator.replay('--status', 'failed')).toMatchObject({
      code: 0,
      text: expect.stringContaining(': 0 messages'),
    });
  });

  it('keeps what the customer writes meanwhile behind it', async () => {
    const { customer } = await refuseSomebody(3);
    await faultGenesys({ match: { ...onMessages, bodyContains: `${customer}: ` }, delayMs: 700 });
    const runsBefore = (await run.executions()).length;

    const saying = operator.replay('--customer', customer);
    await until(
      async () => (await run.executions()).length,
      (count) => count > runsBefore,
    );
    await writers.write(customer, 2);

    expect(await saying).toMatchObject({ code: 0 });
    await writers.untilArrived([customer], 30_000);
    expect(await texts()).toEqual(writers.textsOf(customer));
  });

  it('tries at once what waits for its next attempt', async () => {
    const [customer = ''] = writers.invite(1);
    await faultGenesys({ match: onMessages, action: { status: 503 } });
    const ids = await writers.write(customer, 2);
    for (const id of ids) await run.untilStatus(id, 'PARKED');
    await faultGenesys();

    const since = Date.now();
    const said = await operator.replay('--ids', ids.join());

    expect(said).toMatchObject({ code: 0, text: expect.stringMatching(/parked ones tried at once +2\n/) });
    // By itself the next attempt would have come after minutes.
    expect(Date.now() - since).toBeLessThan(90_000);
    await writers.expectWhole([customer]);
  });
});

describe('a forced replay', () => {
  it('delivers a copy of its own id, recorded with its reason, and leaves the first record as it was', async () => {
    const [customer = ''] = writers.invite(1);
    const [id = ''] = await writers.write(customer);
    const before = await run.untilStatus(id, 'DELIVERED');

    const asked = await operator.replay('--ids', id);
    expect(asked).toMatchObject({ code: 0, text: expect.stringMatching(/already delivered +1\n/) });
    expect(await texts()).toHaveLength(1);
    const forced = await operator.replay('--ids', id, '--force', '--reason', 'the agent closed it');

    expect(forced.code).toBe(0);
    const [text] = writers.textsOf(customer);
    expect(await texts()).toEqual([text, text]);
    const [one, two] = (await run.delivered()).map(({ body }) => body.channel.messageId);
    expect(one).toBe(id);
    expect(two).not.toBe(id);
    const [first, copy] = await operator.recordsOf(id);
    expect(first).toEqual(before);
    expect(copy).toMatchObject({ status: 'DELIVERED', forced: 'the agent closed it', ambiguous: 0 });
  });
});

describe('a webhook in the archive', () => {
  it('that never came into the queue is missed by the audit, and delivered by a replay', async () => {
    const [customer, from] = [aPhone(), new Date(Date.now() - 1000).toISOString()];
    const messages = ['one', 'two'].map((word) => aMessage(customer, `${customer}: ${word}`));
    const fault = { service: 'sqs', operation: 'SendMessageBatch', action: { error: 'AccessDenied' } };
    await run.tell('PUT', `${run.endpoints.control}/_faults`, [fault]);
    const answer = await run.post(aWebhook(run.endpoints.phoneNumberId, messages));
    expect(answer.status).toBeGreaterThanOrEqual(500);
    await run.calm();

    const audit = await operator.bridge('audit', '--from', from);
    expect(audit.code).toBe(1);
    for (const { id } of messages) expect(audit.text).toContain(`missing: ${id}`);
    const dry = await operator.replay('--raw', '--from', from, '--dry-run');
    const said = await operator.replay('--raw', '--from', from);

    expect(said).toMatchObject({ code: 0, text: expect.stringMatching(/put into the queue +2\n/) });
    expect(await texts()).toEqual(messages.map(({ text }) => text.body));
    expect(printedCalls(dry.text)).toEqual(await madeRequests());
    expect(await operator.bridge('audit', '--from', from)).toMatchObject({ code: 0 });
  });

  it('of 60 days ago is delivered by force only, once, in order, and recorded as forced', async () => {
    const customer = aPhone();
    const at = Date.now() - 60 * 86_400_000;
    const words = ['first', 'second', 'third'].map((word) => `${customer}: ${word}`);
    const messages = words.map((word) =>
      aMessage(customer, word, { timestamp: String(Math.floor(at / 1000)) }),
    );
    const [first, second, third] = messages;
    await operator.archive(at, aWebhook(run.endpoints.phoneNumberId, [first, second]));
    // In the same millisecond, as happens: each has its own place all the same.
    await operator.archive(at, aWebhook(run.endpoints.phoneNumberId, [third]));
    const meant = ['--raw', '--from', '61d', '--to', '59d'];

    const asked = await operator.replay(...meant);
    expect(asked.text).toMatch(/need --force +3\n/);
    expect(asked.code).toBe(1);
    expect(await texts()).toEqual([]);
    const forced = await operator.replay(...meant, '--force', '--reason', 'found in an audit');

    expect(forced.code).toBe(0);
    expect(await texts()).toEqual(words);
    for (const { id } of messages) {
      expect(await operator.recordsOf(id)).toMatchObject([
        { status: 'DELIVERED', forced: 'found in an audit', ambiguous: 0 },
      ]);
    }
  });
});

describe('the command line', () => {
  it.each([
    ['a mistake', 2, ['replay', '--force', '--ids', 'x']],
    ['nothing to look for', 2, ['replay']],
    ['a message nobody knows', 1, ['replay', '--ids', 'wamid.unheard-of']],
    ['nothing to do', 0, ['replay', '--from', '40m', '--to', '39m']],
  ])('ends after %s with code %i', async (_name, code, args) => {
    expect(await operator.bridge(...args)).toMatchObject({ code });
  });

  it('finds every message of this journey in exactly one status', async () => {
    const said = await operator.bridge('audit', '--from', '1h');

    expect(said).toMatchObject({
      code: 0,
      text: expect.stringContaining('Everything received is accounted for.'),
    });
    expect(said.text).not.toContain(notice);
  });
});
