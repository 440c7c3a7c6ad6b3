// One simulated run: the real door flow, queue handler and delivery flow between simulated Meta, AWS and Genesys.
import { createHash } from 'node:crypto';
import type { Context, SQSEvent } from 'aws-lambda';
import { english } from '../lambdas/core/convert/phrase-sets/english.ts';
import { BridgeError } from '../lambdas/core/errors.ts';
import type {
  AgentDesk,
  CustomerDirectory,
  DeskGate,
  InboundQueue,
  Randomness,
  Telemetry,
} from '../lambdas/core/ports.ts';
import { acceptMetaWebhook } from '../lambdas/flows/accept-webhook.ts';
import { deliverInbound } from '../lambdas/flows/deliver-inbound.ts';
import { createCustomerFinder } from '../lambdas/flows/find-customer.ts';
import type { Isolation } from '../lambdas/flows/isolation.ts';
import { createIsolation } from '../lambdas/flows/isolation.ts';
import type { MediaRelay } from '../lambdas/flows/relay-media.ts';
import { createQueueHandler } from '../lambdas/runtime/queue-handler.ts';
import type { CallContext, Invocation } from './calls.ts';
import { call } from './calls.ts';
import { SimulatedDesk } from './desk.ts';
import { FaultPlan } from './faults.ts';
import type { StoredMessage } from './fifo-queue.ts';
import { FifoQueue } from './fifo-queue.ts';
import type { Seams } from './mutants.ts';
import { wrapAll } from './port-proxy.ts';
import { Random } from './random.ts';
import type { Posting, Scenario } from './scenario.ts';
import { MemoryCustomers } from './stores/memory-customers.ts';
import { MemoryLedger } from './stores/memory-ledger.ts';
import { VirtualTime } from './virtual-time.ts';
import { watchStatuses } from './watched-ledger.ts';

export const numberId = '1';
const startAt = Date.UTC(2026, 10, 20);
const timing = {
  leaseMs: 30_000,
  postTimeoutMs: 12_000,
  mediaDeadlineMs: 45_000,
  backoffBaseMs: 2000,
  backoffCapMs: 60_000,
  holdMs: 60_000,
};
const functionTimeoutMs = 120_000;
const visibilityMs = 150_000;
const maxReceiveCount = 20;
const concurrency = 3;
/** Meta repeats an unanswered webhook after these waits, then at the last one. */
const metaRetryMs = [1000, 5000, 30_000, 120_000];
const longestRunMs = 20 * 86_400_000;

/** Everything of a finished run that can be judged. */
export interface Outcome {
  scenario: Scenario;
  ledger: MemoryLedger;
  queue: FifoQueue;
  desk: SimulatedDesk;
  /** Ids in webhooks that were answered 200. */
  acknowledged: Set<string>;
  /** Statuses that moved backwards, and other things seen while it ran. */
  wrongMoves: string[];
  plan: FaultPlan;
  trace: string[];
}

export interface RunOptions {
  seams?: Seams;
  traced?: boolean;
}

/** Plays the scenario to its end. @throws Error when it does not come to rest. */
export async function play(
  scenario: Scenario,
  { seams = {}, traced = false }: RunOptions = {},
): Promise<Outcome> {
  const time = new VirtualTime(startAt);
  const random = new Random(scenario.seed ^ 0x5eed);
  const plan = new FaultPlan(scenario.faults);
  const trace: string[] = [];
  const context: CallContext = {
    time,
    random,
    plan,
    trace: traced
      ? (line) => trace.push(`${((time.now() - startAt) / 1000).toFixed(3)} ${line}`)
      : () => undefined,
  };
  const wrongMoves: string[] = [];
  const ledger = new MemoryLedger(seams.rememberDays);
  const queue = new FifoQueue(visibilityMs, maxReceiveCount);
  const desk = new SimulatedDesk(scenario, time);
  const acknowledged = new Set<string>();
  const outcome = { scenario, ledger, queue, desk, acknowledged, wrongMoves, plan, trace };
  const world: World = {
    ...outcome,
    context,
    directory: new MemoryCustomers(),
    ids: countIds(random),
    seams,
  };

  const pump = startPump(world);
  for (const posting of scenario.postings)
    time.at(startAt + posting.atMs, () => void postWebhook(posting, world, pump));
  await time.run(startAt + longestRunMs);
  return outcome;
}

interface World extends Outcome {
  context: CallContext;
  directory: CustomerDirectory;
  ids: Randomness;
  seams: Seams;
}

