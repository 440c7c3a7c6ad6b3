// A customer who writes, a desk in and out of trouble, and the real flows between them over stores in memory: worker,
// drain, sweep and consumer of the dead letters.
import { choosePhrases } from '../../../lambdas/core/convert/phrases.ts';
import { BridgeError } from '../../../lambdas/core/errors.ts';
import type { DeskAnswer } from '../../../lambdas/core/model/desk-message.ts';
import { toAsciiJson } from '../../../lambdas/core/model/envelope.ts';
import { inboundKey } from '../../../lambdas/core/model/ledger-record.ts';
import type { ParkedItem } from '../../../lambdas/core/model/parked-item.ts';
import { deliverInbound, visitParkedInbound } from '../../../lambdas/flows/deliver-inbound.ts';
import type { RunState } from '../../../lambdas/flows/drain-customer.ts';
import { drainCustomer } from '../../../lambdas/flows/drain-customer.ts';
import { createCustomerFinder } from '../../../lambdas/flows/find-customer.ts';
import { createIsolation } from '../../../lambdas/flows/isolation.ts';
import { MemoryCustomers } from '../../../simulation/stores/memory-customers.ts';
import { MemoryLedger } from '../../../simulation/stores/memory-ledger.ts';
import { MemoryFenceHandles } from '../../../simulation/stores/memory-park.ts';
import { anEnvelope, anInboundItem, aTextMessage } from '../../builders.ts';
import {
  CountingRandomness,
  HandClock,
  MemoryArchive,
  OpenGate,
  RecordingTelemetry,
  ScriptedDesk,
  ScriptedMedia,
} from '../../fakes/outside-world.ts';
import { aParkingPlace, minuteMs } from '../../fakes/parking.ts';

export const phone = '447700900001';
export const place = { numberId: '1', customerId: phone, direction: 'in' } as const;
/** What an execution knows of the customer. */
export const handle = 'handle';

export const failure = (
  kind: ConstructorParameters<typeof BridgeError>[0],
  effect: 'none' | 'unknown' = 'none',
  details = {},
): DeskAnswer => ({ delivered: false, failure: new BridgeError(kind, kind, details), effect });

export const down = failure('provider-unavailable');

export function aScene() {
  const directory = new MemoryCustomers();
  const clock = new HandClock();
  const handles = new MemoryFenceHandles();
  void handles.remember(handle, place);
  return {
    clock,
    directory,
    handles,
    ...aParkingPlace(directory),
    randomness: new CountingRandomness(),
    ledger: new MemoryLedger(),
    customers: createCustomerFinder(directory, clock),
    desk: new ScriptedDesk(),
    gate: new OpenGate(),
    isolation: createIsolation(),
    media: new ScriptedMedia(),
    phrases: choosePhrases('en'),
    telemetry: new RecordingTelemetry(),
    archive: new MemoryArchive(),
    numbers: new Map([['1', { suspended: false }]]),
    timing: {
      leaseMs: 30_000,
      postTimeoutMs: 12_000,
      mediaDeadlineMs: 45_000,
      backoffBaseMs: 2000,
      backoffCapMs: 60_000,
      holdMs: minuteMs,
    },
  };
}

export type Scene = ReturnType<typeof aScene>;

/** A queue record with the messages of these ids, accepted now unless told otherwise. */
export function aRecord(scene: Scene, ids: readonly string[], over: { receivedAt?: number } = {}): string {
  const items = ids.map((id) => anInboundItem({ id, message: aTextMessage({ id, text: { body: id } }) }));
  return toAsciiJson(anEnvelope({ receivedAt: scene.clock.now(), ...over, items }));
}

/** One receive of the record. */
export function deliver(
  scene: Scene,
  body: string,
  { sequenceNumber = '7', receiveCount = 1, deadlineAt = scene.clock.now() + 100_000 } = {},
) {
  return deliverInbound({ body, sequenceNumber, receiveCount, deadlineAt }, scene);
}

/** Lets the desk fail until the message is parked. */
export async function park(scene: Scene, body: string, sequenceNumber = '7'): Promise<void> {
  scene.desk.answers.unshift(failure('provider-unavailable', 'none', { retryAfterMs: 2 * minuteMs }));
  await deliver(scene, body, { sequenceNumber });
}

/** One attempt of the current run, or of the one that is named. */
export async function drain(scene: Scene, over: Partial<RunState> & { deadlineAt?: number } = {}) {
  const { run } = await scene.fences.read(place);
  const { deadlineAt = scene.clock.now() + 100_000, ...state } = over;
  const ports = {
    ...scene,
    visitParked: {
      in: (item: ParkedItem, attempt: { deadlineAt: number; expired: boolean }) =>
        visitParkedInbound(item, attempt, scene),
      out: () => Promise.reject(new Error('nothing is parked on its way out')),
    },
  };
  return drainCustomer({ handle, direction: 'in', run, attempt: 0, round: 0, ...state }, deadlineAt, ports);
}

export const fence = (scene: Scene) => scene.fences.read(place);
export const parkedKeys = async (scene: Scene) => (await scene.park.list(place, 100)).map(({ key }) => key);
export const shown = (scene: Scene) => scene.desk.shown.map(({ text }) => text);
export const recordOf = (scene: Scene, id: string) => scene.ledger.records.get(inboundKey('1', id));

/** The worker dies right after this call took effect, once: its promise never settles. */
export function dieAfter<T extends object>(port: T, method: keyof T & string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const original: unknown = Reflect.get(port, method);
  if (typeof original !== 'function') throw new Error(`there is no ${method}`);
  Reflect.set(port, method, async (...args: unknown[]) => {
    await Reflect.apply(original, port, args);
    Reflect.set(port, method, original);
    resolve();
    return new Promise(() => undefined);
  });
  return promise;
}
