// Meta's side of the simulation: sends webhooks to the real door flow and repeats what was not answered 200.
import { createHash } from 'node:crypto';
import type { InboundQueue } from '../lambdas/core/ports.ts';
import { acceptMetaWebhook } from '../lambdas/flows/accept-webhook.ts';
import type { Invocation } from './calls.ts';
import { call } from './calls.ts';
import type { Posting } from './scenario.ts';
import { numberId } from './settings.ts';
import { watchTelemetry } from './watched-telemetry.ts';
import type { World } from './world.ts';

/** Meta repeats an unanswered webhook after these waits, then at the last one. */
const metaRetryMs = [1000, 5000, 30_000, 120_000];

/** Sends the webhook until it is answered 200. */
export async function postWebhook({ messages }: Posting, world: World): Promise<void> {
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
    const status = await askDoor(bytes, world);
    if ((seams.answer?.(status) ?? status) === 200) break;
    await context.time.sleep(metaRetryMs[Math.min(attempt, metaRetryMs.length - 1)] ?? 0);
  }
  for (const { id } of messages) acknowledged.add(id);
}

/** One invocation of the door; a crash is a 500. */
function askDoor(bytes: Uint8Array, world: World): Promise<number> {
  const { context, queue, ids, seams, archive, scenario } = world;
  return new Promise((resolve) => {
    const invocation: Invocation = { dead: false, frozen: false, onDeath: () => resolve(500) };
    const plainQueue: InboundQueue = {
      maxBodyBytes: scenario.splitsWebhooks ? 500 : 100_000,
      send: (messages) =>
        call(context, invocation, 'door.send', () => {
          for (const message of messages) queue.send(message, context.time.now());
          context.time.at(context.time.now(), world.wake);
        }),
    };
    void acceptMetaWebhook(
      { bytes, contentType: 'application/json', signature: 'signed', correlationId: ids.nextId() },
      {
        tenant: 'sim',
        clock: context.time,
        randomness: ids,
        verifier: { verify: async () => ({ webhookHash: sha1(bytes) }) },
        pseudonyms: {
          openGroupIds: async () => seams.groupId ?? ((_number, customer) => `group-${customer}`),
          hash: seams.hash ?? sha1,
        },
        archive: {
          put: (key, content) =>
            call(context, invocation, key.startsWith('raw') ? 'door.archive' : 'door.claim', () =>
              archive.put(key, content),
            ),
          get: archive.get.bind(archive),
        },
        queue: seams.queue?.(plainQueue, queue, context.time) ?? plainQueue,
        receipts: { maxBodyBytes: plainQueue.maxBodyBytes, send: async () => undefined },
        telemetry: watchTelemetry(world.wrongMoves),
      },
    ).then(resolve, () => resolve(500));
  });
}

function sha1(content: string | Uint8Array): string {
  return createHash('sha1').update(content).digest('base64url');
}