function countIds(random: Random): Randomness {
  let count = 0;
  return {
    nextId: () => {
      count += 1;
      return `id-${count}`;
    },
    next: () => random.next(),
  };
}

/** Problems the bridge has a name for are part of the game; anything else is a bug. */
function createTelemetry(wrongMoves: string[]): Telemetry {
  return {
    count: () => undefined,
    event: () => undefined,
    problem: (name, error) => {
      if (!(error instanceof BridgeError))
        wrongMoves.push(`${name}: ${error instanceof Error ? error.stack : error}`);
    },
  };
}

// ── Meta's side ────────────────────────────────────────────────────────────────────────────────────────────────────

async function postWebhook({ messages }: Posting, world: World, pump: Pump): Promise<void> {
  const { context, acknowledged, seams } = world;
  const body = {
    object: 'whatsapp_business_account',
    entry: [
      {
        changes: [
          {
            field: 'messages',
            value: {
              metadata: { phone_number_id: numberId },
              messages: messages.map(({ id, customer, text }) => ({
                id,
                from: customer,
                timestamp: '1795000000',
                type: 'text',
                text: { body: text },
              })),
            },
          },
        ],
      },
    ],
  };
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  for (let attempt = 0; ; attempt += 1) {
    const status = await askDoor(bytes, world, pump);
    if ((seams.answer?.(status) ?? status) === 200) break;
    await context.time.sleep(metaRetryMs[Math.min(attempt, metaRetryMs.length - 1)] ?? 0);
  }
  for (const { id } of messages) acknowledged.add(id);
}

/** One invocation of the door; a crash is a 500. */
function askDoor(bytes: Uint8Array, world: World, pump: Pump): Promise<number> {
  const { context, queue, ids, seams } = world;
  return new Promise((resolve) => {
    const invocation: Invocation = { dead: false, frozen: false, onDeath: () => resolve(500) };
    const plainQueue: InboundQueue = {
      maxBodyBytes: 500,
      send: (messages) =>
        call(context, invocation, 'door.send', () => {
          for (const message of messages) queue.send(message, context.time.now());
          context.time.at(context.time.now(), pump.wake);
        }),
    };
    void acceptMetaWebhook(
      { bytes, contentType: 'application/json', signature: 'signed', correlationId: ids.nextId() },
      {
        tenant: 'sim',
        clock: context.time,
        randomness: ids,
        verifier: { verify: async () => ({ webhookHash: 'hash' }) },
        pseudonyms: {
          openGroupIds: async () => seams.groupId ?? ((_number, customer) => `group-${customer}`),
          hash: seams.hash ?? ((text) => createHash('sha1').update(text).digest('base64url')),
        },
        archive: {
          put: (key) =>
            call(context, invocation, key.startsWith('raw') ? 'door.archive' : 'door.claim', () => undefined),
          get: () => Promise.reject(new BridgeError('store-unavailable', 'nothing is checked in')),
        },
        queue: seams.queue?.(plainQueue, queue, context.time) ?? plainQueue,
        receipts: { maxBodyBytes: plainQueue.maxBodyBytes, send: async () => undefined },
        telemetry: createTelemetry(world.wrongMoves),
      },
    ).then(resolve, () => resolve(500));
  });
}

// ── Lambda's side ──────────────────────────────────────────────────────────────────────────────────────────────────

interface Pump {
  wake(): void;
}

function startPump(world: World): Pump {
  const { context, queue } = world;
  let running = 0;
  let wakeAt = Number.POSITIVE_INFINITY;

  const wake = (): void => {
    while (running < concurrency) {
      const batch = queue.receive(context.time.now());
      if (batch.length === 0) break;
      running += 1;
      void invoke(batch, world).then(() => {
        running -= 1;
        wake();
      });
    }
    const next = queue.nextFreeAt();
    if (running === concurrency || next === undefined) return;
    const at = Math.max(next, context.time.now() + 1);
    if (at >= wakeAt && wakeAt > context.time.now()) return;
    wakeAt = at;
    context.time.at(at, wake);
  };
  return { wake };
}

