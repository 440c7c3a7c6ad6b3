// The real worker (queue handler, flows, gate) in several sandboxes, over stores in memory and in virtual time.
import { PacedGate } from '../../lambdas/adapters/pacing/paced-gate.ts';
import { choosePhrases } from '../../lambdas/core/convert/phrases.ts';
import { toAsciiJson } from '../../lambdas/core/model/envelope.ts';
import { deliverInbound } from '../../lambdas/flows/deliver-inbound.ts';
import { createCustomerFinder } from '../../lambdas/flows/find-customer.ts';
import { createIsolation } from '../../lambdas/flows/isolation.ts';
import { createQueueHandler } from '../../lambdas/runtime/queue-handler.ts';
import { MemoryCustomers } from '../../simulation/stores/memory-customers.ts';
import { MemoryLedger } from '../../simulation/stores/memory-ledger.ts';
import { anEnvelope, anInboundItem, aTextMessage } from '../builders.ts';
import { MemoryAllowance } from '../fakes/memory-allowance.ts';
import { MemoryArchive, RecordingTelemetry, ScriptedMedia } from '../fakes/outside-world.ts';
import { aParkingPlace } from '../fakes/parking.ts';
import { MeteredDesk } from './metered-desk.ts';
import { VirtualQueue } from './virtual-queue.ts';
import { VirtualTime } from './virtual-time.ts';

export interface VirtualBridgeOptions {
  sandboxes: number;
  requestsPerMinute: number;
  seed: number;
  /** What the desk really allows. @default requestsPerMinute */
  deskAllows?: number;
  /** @default 150 to 350 */
  latencyMs?: number;
}

const numberId = '1';
const timing = {
  leaseMs: 30_000,
  postTimeoutMs: 12_000,
  mediaDeadlineMs: 45_000,
  backoffBaseMs: 2000,
  backoffCapMs: 900_000,
  holdMs: 60_000,
};
const workerTimeoutMs = 120_000;

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export class VirtualBridge {
  readonly time = new VirtualTime();
  readonly queue = new VirtualQueue(this.time, { timeoutMs: workerTimeoutMs, visibilityMs: 150_000 });
  readonly ledger = new MemoryLedger();
  readonly allowance = new MemoryAllowance();
  readonly telemetry = new RecordingTelemetry();
  readonly desk: MeteredDesk;
  readonly random: () => number;
  /** When each message was sent, by id. */
  readonly sentAt = new Map<string, number>();
  readonly #customers = new MemoryCustomers();
  #ids = 0;

  constructor(options: VirtualBridgeOptions) {
    this.random = createRandom(options.seed);
    const { deskAllows = options.requestsPerMinute, latencyMs } = options;
    this.desk = new MeteredDesk(this.time, deskAllows, () => latencyMs ?? 150 + 200 * this.random());
    this.queue.serveWith(Array.from({ length: options.sandboxes }, () => this.#startSandbox(options)));
  }

  /** The customer writes a text. */
  write(customer: string): string {
    this.#ids += 1;
    const id = `wamid.${this.#ids}`;
    const item = anInboundItem({ id, phone: customer, message: aTextMessage({ id, from: customer }) });
    this.sentAt.set(id, this.time.now());
    this.queue.send(customer, toAsciiJson(anEnvelope({ numberId, items: [item] })));
    return id;
  }

  /** Writes at random moments, `perMinute` on average, until `untilMs` after the start. */
  async writeAtRandom(perMinute: number, untilMs: number, nameCustomer: () => string): Promise<string[]> {
    const ids: string[] = [];
    const endsAt = this.time.startedAt + untilMs;
    for (;;) {
      await this.time.sleep((-Math.log(1 - this.random()) * 60_000) / perMinute);
      if (this.time.now() >= endsAt) return ids;
      ids.push(this.write(nameCustomer()));
    }
  }

  /** Time from being sent to being taken by the desk, ms, ascending. */
  listWaits(ids: ReadonlySet<string>): number[] {
    return this.desk.delivered
      .filter(({ messageId }) => ids.has(messageId))
      .map(({ messageId, at }) => at - (this.sentAt.get(messageId) ?? 0))
      .sort((a, b) => a - b);
  }

  #startSandbox({ requestsPerMinute }: VirtualBridgeOptions) {
    const clock = this.time;
    const randomness = {
      nextId: () => {
        this.#ids += 1;
        return `id-${this.#ids}`;
      },
      next: this.random,
    };
    const gate = new PacedGate({
      allowance: this.allowance,
      clock,
      sleeper: this.time,
      randomness,
      telemetry: this.telemetry,
      requestsPerMinute,
      backoff: timing,
      probeMs: timing.postTimeoutMs,
      nameAccount: (customerKey) => customerKey,
    });
    const ports = {
      clock,
      randomness,
      gate,
      isolation: createIsolation(),
      timing,
      telemetry: this.telemetry,
      ledger: this.ledger,
      customers: createCustomerFinder(this.#customers, clock),
      desk: {
        deliver: (_numberId: string, message: Parameters<MeteredDesk['deliver']>[0]) =>
          this.desk.deliver(message, (notice) => gate.follow(notice)),
      },
      media: new ScriptedMedia(),
      phrases: choosePhrases('en'),
      archive: new MemoryArchive(),
      ...aParkingPlace(this.#customers),
      numbers: new Map([[numberId, { suspended: false }]]),
    };
    return createQueueHandler({
      processRecord: (record) => deliverInbound(record, ports),
      changeVisibility: this.queue.changeVisibility,
      deleteRecords: this.queue.deleteRecords,
      sleeper: this.time,
      telemetry: Object.assign(this.telemetry, { flush: () => undefined }),
      clock,
      randomness,
      backoff: timing,
    });
  }
}
