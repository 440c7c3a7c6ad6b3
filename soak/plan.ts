// Who writes what, in which order: made from the seed before anything is posted.
import { type StoredFile, writeMessage } from './customer-messages.ts';
import { Random } from './random.ts';

/** A customer known by phone, by business-scoped user id, or by both. */
export interface Customer {
  /** What Genesys knows them by: the first of their ids that was seen. */
  name: string;
  phone?: string;
  userId?: string;
}

export type Step =
  /** A webhook of Meta; `repeat` was posted before. */
  | { kind: 'webhook'; body: string; messages: { customer: string; id: string }[]; repeat: boolean }
  /** Signed with a secret that is not ours; nothing of it may have an effect. */
  | { kind: 'forged'; body: string; ids: string[] }
  /** An agent's message. */
  | { kind: 'reply'; customer: string; id: string; text: string };

/** What is posted one after another, so that the order of its customers' messages is known; lanes go side by side. */
export interface Lane {
  customers: Customer[];
  /** One message of each customer, posted before the weather turns. */
  greetings: Step[];
  steps: Step[];
}

export interface PlanOptions {
  seed: number;
  webhooks: number;
  lanes: number;
  phoneNumberId: string;
  file: StoredFile;
  /** Epoch seconds at which people write: WhatsApp lets businesses answer for a day. */
  writtenAt: number;
}

const customersPerLane = 5;
const share = { reply: 0.15, forged: 0.02, repeat: 0.05, batch: 0.2 };
/** WhatsApp lets a business send a burst of 45 messages to one customer. */
const mostRepliesEach = 40;

export function makePlan(options: PlanOptions): Lane[] {
  const each = Math.max(1, Math.round(options.webhooks / options.lanes));
  return Array.from({ length: options.lanes }, (_, lane) => makeLane(lane, each, options));
}

function makeLane(lane: number, webhooks: number, options: PlanOptions): Lane {
  const random = new Random(options.seed * 1000 + lane);
  const customers = Array.from({ length: customersPerLane }, (_, index) => describe(lane, index));
  const writer = new Writer(lane, random, options);
  const greetings = customers.map((customer) => writer.webhook([customer]));
  const steps: Step[] = [];
  const posted: Extract<Step, { kind: 'webhook' }>[] = [];
  const replies = new Map<string, number>();
  while (posted.length < webhooks) {
    const roll = random.next();
    if (roll < share.reply) {
      const { name } = random.pick(customers);
      const count = (replies.get(name) ?? 0) + 1;
      replies.set(name, count);
      if (count <= mostRepliesEach) steps.push(writer.reply(name, count));
    } else if (roll < share.reply + share.forged) {
      steps.push(writer.forged(random.pick(customers)));
    } else {
      const earlier = random.chance(share.repeat) && posted.length > 0 ? random.pick(posted) : undefined;
      const step = earlier ? { ...earlier, repeat: true } : writer.webhook(pickWriters(random, customers));
      steps.push(step);
      posted.push(step);
    }
  }
  return { customers, greetings, steps };
}

function pickWriters(random: Random, customers: readonly Customer[]): Customer[] {
  const count = random.chance(share.batch) ? random.between(2, 6) : 1;
  return Array.from({ length: count }, () => random.pick(customers));
}

function describe(lane: number, index: number): Customer {
  const digits = String(lane * customersPerLane + index).padStart(6, '0');
  const [phone, userId] = [`447700${digits}`, `GB.7700112233${digits}`];
  if (index === 0) return { name: userId, userId };
  return index === 1 ? { name: phone, phone } : { name: phone, phone, userId };
}

/** Writes the bodies of one lane. */
class Writer {
  readonly #lane: number;
  readonly #random: Random;
  readonly #options: PlanOptions;
  readonly #last = new Map<string, string>();
  #count = 0;

  constructor(lane: number, random: Random, options: PlanOptions) {
    this.#lane = lane;
    this.#random = random;
    this.#options = options;
  }

  webhook(writers: readonly Customer[]): Extract<Step, { kind: 'webhook' }> {
    const messages = writers.map((customer) => ({ customer: customer.name, ...this.#write(customer) }));
    return {
      kind: 'webhook',
      body: this.#wrap(
        writers,
        messages.map(({ message }) => message),
      ),
      messages: messages.map(({ customer, id }) => ({ customer, id })),
      repeat: false,
    };
  }

  forged(customer: Customer): Step {
    const { id, message } = this.#write(customer, false);
    return { kind: 'forged', body: this.#wrap([customer], [message]), ids: [id] };
  }

  reply(customer: string, count: number): Step {
    const id = Buffer.from(this.#nextId()).toString('hex').padEnd(32, '0').slice(0, 32);
    return { kind: 'reply', customer, id, text: `Answer ${count}` };
  }

  #write(customer: Customer, counts = true): { id: string; message: object } {
    const id = `wamid.${Buffer.from(this.#nextId().padEnd(40, '=')).toString('base64')}`;
    const content = writeMessage(this.#random, this.#options.file, this.#last.get(customer.name));
    if (counts) this.#last.set(customer.name, id);
    const { phone, userId } = customer;
    const sender = { ...(phone ? { from: phone } : {}), ...(userId ? { from_user_id: userId } : {}) };
    return { id, message: { ...sender, id, timestamp: String(this.#options.writtenAt), ...content } };
  }

  #nextId(): string {
    this.#count += 1;
    return `${this.#options.seed}.${this.#lane}.${this.#count}`;
  }

  #wrap(writers: readonly Customer[], messages: readonly object[]): string {
    const contacts = [...new Set(writers)].map(({ phone, userId }) => ({
      profile: { name: 'Zoë 🌻' },
      ...(phone ? { wa_id: phone } : {}),
      ...(userId ? { user_id: userId } : {}),
    }));
    const metadata = { display_phone_number: '15550783881', phone_number_id: this.#options.phoneNumberId };
    const value = { messaging_product: 'whatsapp', metadata, contacts, messages };
    return JSON.stringify({
      object: 'whatsapp_business_account',
      entry: [{ id: '102290129340398', changes: [{ value, field: 'messages' }] }],
    });
  }
}
