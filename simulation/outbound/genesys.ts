// Genesys of the simulation: sends agents' replies to the real door with its retry rule, and takes receipts unless it is in
// trouble.
import { createHash } from 'node:crypto';
import { BridgeError } from '../../lambdas/core/errors.ts';
import type { DeskAnswer } from '../../lambdas/core/model/desk-message.ts';
import type { DeskReceipt } from '../../lambdas/core/outbound-ports.ts';
import { acceptGenesysWebhook } from '../../lambdas/flows/accept-genesys.ts';
import type { Invocation } from '../calls.ts';
import { call } from '../calls.ts';
import { numberId } from '../settings.ts';
import type { VirtualTime } from '../virtual-time.ts';
import { watchTelemetry } from '../watched-telemetry.ts';
import type { OutboundScenario, SentReply } from './scenario.ts';
import type { OutboundWorld } from './world.ts';

export const integrationId = '6b1f3c52-0a4e-4d6f-9c1b-2f7d8e5a9b10';

/** Genesys waits so long for an answer, and tries so often again. */
const timeoutMs = 10_000;
const retries = 5;
const retryMs = 5000;

/** Receipts as Genesys took them. */
export class SimulatedGenesys {
  readonly receipts: DeskReceipt[] = [];
  readonly #scenario: OutboundScenario;
  readonly #time: VirtualTime;
  readonly #startAt: number;

  constructor(scenario: OutboundScenario, time: VirtualTime) {
    this.#scenario = scenario;
    this.#time = time;
    this.#startAt = time.now();
  }

  /** What happens to a receipt that arrives now. */
  receive(receipt: DeskReceipt): DeskAnswer {
    const elapsed = this.#time.now() - this.#startAt;
    const { deskTroubles } = this.#scenario;
    const trouble = deskTroubles.find(
      ({ fromMs, untilMs }) => elapsed >= fromMs && elapsed < untilMs,
    )?.trouble;
    if (trouble === 'refuses-connections') return failed('provider-unavailable', 'none');
    if (trouble === 'throttles') return failed('throttled', 'none');
    if (trouble === 'answers-500') return failed('delivery-unknown', 'unknown');
    this.receipts.push(receipt);
    return trouble === undefined ? { delivered: true } : failed('delivery-unknown', 'unknown');
  }
}

function failed(kind: ConstructorParameters<typeof BridgeError>[0], effect: 'none' | 'unknown'): DeskAnswer {
  return { delivered: false, failure: new BridgeError(kind, kind), effect };
}

/** Sends the webhook of a reply; when it is never answered 200 the agent sees that it was not sent. */
export async function sendReply(reply: SentReply, world: OutboundWorld): Promise<void> {
  const { context, acknowledged, seams } = world;
  const { time } = context;
  const bytes = new TextEncoder().encode(JSON.stringify(toWebhook(reply)));
  for (let attempt = 0; attempt <= retries; attempt += 1) {
    const timeout = time.sleep(timeoutMs).then(() => 504);
    const status = await Promise.race([askDoor(bytes, world), timeout]);
    if ((seams.answer?.(status) ?? status) === 200) {
      acknowledged.add(reply.id);
      return;
    }
    await time.sleep(retryMs);
  }
}

function toWebhook({ id, customer, parts }: SentReply) {
  const files = Array.from({ length: parts }, (_, part) => ({
    contentType: 'Attachment',
    attachment: { url: `https://files.example/${id}-${part}.png`, mime: 'image/png', mediaType: 'Image' },
  }));
  return {
    id,
    channel: {
      id: integrationId,
      platform: 'Open',
      type: 'Private',
      to: { id: customer, idType: 'Phone' },
      from: { id: integrationId, idType: 'Opaque' },
      time: '2026-11-20T10:20:05.427Z',
      messageId: id,
    },
    type: 'Text',
    text: `text of ${id}`,
    ...(parts > 1 ? { content: files } : {}),
    originatingEntity: 'Human',
    direction: 'Outbound',
  };
}

/** One invocation of the door; a crash is a 500. */
function askDoor(bytes: Uint8Array, world: OutboundWorld): Promise<number> {
  const { context, queue, receiptsQueue, ids, archive } = world;
  return new Promise((resolve) => {
    const invocation: Invocation = { dead: false, frozen: false, onDeath: () => resolve(500) };
    const hash = (text: string | Uint8Array) => createHash('sha1').update(text).digest('base64url');
    const send = (into: typeof queue) => ({
      maxBodyBytes: 100_000,
      send: (messages: Parameters<typeof queue.send>[0][]) =>
        call(context, invocation, 'door.send', () => {
          for (const message of messages) into.send(message, context.time.now());
          context.time.at(context.time.now(), world.wake);
        }),
    });
    void acceptGenesysWebhook(
      {
        integrationId,
        bytes,
        contentType: 'application/json',
        signature: 'signed',
        correlationId: ids.nextId(),
      },
      {
        tenant: 'sim',
        clock: context.time,
        verifier: { verify: async () => ({ numberId, webhookHash: hash(bytes) }) },
        pseudonyms: { openGroupIds: async () => (_number, customer) => `group-${customer}`, hash },
        archive: {
          put: (key, content) => call(context, invocation, 'door.archive', () => archive.put(key, content)),
          get: archive.get.bind(archive),
        },
        outbound: send(queue),
        receipts: send(receiptsQueue),
        telemetry: watchTelemetry(world.wrongMoves),
      },
    ).then(resolve, () => resolve(500));
  });
}
