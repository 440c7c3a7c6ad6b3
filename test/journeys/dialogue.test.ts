import { findReceiptFaults, findSendFaults } from '../schemas/schemas.ts';
import { aPhone, LocalRun, until } from './local-run.ts';
import { WayBack, wamidOf } from './way-back.ts';

let run: LocalRun;
let back: WayBack;
beforeAll(async () => {
  run = await LocalRun.start();
  back = new WayBack(run);
}, 60_000);
afterAll(() => run?.stop());
beforeEach(() => back.calm());
jest.setTimeout(120_000);

describe('a dialogue', () => {
  it.each<[string, (customer: string) => { from?: string; userId?: string }, string]>([
    ['who is known by phone', (from) => ({ from }), 'to'],
    ['who hides the phone', (userId) => ({ userId }), 'recipient'],
  ])(
    'of 20 alternating messages with a customer %s arrives in order on both sides',
    async (_name, identify, field) => {
      const customer = field === 'to' ? aPhone() : `GB.${aPhone()}`;
      const ids: string[] = [];

      for (let turn = 1; turn <= 10; turn += 1) {
        await run.send(`question ${turn}`, identify(customer));
        await run.untilDelivered(turn);
        ids.push(await back.reply(customer, `answer ${turn}`));
        await back.untilSent(turn, customer);
      }

      const turns = Array.from({ length: 10 }, (_, index) => index + 1);
      expect((await run.delivered()).map(({ body }) => body.text)).toEqual(
        turns.map((turn) => `question ${turn}`),
      );
      const sends = await back.sent(customer);
      expect(sends.map(({ body }) => body.text?.body)).toEqual(turns.map((turn) => `answer ${turn}`));
      expect(sends.every(({ body }) => field in body && !(field === 'to' && 'recipient' in body))).toBe(true);
      expect(sends.flatMap(({ body }) => findSendFaults(body))).toEqual([]);

      const receipts = await until(
        () => back.receipts(),
        (found) => found.length >= 10,
      );
      expect(receipts.map(({ id }) => id).sort()).toEqual([...ids].sort());
      expect(receipts.flatMap(findReceiptFaults)).toEqual([]);
      for (const receipt of receipts) {
        expect(receipt).toMatchObject({ status: 'Delivered', channel: { to: { id: customer } } });
      }
      for (const id of ids) {
        expect(await back.untilEnded(id, 'DELIVERED')).toMatchObject({ ambiguous: 0, attempts: 1 });
      }
    },
  );

  it('of many messages written at once keeps the order of each side', async () => {
    const customer = aPhone();
    const texts = (word: string) => Array.from({ length: 10 }, (_, index) => `${word} ${index + 1}`);
    await run.send('hello', { from: customer });
    await run.untilDelivered(1);

    for (const text of texts('reply')) await back.reply(customer, text);
    for (const text of texts('message')) await run.send(text, { from: customer });

    await back.untilSent(10, customer);
    expect(await back.sentTexts(customer)).toEqual(texts('reply'));
    expect(await run.untilDelivered(10, (text) => text.startsWith('message'))).toEqual(texts('message'));
  });

  it('shows the agent which reply a customer answers', async () => {
    const customer = aPhone();
    await run.send('hello', { from: customer });
    await run.untilDelivered(1);
    await back.reply(customer, 'Shall we send it again?');
    const [sent] = await back.untilSent(1, customer);

    await run.tell('POST', `${run.endpoints.meta}/_send`, {
      from: customer,
      message: { type: 'text', text: { body: 'Yes' }, context: { id: sent ? wamidOf(sent) : '' } },
    });

    const texts = await run.untilDelivered(1, (text) => text.endsWith('Yes'));
    expect(texts).toEqual(['[In reply to: “Shall we send it again?”]\nYes']);
  });
});
