import { outboundKey } from '../../lambdas/core/model/ledger-record.ts';
import { judgeOutbound } from '../../simulation/outbound/invariants.ts';
import type { OutboundScenario, SentReply } from '../../simulation/outbound/scenario.ts';
import { hourMs, minuteMs } from '../../simulation/outbound/scenario.ts';
import type { OutboundOutcome } from '../../simulation/outbound/world.ts';
import { playOutbound } from '../../simulation/outbound/world.ts';
import { numberId, startAt } from '../../simulation/settings.ts';

jest.setTimeout(120_000);

const horizonMs = 24 * hourMs;
const phones = Array.from({ length: 20 }, (_, index) => `4477009001${String(index).padStart(2, '0')}`);

/** Agents write to every customer every three hours, to one customer after the other, half of it in two parts. */
const replies = phones.flatMap((customer, place) =>
  Array.from(
    { length: 8 },
    (_, index): SentReply => ({
      id: `g${place}-${index}`,
      customer,
      atMs: index * 3 * hourMs + place * 20_000,
      parts: 1 + (index % 2),
      statuses: 'prompt',
    }),
  ),
);

function aDay(over: Partial<OutboundScenario>): OutboundScenario {
  // Customers keep their windows open: whatever they write comes in all the time.
  const heard = phones.flatMap((customer) =>
    [-1, 11, 23, 35].map((hours) => ({ customer, atMs: hours * hourMs })),
  );
  const quiet = { repeats: [], troubles: [], deskTroubles: [], faults: [] };
  return { seed: 1, replies, heard, horizonMs, ...quiet, ...over };
}

const recordOf = ({ ledger }: OutboundOutcome, id: string) => ledger.records.get(outboundKey(numberId, id));
/** Parts that a customer got, in order. */
const sentTo = ({ whatsapp }: OutboundOutcome, customer: string) => [
  ...new Set(whatsapp.taken.filter(({ to }) => to === customer).map(({ tag }) => tag)),
];
const receiptsTo = ({ genesys }: OutboundOutcome, customer: string, status: 'Failed' | 'Delivered') =>
  genesys.receipts.filter((receipt) => receipt.to === customer && receipt.status === status);
const tagsOf = ({ id, parts }: SentReply) => Array.from({ length: parts }, (_, part) => `${id}.${part}`);
const repliesTo = (phone: string) => replies.filter(({ customer }) => customer === phone);

describe('WhatsApp is down for more than a day', () => {
  const backAtMs = 25.5 * hourMs;
  let outcome: OutboundOutcome;

  beforeAll(async () => {
    outcome = await playOutbound(
      aDay({ troubles: [{ fromMs: 0, untilMs: backAtMs, trouble: 'refuses-connections', circuit: true }] }),
    );
  });

  it('breaks none of the invariants', () => {
    expect(judgeOutbound(outcome)).toEqual([]);
    expect(outcome.acknowledged.size).toBe(replies.length);
  });

  it('sends every reply that is within the horizon then, complete and in order', () => {
    for (const phone of phones) {
      const expected = repliesTo(phone).slice(1);

      expect(sentTo(outcome, phone)).toEqual(expected.flatMap(tagsOf));
      expect(receiptsTo(outcome, phone, 'Delivered').map(({ genesysId }) => genesysId)).toEqual(
        expected.map(({ id }) => id),
      );
    }
    const first = Math.min(...outcome.whatsapp.taken.map(({ at }) => at));
    expect(first).toBeGreaterThanOrEqual(startAt + backAtMs);
  });

  it('tells the agent of every reply that is over the horizon, as expired, and sends nothing of it', () => {
    for (const phone of phones) {
      const [oldest] = repliesTo(phone);

      expect(receiptsTo(outcome, phone, 'Failed')).toEqual([
        expect.objectContaining({
          genesysId: oldest?.id,
          reason: expect.objectContaining({ code: 'MessageExpired' }),
        }),
      ]);
      expect(recordOf(outcome, oldest?.id ?? '')).toMatchObject({ status: 'EXPIRED' });
    }
  });
});

describe('WhatsApp is down for two days', () => {
  it('tells the agent of all replies, each once and in order, once their horizon is over', async () => {
    const troubles = [{ fromMs: 0, untilMs: 49 * hourMs, trouble: 'rejects-token' } as const];
    const outcome = await playOutbound(aDay({ troubles }));

    expect(judgeOutbound(outcome)).toEqual([]);
    expect(outcome.whatsapp.taken).toEqual([]);
    for (const phone of phones) {
      const told = receiptsTo(outcome, phone, 'Failed');

      expect(told.map(({ genesysId, reason }) => [genesysId, reason?.code])).toEqual(
        repliesTo(phone).map(({ id }) => [id, 'MessageExpired']),
      );
    }
    for (const { genesysId, at } of outcome.genesys.receipts) {
      const reply = replies.find(({ id }) => id === genesysId);
      const waitedMs = at - startAt - (reply?.atMs ?? 0);
      expect(waitedMs).toBeGreaterThanOrEqual(horizonMs);
      expect(waitedMs).toBeLessThan(horizonMs + 2 * hourMs);
    }
  });
});

describe('the token is rejected for six hours', () => {
  it('loses nothing: all goes out by itself when the token is good again, complete and in order', async () => {
    const untilMs = 6 * hourMs + 10 * minuteMs;
    const outcome = await playOutbound(
      aDay({ troubles: [{ fromMs: 5 * minuteMs, untilMs, trouble: 'rejects-token', circuit: true }] }),
    );

    expect(judgeOutbound(outcome)).toEqual([]);
    expect([...outcome.ledger.records.values()].map(({ status }) => status)).toEqual(
      replies.map(() => 'DELIVERED'),
    );
    for (const phone of phones) {
      expect(sentTo(outcome, phone)).toEqual(repliesTo(phone).flatMap(tagsOf));
      expect(receiptsTo(outcome, phone, 'Failed')).toEqual([]);
      expect(receiptsTo(outcome, phone, 'Delivered')).toHaveLength(repliesTo(phone).length);
    }
    expect(outcome.machine.executions.size).toBeGreaterThanOrEqual(phones.length);
  });
});
