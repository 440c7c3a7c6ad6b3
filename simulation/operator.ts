// An operator of the simulation who replays messages: the real replay, with the retries of its state machine.
import { createHash } from 'node:crypto';
import { BridgeError } from '../lambdas/core/errors.ts';
import { forcedKey } from '../lambdas/core/model/ledger-record.ts';
import type { ReplayItem, ReplayOrder } from '../lambdas/core/model/replay.ts';
import { replayNumber } from '../lambdas/core/policy/replay.ts';
import { peekCustomer } from '../lambdas/flows/peek-customer.ts';
import type { ReplayTask, ReplayTaskAnswer, StoredResults } from '../lambdas/flows/replay/run-replay.ts';
import { replayFiles, runReplayTask } from '../lambdas/flows/replay/run-replay.ts';
import type { Invocation } from './calls.ts';
import { call } from './calls.ts';
import { runFunction } from './functions.ts';
import type { OrderedReplay } from './scenario.ts';
import { numberId, startAt } from './settings.ts';
import { createStores } from './simulated-ports.ts';
import { MemoryLedgerSearch } from './stores/memory-ledger-search.ts';
import { watchTelemetry } from './watched-telemetry.ts';
import type { World } from './world.ts';

const retries = 3;
const retryMs = 2000;

/** Gives the order and waits for the end of its execution. */
export async function orderReplay(
  { raw = false, forced = false }: OrderedReplay,
  world: World,
): Promise<void> {
  const { context, archive } = world;
  const at = context.time.now();
  const number = replayNumber(at, 'sim');
  const order: ReplayOrder = {
    number,
    at,
    selection: raw ? { raw: true } : { statuses: ['FAILED', 'HELD', 'QUARANTINED', 'PARKED'] },
    ...(forced ? { forced: 'the agent asked for it' } : {}),
    dryRun: false,
    operator: 'somebody',
  };
  await archive.put(replayFiles.order(number), new TextEncoder().encode(JSON.stringify(order)));
  context.trace(`an operator orders ${number}`);
  if (forced) world.forcedReplays.add(number);
  const plan = await runTask({ task: 'plan', number }, world);
  if (!plan || !('chunks' in plan)) return;
  // A chunk that is given up leaves its messages where they were.
  for (const chunk of plan.chunks) await runTask(chunk, world);
  await runTask({ task: 'summary', number }, world);
  await noteParked(number, plan.chunks.length, world);
}

async function noteParked(
  number: string,
  chunks: number,
  { archive, parkedByReplay, forcedCopies }: World,
): Promise<void> {
  const read = <T>(bytes: Uint8Array): T => JSON.parse(new TextDecoder().decode(bytes)) as T;
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const done = archive.objects.get(replayFiles.done(number, chunk));
    const planned = archive.objects.get(replayFiles.chunk(number, chunk));
    if (!done || !planned) continue;
    const known = new Map(
      read<{ items: ReplayItem[] }>(planned).items.map(({ key, status }) => [key, status !== undefined]),
    );
    for (const { id, key, outcome, verdict } of read<StoredResults>(done).results) {
      if (outcome !== 'parked') continue;
      if (verdict !== 'deliver-again') parkedByReplay.add(key);
      else forcedCopies.set(forcedKey(key, number), { id, number, wasKnown: known.get(key) ?? false });
    }
  }
}

async function runTask(task: ReplayTask, world: World): Promise<ReplayTaskAnswer | undefined> {
  const { context } = world;
  for (let retry = 0; retry <= retries; retry += 1) {
    const ending = await runFunction(context, (invocation) =>
      runReplayTask(task, createReplayPorts(invocation, world)),
    );
    context.trace(`replay task ${task.task} ${ending.state}`);
    if (ending.state === 'answered') return ending.answer;
    await context.time.sleep(retryMs * 2 ** retry);
  }
  return undefined;
}

function createReplayPorts(invocation: Invocation, world: World): Parameters<typeof runReplayTask>[1] {
  const { context, ledger, directory, queue, seams } = world;
  const { time } = context;
  const hash = (text: string) => createHash('sha1').update(text).digest('base64url');
  const groupIds = seams.groupId ?? ((_number: string, customer: string) => `group-${customer}`);
  const plainQueue = {
    maxBodyBytes: 500,
    send: (messages: Parameters<typeof queue.send>[0][]) =>
      call(context, invocation, 'replay.send', () => {
        for (const message of messages) queue.send(message, time.now());
        time.at(time.now(), world.wake);
      }),
  };
  return {
    ...createStores(invocation, world, 'replay'),
    ledger: new MemoryLedgerSearch(ledger),
    archiveIndex: world.archive,
    numberIds: [numberId],
    terms: { hash, numberOfIntegration: new Map() },
    oldestRawAt: startAt,
    now: time.now(),
    rememberedMs: 35 * 86_400_000,
    queues: { in: plainQueue, out: plainQueue },
    pseudonyms: { openGroupIds: async () => groupIds, hash },
    clock: time,
    telemetry: watchTelemetry(world.wrongMoves),
    preview: () => Promise.reject(new BridgeError('invariant-broken', 'no dry runs here')),
    findCustomers: async (name) => [name],
    findCustomer: async ({ item, numberId: number, receivedAt }) => {
      const sender = 'to' in item ? { phone: item.to } : item;
      return (await peekCustomer(sender, number, receivedAt, directory))?.customerId ?? '';
    },
  };
}
