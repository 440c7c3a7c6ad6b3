// An agent who writes, a WhatsApp in and out of trouble, and the real flows between them over stores in memory.
import { choosePhrases } from '../../../../lambdas/core/convert/phrases.ts';
import { BridgeError } from '../../../../lambdas/core/errors.ts';
import type { CustomerTarget, MetaSend } from '../../../../lambdas/core/model/customer-message.ts';
import { toAsciiJson } from '../../../../lambdas/core/model/envelope.ts';
import { outboundKey } from '../../../../lambdas/core/model/ledger-record.ts';
import type { OpenedOutbound } from '../../../../lambdas/core/model/outbound-body.ts';
import type { OutboundItem } from '../../../../lambdas/core/model/outbound-envelope.ts';
import type { ParkedItem } from '../../../../lambdas/core/model/parked-item.ts';
import type { CustomerMessenger, SendAnswer } from '../../../../lambdas/core/outbound-ports.ts';
import { toStatusEntry } from '../../../../lambdas/core/policy/receipt-lattice.ts';
import { deliverOutbound, visitParkedOutbound } from '../../../../lambdas/flows/deliver-outbound.ts';
import { drainCustomer } from '../../../../lambdas/flows/drain-customer.ts';
import { createIsolation } from '../../../../lambdas/flows/isolation.ts';
import type { OutboundSettings } from '../../../../lambdas/flows/outbound/outbound-visit.ts';
import type { OutboundFiles, PreparedFile } from '../../../../lambdas/flows/outbound/prepare-file.ts';
import { createReadMarks } from '../../../../lambdas/flows/outbound/show-activity.ts';
import { MemoryCustomers } from '../../../../simulation/stores/memory-customers.ts';
import { MemoryLedger } from '../../../../simulation/stores/memory-ledger.ts';
import { MemoryFenceHandles } from '../../../../simulation/stores/memory-park.ts';
import { MemoryReceipts } from '../../../../simulation/stores/memory-receipts.ts';
import { MemorySending } from '../../../../simulation/stores/memory-sending.ts';
import {
  CountingRandomness,
  HandClock,
  MemoryArchive,
  OpenGate,
  RecordingTelemetry,
} from '../../../fakes/outside-world.ts';
import { aParkingPlace, minuteMs } from '../../../fakes/parking.ts';
import { ScriptedReceipts } from '../receipt-scene.ts';

export const phone = '447700900001';
export const userId = 'GB.1';
export const place = { numberId: '1', customerId: userId, direction: 'out' } as const;
const handle = 'handle';

type Sent = { target: CustomerTarget; message: MetaSend; tag: string };

/** Takes everything unless answers are lined up. */
export class ScriptedMessenger implements CustomerMessenger {
  readonly posts: Sent[] = [];
  readonly marks: { wamid: string; typing: boolean }[] = [];
  readonly answers: (SendAnswer | (() => SendAnswer | Promise<SendAnswer>))[] = [];
  markFailure: BridgeError | undefined;

  async send(_numberId: string, target: CustomerTarget, message: MetaSend, tag: string) {
    this.posts.push({ target, message, tag });
    const next = this.answers.shift() ?? { sent: true, wamid: `wamid.${this.posts.length}` };
    return typeof next === 'function' ? next() : next;
  }

  async upload() {
    return { mediaId: 'media-1' };
  }

  async markRead(_numberId: string, wamid: string, { typing }: { typing: boolean }) {
    this.marks.push({ wamid, typing });
    return this.markFailure ? { failure: this.markFailure } : ({ done: true } as const);
  }
}

/** Has every file ready unless answers are lined up. */
export class ScriptedFiles implements OutboundFiles {
  readonly asked: Parameters<OutboundFiles['prepare']>[0][] = [];
  readonly answers: (PreparedFile | Error)[] = [];

  async prepare(request: Parameters<OutboundFiles['prepare']>[0]): Promise<PreparedFile> {
    this.asked.push(request);
    const next = this.answers.shift();
    if (next instanceof Error) throw next;
    return next ?? { state: 'ready', send: { type: 'image', image: { id: 'media-1' } } };
  }
}

export function refused(
  kind: ConstructorParameters<typeof BridgeError>[0],
  details: BridgeError['details'] = {},
): SendAnswer {
  return { sent: false, failure: new BridgeError(kind, kind, details), effect: 'none' };
}

/** WhatsApp's refusal with an error code, as the adapter reads it. */
export const refusedWith = (code: number, kind: Parameters<typeof refused>[0] = 'provider-rejected') =>
  refused(kind, { code: String(code), status: 400 });

export const unknown: SendAnswer = {
  sent: false,
  failure: new BridgeError('delivery-unknown', 'no answer'),
  effect: 'unknown',
};

