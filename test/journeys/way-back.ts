// The words of journeys about the way back: agents who answer, what WhatsApp gets, and what Genesys hears of it.
import { createHmac } from 'node:crypto';
import type { LocalRun, StoredRecord } from './local-run.ts';
import { until } from './local-run.ts';

type Json = Record<string, unknown>;

/** A row of a stand-in's request log. */
export interface LoggedRequest {
  seq: number;
  at: number;
  method: string;
  path: string;
  status: number | null;
  applied?: boolean;
  body: Json & {
    to?: string;
    recipient?: string;
    type?: string;
    status?: string;
    text?: { body: string };
    interactive?: { type: string; action: { buttons?: { reply: { id: string; title: string } }[] } };
    biz_opaque_callback_data?: string;
  };
  response: { messages?: { id: string }[] } | undefined;
}

export interface LoggedReceipt {
  id: string;
  status: string;
  channel: { to: { id: string }; time: string };
  isFinalReceipt: boolean;
  reasons?: { code: string; message: string }[];
}

/** What the ledger has of an agent's message besides the common facts. */
export type StoredReply = StoredRecord & {
  tried?: number;
  partsDone?: number;
  statuses?: string[];
  receipt?: string;
  receiptToldAt?: number;
};

export class WayBack {
  readonly #run: LocalRun;

  constructor(run: LocalRun) {
    this.#run = run;
  }

  /** The agent, or a bot, writes; answers Genesys' id of the message. */
  async reply(to: string, message: string | Json): Promise<string> {
    const fields = typeof message === 'string' ? { text: message } : message;
    const answer = await this.#run.tell('POST', `${this.#run.endpoints.genesys}/_reply`, { to, ...fields });
    return (answer as { id: string }).id;
  }

  /** A webhook of Genesys as it stands, signed unless told otherwise. */
  async post(body: unknown, over: { integrationId?: string; signature?: string } = {}): Promise<Response> {
    const { bridge, integrationId, secrets } = this.#run.endpoints;
    const bytes = JSON.stringify(body);
    const digest = createHmac('sha256', secrets.genesysWebhookSecret).update(bytes).digest('base64');
    return fetch(`${bridge}/webhook/genesys/${over.integrationId ?? integrationId}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-hub-signature-256': over.signature ?? `sha256=${digest}`,
      },
      body: bytes,
    });
  }

  /** A file as Genesys keeps those of agents; answers its address. */
  async store(bytes: Buffer, mime: string, over: { open?: boolean } = {}): Promise<string> {
    const response = await fetch(`${this.#run.endpoints.genesys}/_files?open=${over.open ?? false}`, {
      method: 'POST',
      headers: { 'content-type': mime },
      body: new Uint8Array(bytes),
    });
    return ((await response.json()) as { url: string }).url;
  }

  /** Everything the bridge asked of the Graph API's messages, in order: sends and read marks, refused ones too. */
  async asked(): Promise<LoggedRequest[]> {
    const rows = await this.#run.get<LoggedRequest[]>(`${this.#run.endpoints.meta}/_requests`);
    return rows.filter(({ method, path }) => method === 'POST' && path.endsWith('/messages'));
  }

  /** Messages that WhatsApp took, to one customer or to all, in order. */
  async sent(to?: string): Promise<LoggedRequest[]> {
    const rows = await this.asked();
    return rows.filter(
      ({ body, status, applied }) =>
        (applied ?? status === 200) &&
        body.status === undefined &&
        (to === undefined || (body.to ?? body.recipient) === to),
    );
  }

  async sentTexts(to?: string): Promise<(string | undefined)[]> {
    return (await this.sent(to)).map(({ body }) => body.text?.body);
  }

  async untilSent(count: number, to?: string, timeoutMs?: number): Promise<LoggedRequest[]> {
    return until(
      () => this.sent(to),
      (rows) => rows.length >= count,
      timeoutMs,
    );
  }

  /** Receipts that Genesys took, in order. */
  async receipts(genesysId?: string): Promise<LoggedReceipt[]> {
    const rows = await this.#run.get<(LoggedRequest & { body: LoggedReceipt })[]>(
      `${this.#run.endpoints.genesys}/_requests`,
    );
    return rows
      .filter(
        ({ path, status, applied }) => path.endsWith('/inbound/open/receipt') && (applied ?? status === 200),
      )
      .map(({ body }) => body)
      .filter(({ id }) => genesysId === undefined || id === genesysId);
  }

  async untilReceipt(genesysId: string, timeoutMs?: number): Promise<LoggedReceipt> {
    const [receipt] = await until(
      () => this.receipts(genesysId),
      (found) => found.length > 0,
      timeoutMs,
    );
    if (!receipt) throw new Error('no receipt');
    return receipt;
  }

  async recordOf(genesysId: string): Promise<StoredReply | undefined> {
    const url = `${this.#run.endpoints.control}/_ledger?id=${encodeURIComponent(genesysId)}`;
    return (await this.#run.get<StoredReply[]>(url)).find(({ pk }) => pk.startsWith('OUT#'));
  }

  async untilEnded(genesysId: string, status: string, timeoutMs?: number): Promise<StoredReply> {
    const record = await until(
      () => this.recordOf(genesysId),
      (found) => found?.status === status,
      timeoutMs,
    );
    if (!record) throw new Error('no record');
    return record;
  }

  /** WhatsApp says what became of a message; answers the bridge's HTTP status. */
  async status(wamid: string, status: string, errors?: Json[]): Promise<number> {
    const answer = await this.#run.tell('POST', `${this.#run.endpoints.meta}/_status`, {
      id: wamid,
      status,
      ...(errors ? { errors } : {}),
    });
    return (answer as { status: number }).status;
  }

  /** Whether statuses come by themselves after a send. */
  async setAuto(auto: boolean): Promise<void> {
    await this.#run.tell('PUT', `${this.#run.endpoints.meta}/_settings`, { auto });
  }

  async faultMeta(...faults: unknown[]): Promise<void> {
    await this.#run.tell('PUT', `${this.#run.endpoints.meta}/_faults`, faults);
  }

  async faultGenesys(...faults: unknown[]): Promise<void> {
    await this.#run.tell('PUT', `${this.#run.endpoints.genesys}/_faults`, faults);
  }

  async calm(): Promise<void> {
    await this.#run.calm();
    await this.setAuto(true);
    await this.#run.tell('DELETE', `${this.#run.endpoints.meta}/_requests`);
  }
}

/** wamid that WhatsApp gave a send. */
export const wamidOf = ({ response }: LoggedRequest): string => response?.messages?.[0]?.id ?? '';

let webhooks = 0;

/** A webhook of Genesys about a message to a customer. */
export function anAgentsWebhook(to: string, over: Json = {}): Json & { id: string } {
  webhooks += 1;
  const id = `${process.pid.toString(16)}${webhooks.toString(16)}`.padStart(32, '0');
  return {
    id,
    channel: { to: { id: to, idType: 'Phone' }, time: new Date().toISOString(), messageId: id },
    type: 'Text',
    direction: 'Outbound',
    originatingEntity: 'Human',
    ...over,
  };
}