/** One invocation of the worker as the event source mapping makes it; resolves when Lambda is done with it. */
function invoke(batch: StoredMessage[], world: World): Promise<void> {
  const { context, seams } = world;
  const { time } = context;
  const startedAt = time.now();
  return new Promise((resolve) => {
    const invocation: Invocation = { dead: false, frozen: false, onDeath: resolve };
    context.trace(
      `worker gets ${batch.map(({ messageId, receiveCount }) => `${messageId}#${receiveCount}`).join(' ')}`,
    );
    time.at(startedAt + functionTimeoutMs, () => {
      // Lambda ends it; only what was frozen somewhere on its way comes back as a zombie.
      if (!invocation.frozen) invocation.dead = true;
      resolve();
    });
    const ports = createPorts(invocation, createIsolation(), world);
    const handler = (seams.handler ?? createQueueHandler)({
      processRecord: (record) => deliverInbound(record, ports),
      changeVisibility: (handles, delaySeconds) =>
        call(context, invocation, 'queue.visibility', () => {
          for (const handle of handles) world.queue.changeVisibility(handle, delaySeconds * 1000, time.now());
        }),
      deleteRecords: (handles) =>
        call(context, invocation, 'queue.delete', () => {
          for (const handle of handles) world.queue.delete(handle, time.now());
        }),
      telemetry: { ...createTelemetry(world.wrongMoves), flush: () => undefined },
      clock: time,
      sleeper: time,
      randomness: world.ids,
      backoff: timing,
    });
    const remaining = {
      getRemainingTimeInMillis: () => startedAt + functionTimeoutMs - time.now(),
    } as Context;
    handler(toEvent(batch), remaining).then(async ({ batchItemFailures }) => {
      if (time.now() - startedAt >= functionTimeoutMs) return;
      const failed = new Set(
        seams.ignorePartialFailures ? [] : batchItemFailures.map(({ itemIdentifier }) => itemIdentifier),
      );
      const finished = batch.filter(({ messageId }) => !failed.has(messageId));
      try {
        await call(context, { dead: false, frozen: false, onDeath: () => undefined }, 'queue.delete', () => {
          for (const { receiptHandle } of finished) world.queue.delete(receiptHandle, time.now());
        });
      } catch {
        context.trace('the deletion failed: the messages come again');
      }
      resolve();
    }, resolve);
  });
}

function toEvent(batch: readonly StoredMessage[]): SQSEvent {
  return {
    Records: batch.map(({ messageId, body, groupId, sequence, receiveCount, receiptHandle }) => ({
      messageId,
      receiptHandle,
      body,
      attributes: {
        ApproximateReceiveCount: String(receiveCount),
        MessageGroupId: groupId,
        SequenceNumber: String(sequence),
      },
    })),
  } as unknown as SQSEvent;
}

function createPorts(invocation: Invocation, isolation: Isolation, world: World) {
  const { context, scenario, ids, seams, desk, directory } = world;
  const through = <T>(operation: string, apply: () => T | Promise<T>) =>
    call(context, invocation, operation, apply);
  const kept = watchStatuses(world.ledger, world.wrongMoves);
  const watched = seams.ledger?.(kept, world.ledger) ?? kept;
  const ledger = wrapAll(watched, (method, _args, act) => through(`ledger.${method}`, act));
  const customers = wrapAll(directory, (method, _args, act) => through(`customers.${method}`, act));
  const plainDesk: AgentDesk = {
    async deliver(_number, message, deadlineAt) {
      if (scenario.poison.includes(message.messageId) && !message.text.startsWith('[')) {
        invocation.dead = true;
        invocation.onDeath();
      }
      try {
        const answer = await call(context, invocation, 'desk.deliver', () => desk.receive(message), {
          neverRepeated: true,
        });
        await context.time.sleep(desk.answerMs());
        return answer;
      } catch (error) {
        // A request that got no answer: whether it had an effect is not known here.
        if (!(error instanceof BridgeError)) throw error;
        await context.time.sleep(Math.max(deadlineAt - context.time.now(), 0));
        return {
          delivered: false,
          failure: new BridgeError('delivery-unknown', 'no answer', {}, error),
          effect: 'unknown',
        };
      }
    },
  };
  const gate: DeskGate = { enter: async () => ({ open: true }), leave: () => undefined };
  const media: MediaRelay = {
    relay: async () => ({ stored: { state: 'failed', reason: 'not simulated' } }),
    keep: () => Promise.reject(new BridgeError('store-unavailable', 'not simulated')),
  };
  const finder = createCustomerFinder(customers, context.time);
  return {
    clock: context.time,
    randomness: ids,
    ledger,
    customers: seams.finder?.(finder) ?? finder,
    desk: seams.desk?.(plainDesk) ?? plainDesk,
    gate,
    isolation,
    phrases: english,
    media,
    telemetry: createTelemetry(world.wrongMoves),
    archive: { get: () => Promise.reject(new BridgeError('store-unavailable', 'nothing is checked in')) },
    numbers: new Map([
      [numberId, { suspended: context.time.now() < startAt + (scenario.suspendedUntilMs ?? 0) }],
    ]),
    timing,
  };
}
