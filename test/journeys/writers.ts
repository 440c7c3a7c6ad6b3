// Customers who number their messages, and what became of these: in which order they arrived, whether all did, and
// whether the ledger knows of each that came twice.
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalRun, StoredRecord } from './local-run.ts';
import { aMessage, aPhone, aWebhook, until } from './local-run.ts';

/** The numbers from 1. */
export const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

/** Small and seeded, so that a failure can be had again. Uniform in [0, 1). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** One seed of a random journey, from the environment where one is to be repeated; it is printed. */
export function aSeed(what: string): number {
  const seed = Number(process.env.JOURNEY_SEED ?? Date.now() % 1_000_000);
  console.log(`${what} with JOURNEY_SEED=${seed}`);
  return seed;
}

/** What became of one message. */
export interface Fate {
  text: string;
  /** How often it took effect at Genesys. */
  deliveries: number;
  record: StoredRecord | undefined;
}

export class Writers {
  readonly #run: LocalRun;
  /** Texts by customer, in the order of their acceptance. */
  readonly #written = new Map<string, string[]>();
  readonly #ids = new Map<string, string>();

  constructor(run: LocalRun) {
    this.#run = run;
  }

  /** People nobody has heard of. */
  invite(count: number): string[] {
    const people = Array.from({ length: count }, () => aPhone());
    for (const person of people) this.#written.set(person, []);
    return people;
  }

  /** The customer's next texts, in one webhook; answers their ids. */
  async write(customer: string, count = 1, words = ''): Promise<string[]> {
    const before = this.#written.get(customer) ?? [];
    const texts = upTo(count).map((number) => `${customer}: ${before.length + number}${words}`);
    const messages = texts.map((text) => aMessage(customer, text));
    const answer = await this.#run.post(aWebhook(this.#run.endpoints.phoneNumberId, messages));
    if (answer.status !== 200) throw new Error(`the door answered ${answer.status}`);
    this.#written.set(customer, [...before, ...texts]);
    for (const [index, text] of texts.entries()) this.#ids.set(text, messages[index]?.id ?? '');
    return messages.map(({ id }) => id);
  }

  /** Texts of a customer in the order of their acceptance. */
  textsOf(customer: string): readonly string[] {
    return this.#written.get(customer) ?? [];
  }

  /** First arrivals of each customer's texts, in order. */
  async arrivals(): Promise<Map<string, string[]>> {
    const texts = (await this.#run.delivered()).map(({ body }) => body.text);
    const byCustomer = Map.groupBy(texts, (text) => text.split(': ')[0] ?? '');
    return new Map([...byCustomer].map(([customer, own]) => [customer, [...new Set(own)]]));
  }

  /** Waits until everything these customers wrote has come to Genesys. */
  async untilArrived(customers: readonly string[], timeoutMs: number): Promise<void> {
    await until(
      async () => {
        await sleep(200);
        const found = await this.arrivals();
        return customers
          .map((customer) => ({
            customer,
            missing: this.textsOf(customer).length - (found.get(customer)?.length ?? 0),
          }))
          .filter(({ missing }) => missing > 0);
      },
      (incomplete) => incomplete.length === 0,
      timeoutMs,
    );
  }

  /** Waits until the ledger says that each of these messages has come to an end. */
  async untilEnded(customers: readonly string[], timeoutMs = 30_000): Promise<Fate[]> {
    return until(
      async () => {
        await sleep(200);
        return this.fates(customers);
      },
      (fates) => fates.every(({ record }) => record && !['INFLIGHT', 'PARKED'].includes(record.status)),
      timeoutMs,
    );
  }

  async fates(customers: readonly string[]): Promise<Fate[]> {
    const deliveries = new Map<string, number>();
    for (const { body } of await this.#run.delivered())
      deliveries.set(body.text, (deliveries.get(body.text) ?? 0) + 1);
    const fates: Fate[] = [];
    for (const customer of customers) {
      const url = `${this.#run.endpoints.control}/_ledger?customer=${customer}`;
      const records = new Map(
        (await this.#run.get<StoredRecord[]>(url)).map((record) => [record.messageId, record]),
      );
      for (const text of this.textsOf(customer)) {
        const record = records.get(this.#ids.get(text) ?? '');
        fates.push({ text, deliveries: deliveries.get(text) ?? 0, record });
      }
    }
    return fates;
  }

  /**
   * Every conversation is complete and in order, every message DELIVERED, and none came twice of which the ledger does
   * not say so.
   */
  async expectWhole(customers: readonly string[], timeoutMs?: number): Promise<Fate[]> {
    const fates = await this.untilEnded(customers, timeoutMs);
    const arrivals = await this.arrivals();
    for (const customer of customers)
      expect([customer, arrivals.get(customer)]).toEqual([customer, this.textsOf(customer)]);
    expect(fates.filter(({ record }) => record?.status !== 'DELIVERED')).toEqual([]);
    expect(fates.filter(({ deliveries }) => deliveries < 1)).toEqual([]);
    expect(fates.filter(({ deliveries, record }) => deliveries > 1 && record?.ambiguous === 0)).toEqual([]);
    return fates;
  }

  /** Waits until no run of redelivery is under way; each has left its fence open. */
  async untilAllRunsEnded(timeoutMs = 60_000): Promise<void> {
    await until(
      async () => (await this.#run.executions()).filter(({ status }) => status === 'RUNNING').length,
      (running) => running === 0,
      timeoutMs,
    );
  }
}
