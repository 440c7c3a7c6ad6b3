// What WhatsApp says of what it took: status webhooks to the real door, repeated until they are answered 200, in the habit
// of the reply they are about.
import { createHash } from 'node:crypto';
import { acceptMetaWebhook } from '../../lambdas/flows/accept-webhook.ts';
import type { Invocation } from '../calls.ts';
import { call } from '../calls.ts';
import { numberId } from '../settings.ts';
import { watchTelemetry } from '../watched-telemetry.ts';
import type { StatusHabit } from './scenario.ts';
import { minuteMs } from './scenario.ts';
import type { TakenPart } from './whatsapp.ts';
import type { OutboundWorld } from './world.ts';

interface ToldStatus {
  name: 'sent' | 'delivered' | 'read' | 'failed';
  afterMs: number;
}

const sent = (afterMs: number): ToldStatus => ({ name: 'sent', afterMs });
const delivered = (afterMs: number): ToldStatus => ({ name: 'delivered', afterMs });
const failed = (afterMs: number): ToldStatus => ({ name: 'failed', afterMs });

const told: Readonly<Record<StatusHabit, readonly ToldStatus[]>> = {
  prompt: [sent(300), delivered(1200)],
  early: [sent(1), delivered(2)],
  late: [sent(4 * minuteMs), delivered(5 * minuteMs)],
  'too-late': [sent(20 * minuteMs), delivered(21 * minuteMs)],
  'delivered-at-last': [delivered(15 * minuteMs + 5000)],
  twice: [sent(300), delivered(1200), sent(1300), delivered(30_000), delivered(400_000)],
  reversed: [{ name: 'read', afterMs: 500 }, delivered(900), sent(1500)],
  never: [],
  fails: [sent(300), failed(3000)],
  'fails-on-one-device': [failed(300), delivered(3000)],
};

/** Meta repeats an unanswered webhook after these waits, then at the last one. */
const metaRetryMs = [1000, 5000, 30_000, 120_000];

export function tellStatuses(part: TakenPart, world: OutboundWorld): void {
  const { time } = world.context;
  const reply = world.scenario.replies.find(({ id }) => part.tag.startsWith(`${id}.`));
  for (const status of told[reply?.statuses ?? 'never'])
    time.at(time.now() + status.afterMs, () => void postStatus(part, status.name, world));
}

async function postStatus(
  { tag, wamid, to }: TakenPart,
  name: ToldStatus['name'],
  world: OutboundWorld,
): Promise<void> {
  const { context, acknowledgedStatuses } = world;
  const { time } = context;
  const status = {
    id: wamid,
    status: name,
    timestamp: String(Math.floor(time.now() / 1000)),
    recipient_id: to,
    biz_opaque_callback_data: tag,
    ...(name === 'failed' ? { errors: [{ code: 131_026 }] } : {}),
  };
  const value = { metadata: { phone_number_id: numberId }, statuses: [status] };
  const body = { object: 'whatsapp_business_account', entry: [{ changes: [{ field: 'messages', value }] }] };
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  for (let attempt = 0; (await askDoor(bytes, world)) !== 200; attempt += 1)
    await time.sleep(metaRetryMs[Math.min(attempt, metaRetryMs.length - 1)] ?? 0);
  acknowledgedStatuses.push({ tag, name });
}

/** One invocation of Meta's door; a crash is a 500. */
function askDoor(bytes: Uint8Array, world: OutboundWorld): Promise<number> {
  const { context, receiptsQueue, ids } = world;
  return new Promise((resolve) => {
    const invocation: Invocation = { dead: false, frozen: false, onDeath: () => resolve(500) };
    const hash = (text: string | Uint8Array) => createHash('sha1').update(text).digest('base64url');
    void acceptMetaWebhook(
      { bytes, contentType: 'application/json', signature: 'signed', correlationId: ids.nextId() },
      {
        tenant: 'sim',
        clock: context.time,
        randomness: ids,
        verifier: { verify: async () => ({ webhookHash: hash(bytes) }) },
        pseudonyms: { openGroupIds: async () => (_number, customer) => `group-${customer}`, hash },
        // Statuses are none of what the audit counts, so their copies are not kept.
        archive: {
          put: () => call(context, invocation, 'meta.archive', () => undefined),
          get: world.archive.get.bind(world.archive),
        },
        queue: { maxBodyBytes: 100_000, send: async () => undefined },
        receipts: {
          maxBodyBytes: 100_000,
          send: (messages) =>
            call(context, invocation, 'meta.send', () => {
              for (const message of messages) receiptsQueue.send(message, context.time.now());
              context.time.at(context.time.now(), world.wake);
            }),
        },
        telemetry: watchTelemetry(world.wrongMoves),
      },
    ).then(resolve, () => resolve(500));
  });
}
