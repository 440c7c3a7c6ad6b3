// An SQS FIFO queue and its event source mapping in virtual time: groups are locked while one of their messages is
// out, batches of up to ten, partial failures, visibility, 20 receives and then the dead letters.
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { VirtualTime } from './virtual-time.ts';

interface Queued {
  id: string;
  group: string;
  body: string;
  sequence: number;
  receives: number;
  /** Hidden until then. */
  visibleAt: number;
  out: boolean;
}

export type Sandbox = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

const batchSize = 10;
const mostReceives = 20;

export class VirtualQueue {
  readonly deadLetters: Queued[] = [];
  readonly #time: VirtualTime;
  readonly #timeoutMs: number;
  readonly #visibilityMs: number;
  readonly #groups = new Map<string, Queued[]>();
  readonly #byHandle = new Map<string, Queued>();
  #idle: Sandbox[] = [];
  #sequence = 0;
  #mostReceives = 0;

  constructor(time: VirtualTime, timing: { timeoutMs: number; visibilityMs: number }) {
    this.#time = time;
    this.#timeoutMs = timing.timeoutMs;
    this.#visibilityMs = timing.visibilityMs;
  }

  /** Sandboxes that poll side by side. */
  serveWith(sandboxes: readonly Sandbox[]): void {
    this.#idle = [...sandboxes];
  }

  get size(): number {
    return [...this.#groups.values()].reduce((sum, group) => sum + group.length, 0);
  }

  get mostReceivesSeen(): number {
    return this.#mostReceives;
  }

  send(group: string, body: string): void {
    this.#sequence += 1;
    const message = {
      id: `sqs-${this.#sequence}`,
      group,
      body,
      sequence: this.#sequence,
      receives: 0,
      visibleAt: 0,
      out: false,
    };
    const queued = this.#groups.get(group);
    if (queued) queued.push(message);
    else this.#groups.set(group, [message]);
    this.#dispatch();
  }

  changeVisibility = async (handles: readonly string[], delaySeconds: number): Promise<void> => {
    for (const handle of handles) {
      const message = this.#byHandle.get(handle);
      if (message) message.visibleAt = this.#time.now() + delaySeconds * 1000;
    }
  };

  deleteRecords = async (handles: readonly string[]): Promise<void> => {
    for (const handle of handles) {
      const message = this.#byHandle.get(handle);
      if (message) this.#remove(message);
    }
    this.#dispatch();
  };

  #dispatch(): void {
    while (this.#idle.length > 0) {
      const batch = this.#receive();
      const sandbox = batch.length > 0 ? this.#idle.shift() : undefined;
      if (!sandbox) return;
      void this.#invoke(sandbox, batch);
    }
  }

  /** As many as possible of one group, then of the next, oldest groups first. */
  #receive(): Queued[] {
    const now = this.#time.now();
    const batch: Queued[] = [];
    for (const [group, queued] of [...this.#groups]) {
      if (batch.length >= batchSize) break;
      if (queued.some(({ out, visibleAt }) => out || visibleAt > now)) continue;
      const taken = queued.slice(0, batchSize - batch.length);
      batch.push(...taken);
      // A group that was served goes to the end of the line.
      this.#groups.delete(group);
      this.#groups.set(group, queued);
    }
    for (const message of batch) {
      message.receives += 1;
      this.#mostReceives = Math.max(this.#mostReceives, message.receives);
      message.out = true;
      message.visibleAt = now + this.#visibilityMs;
      this.#byHandle.set(message.id, message);
    }
    return batch;
  }

  async #invoke(sandbox: Sandbox, batch: readonly Queued[]): Promise<void> {
    const endsAt = this.#time.now() + this.#timeoutMs;
    const context = { getRemainingTimeInMillis: () => endsAt - this.#time.now() } as Context;
    const { batchItemFailures } = await sandbox({ Records: batch.map(toRecord) }, context);
    if (this.#time.now() > endsAt) throw new Error('an invocation took longer than its time');
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const message of batch) {
      message.out = false;
      if (!this.#byHandle.has(message.id)) continue;
      if (!failed.has(message.id)) this.#remove(message);
      else if (message.receives >= mostReceives) {
        this.#remove(message);
        this.deadLetters.push(message);
      } else this.#comeBack(message);
    }
    this.#idle.push(sandbox);
    this.#dispatch();
  }

  #comeBack(message: Queued): void {
    void this.#time.sleep(message.visibleAt - this.#time.now()).then(() => this.#dispatch());
  }

  #remove(message: Queued): void {
    const queued = (this.#groups.get(message.group) ?? []).filter((other) => other !== message);
    if (queued.length > 0) this.#groups.set(message.group, queued);
    else this.#groups.delete(message.group);
    this.#byHandle.delete(message.id);
  }
}

function toRecord({ id, group, body, sequence, receives }: Queued): SQSRecord {
  return {
    messageId: id,
    receiptHandle: id,
    body,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SequenceNumber: String(sequence).padStart(20, '0'),
      MessageGroupId: group,
      SentTimestamp: '0',
      SenderId: '',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: '',
  };
}