export function aScene(settings: Partial<OutboundSettings> = {}) {
  const directory = new MemoryCustomers();
  const clock = new HandClock();
  const ledger = new MemoryLedger();
  const handles = new MemoryFenceHandles();
  void handles.remember(handle, place);
  const timing = {
    leaseMs: 30_000,
    postTimeoutMs: 12_000,
    mediaDeadlineMs: 45_000,
    backoffBaseMs: 2000,
    backoffCapMs: 60_000,
    holdMs: minuteMs,
  };
  const randomness = new CountingRandomness();
  const telemetry = new RecordingTelemetry();
  const deskReceipts = new ScriptedReceipts();
  const receipts = new MemoryReceipts(ledger);
  const deskGate = new OpenGate();
  return {
    clock,
    directory,
    handles,
    ledger,
    ...aParkingPlace(directory),
    randomness,
    telemetry,
    timing,
    sending: new MemorySending(ledger),
    receipts,
    deskReceipts,
    deskGate,
    telling: { receipts, deskReceipts, gate: deskGate, clock, randomness, telemetry, timing },
    gate: new OpenGate(),
    isolation: createIsolation(),
    readMarks: createReadMarks(),
    messenger: new ScriptedMessenger(),
    files: new ScriptedFiles(),
    phrases: choosePhrases('en'),
    archive: new MemoryArchive(),
    numbers: new Map([
      ['1', { suspended: false }],
      ['2', { suspended: true }],
    ]),
    outbound: { typing: false, templates: {}, statusWaitMs: 15 * minuteMs, ...settings },
  };
}

export type Scene = ReturnType<typeof aScene>;

/** The customer writes, `agoMs` before now. */
export async function hear(
  { directory, clock }: Scene,
  { agoMs = 1000, id = userId, over = {} as Partial<Parameters<MemoryCustomers['touch']>[2]> } = {},
): Promise<void> {
  const at = clock.now() - agoMs;
  const address = { fromId: phone, fromIdType: 'Phone', phone, reach: { phone, userId: id } } as const;
  const visit = { visitId: `visit-${at}`, at, acceptedAt: at, messageId: `wamid.in-${at}` };
  await directory.touch('1', id, { ...visit, ...address, ...over });
  await directory.resolveAlias('1', phone, { customerId: id, userId: id, at });
}

export function anItem(over: Partial<OutboundItem> = {}): OutboundItem {
  const { id = 'g1' } = over;
  return { id, kind: 'message', to: phone, message: { id, type: 'Text', text: `text of ${id}` }, ...over };
}

export function aBody(
  scene: Scene,
  items: readonly OutboundItem[],
  over: Partial<OpenedOutbound> = {},
): string {
  return toAsciiJson({
    v: 1,
    channel: 'genesys',
    numberId: '1',
    receivedAt: scene.clock.now(),
    rawKey: 'raw/acme/a.json',
    correlationId: 'corr-1',
    ...over,
    items,
  });
}

/** One receive of a queue record. */
export function receive(
  scene: Scene,
  body: string,
  { sequenceNumber = '7', receiveCount = 1, deadlineAt = scene.clock.now() + 200_000 } = {},
) {
  return deliverOutbound({ body, sequenceNumber, receiveCount, deadlineAt }, scene);
}

export const deliver = (scene: Scene, item: OutboundItem, over: Parameters<typeof receive>[2] = {}) =>
  receive(scene, aBody(scene, [item]), over);

/** One attempt of the current run. */
export async function drain(scene: Scene, { attempt = 0 } = {}) {
  const { run } = await scene.fences.read(place);
  return drainCustomer({ handle, direction: 'out', run, attempt, round: 0 }, scene.clock.now() + 200_000, {
    ...scene,
    visitParked: {
      in: () => Promise.reject(new Error('nothing is parked on its way in')),
      out: (item: ParkedItem, attempt: { deadlineAt: number; expired: boolean }) =>
        visitParkedOutbound(item, attempt, scene),
    },
  });
}

/** WhatsApp says that the part was sent. */
export const hearStatus = (scene: Scene, id: string, part = 0) =>
  scene.receipts.addStatus(outboundKey('1', id), {
    part,
    entry: toStatusEntry(part, 'sent'),
    wamid: `wamid.status-${part}`,
  });

export const recordOf = (scene: Scene, id = 'g1') => scene.ledger.records.get(outboundKey('1', id));
export const parkedKeys = async (scene: Scene) => (await scene.park.list(place, 100)).map(({ key }) => key);
/** Texts that went out, in order. */
export const texts = (scene: Scene) =>
  scene.messenger.posts.map(({ message }) => (message.text as { body: string } | undefined)?.body);
export const told = (scene: Scene) =>
  scene.deskReceipts.told.map(({ genesysId, status, reason }) => [genesysId, status, reason?.code]);
