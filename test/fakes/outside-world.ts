// Small doubles of the remaining ports: a clock that is set by hand, ids that count, a desk that answers as told.
import { BridgeError } from '../../lambdas/core/errors.ts';
import type { DeskAnswer, DeskMessage } from '../../lambdas/core/model/desk-message.ts';
import type {
  AgentDesk,
  Archive,
  Clock,
  DeskGate,
  GateReport,
  InboundQueue,
  QueueMessage,
  Randomness,
  Sleeper,
  Telemetry,
} from '../../lambdas/core/ports.ts';
import type { MediaRelay } from '../../lambdas/flows/relay-media.ts';

export class HandClock implements Clock {
  at: number;

  constructor(at = Date.UTC(2026, 10, 20, 12)) {
    this.at = at;
  }

  now(): number {
    return this.at;
  }
}

/** Sleeps until it is woken by hand or by what the sleeper waits for; remembers how long it was to be. */
export class HandSleeper implements Sleeper {
  readonly slept: number[] = [];
  readonly #sleeping: (() => void)[] = [];

  async sleep(delayMs: number, wake?: Promise<unknown>): Promise<void> {
    this.slept.push(delayMs);
    const byHand = new Promise<void>((resolve) => this.#sleeping.push(resolve));
    await (wake === undefined ? byHand : Promise.race([byHand, wake]));
  }

  wakeAll(): void {
    for (const wake of this.#sleeping.splice(0)) wake();
  }
}

export class CountingRandomness implements Randomness {
  #count = 0;

  nextId(): string {
    this.#count += 1;
    return `id-${this.#count}`;
  }

  next(): number {
    return 0.5;
  }
}

export class RecordingTelemetry implements Telemetry {
  readonly counters: Record<string, number> = {};
  readonly events: { name: string; fields: Record<string, unknown> }[] = [];
  readonly problems: { name: string; error: unknown }[] = [];

  count(metric: string, value = 1): void {
    if (value !== 0) this.counters[metric] = (this.counters[metric] ?? 0) + value;
  }

  event(name: string, fields: Record<string, unknown>): void {
    this.events.push({ name, fields });
  }

  problem(name: string, error: unknown): void {
    this.problems.push({ name, error });
  }
}

/** Accepts everything unless answers are lined up; remembers what it was shown. */
export class ScriptedDesk implements AgentDesk {
  readonly shown: (DeskMessage & { numberId: string })[] = [];
  readonly answers: (DeskAnswer | ((message: DeskMessage) => DeskAnswer | Promise<DeskAnswer>))[] = [];
  #count = 0;

  async deliver(numberId: string, message: DeskMessage): Promise<DeskAnswer> {
    this.shown.push({ ...message, numberId });
    const next = this.answers.shift();
    if (typeof next === 'function') return next(message);
    this.#count += 1;
    return (
      next ?? {
        delivered: true,
        genesysId: `genesys-${this.#count}`,
        conversationId: 'conversation-1',
      }
    );
  }
}

export class MemoryArchive implements Archive {
  readonly objects = new Map<string, Uint8Array>();
  /** Key prefixes whose puts fail. */
  readonly broken: string[] = [];

  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (this.broken.some((prefix) => key.startsWith(prefix)))
      throw new BridgeError('store-unavailable', 'archive put failed');
    this.objects.set(key, bytes);
  }

  async get(key: string): Promise<Uint8Array> {
    const bytes = this.objects.get(key);
    if (!bytes) throw new BridgeError('store-unavailable', 'archive get failed', { code: 'NoSuchKey' });
    return bytes;
  }
}

export class MemoryQueue implements InboundQueue {
  readonly maxBodyBytes: number;
  /** One entry per call. */
  readonly batches: (readonly QueueMessage[])[] = [];
  /** Sends that fail from this call on (counted from 0). */
  failFrom = Number.POSITIVE_INFINITY;
  #calls = 0;

  constructor(maxBodyBytes = 1_040_000) {
    this.maxBodyBytes = maxBodyBytes;
  }

  get messages(): QueueMessage[] {
    return this.batches.flat();
  }

  async send(messages: readonly QueueMessage[]): Promise<void> {
    const call = this.#calls;
    this.#calls += 1;
    if (call >= this.failFrom) throw new BridgeError('store-unavailable', 'queue send failed');
    this.batches.push(messages);
  }
}

/** Lets everybody in unless told otherwise; remembers who came and what was reported. */
export class OpenGate implements DeskGate {
  readonly entered: string[] = [];
  readonly reports: GateReport[] = [];
  /** Delays answered to the next visitors instead of letting them in. */
  readonly closedFor: number[] = [];

  async enter({ customerKey }: { customerKey: string }) {
    const delayMs = this.closedFor.shift();
    if (delayMs !== undefined) return { open: false, delayMs, reason: 'circuit' } as const;
    this.entered.push(customerKey);
    return { open: true } as const;
  }

  leave(report: GateReport): void {
    this.reports.push(report);
  }
}

/** Has every media object at hand unless answers are lined up. */
export class ScriptedMedia implements MediaRelay {
  readonly asked: Parameters<MediaRelay['relay']>[0][] = [];
  readonly answers: (Awaited<ReturnType<MediaRelay['relay']>> | Error)[] = [];

  async relay(request: Parameters<MediaRelay['relay']>[0]) {
    this.asked.push(request);
    const next = this.answers.shift();
    if (next instanceof Error) throw next;
    if (next) return next;
    const { id, mime } = request.media;
    const link = `https://bridge.example/media/${id}`;
    const file = { key: `media/${id}`, mime, bytes: 1, sha256: 'aa', filename: `${id}.bin` };
    const stored = { state: 'downloaded', ...file } as const;
    return request.asLink ? { stored, link } : { stored, attachment: this.#attach(id, mime) };
  }

  async keep({ file }: Parameters<MediaRelay['keep']>[0]) {
    return this.#attach(file.filename, file.mime);
  }

  #attach(id: string, mime: string) {
    return {
      id,
      mediaType: 'File',
      url: `https://media.example/${id}`,
      mime,
      filename: `${id}.bin`,
    } as const;
  }
}
