// What a door does with a webhook from Meta:
// 1. refuse what is too large, not JSON, or not signed (in this order);
// 2. split it by customer;
// 3. archive the raw bytes (best effort) beside queueing one message per customer (required);
// 4. answer 200 only when every message is queued, so that Meta repeats what is not.
import type { CustomerGroup, WebhookItem } from '../core/convert/meta/wire.ts';
import { splitWebhook } from '../core/convert/meta/wire.ts';
import { BridgeError } from '../core/errors.ts';
import type { EnvelopeHead, InboundItem, SharedFields } from '../core/model/envelope.ts';
import { assembleEnvelope, openEnvelope, packItem, pickShared, toAsciiJson } from '../core/model/envelope.ts';
import type {
  Archive,
  Clock,
  InboundQueue,
  Pseudonyms,
  QueueMessage,
  Randomness,
  Telemetry,
  WebhookVerifier,
} from '../core/ports.ts';
import { archiveKey, archiveRaw, checkIn } from './archive-webhook.ts';
import type { WebhookStatus } from './screen-webhook.ts';
import { parseWebhook, refuse, refuseUnread, refuseUnverified } from './screen-webhook.ts';
import { tellOperators } from './tell-operators.ts';

export interface AcceptWebhookPorts {
  tenant: string;
  clock: Clock;
  randomness: Randomness;
  verifier: WebhookVerifier;
  pseudonyms: Pseudonyms;
  archive: Archive;
  queue: InboundQueue;
  /** Takes the statuses of messages sent to customers. */
  receipts: InboundQueue;
  telemetry: Telemetry;
}

export interface WebhookRequest {
  bytes: Uint8Array;
  contentType: string | undefined;
  signature: string | undefined;
  correlationId: string;
}

/** Entries of one SendMessageBatch. */
const batchSize = 10;
/** Room kept for everything of an envelope but its items. */
const envelopeHeadBytes = 1000;

/** The body of the answer stays empty, since Meta ignores it and others learn nothing. */
export async function acceptMetaWebhook(
  request: WebhookRequest,
  ports: AcceptWebhookPorts,
): Promise<WebhookStatus> {
  const { telemetry } = ports;
  const { correlationId } = request;
  const unread = refuseUnread(request, telemetry);
  if (unread !== undefined) return unread;
  let webhookHash: string;
  try {
    webhookHash = (await ports.verifier.verify(request.bytes, request.signature)).webhookHash;
  } catch (error) {
    return refuseUnverified(error, correlationId, telemetry);
  }

  const receivedAt = ports.clock.now();
  const rawKey = archiveKey('raw', ports.tenant, receivedAt, webhookHash);
  const content = splitWebhook(parseWebhook(request.bytes));
  const head = { v: 1, channel: 'meta', receivedAt, rawKey, correlationId } as const;
  const archived = archiveRaw(head, request.bytes, ports);
  try {
    const messages = enqueue(content.groups, head, ports.queue, ports);
    if (content.receipts.length === 0) await messages;
    else await Promise.all([messages, enqueue(content.receipts, head, ports.receipts, ports)]);
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    telemetry.problem('webhook.queue-refused', error, { rawKey, correlationId });
    await archived;
    return refuse(503, correlationId, telemetry);
  }
  const rawArchived = await archived;
  // What was in it stands on the same line, as these counters.
  telemetry.count('WebhooksAccepted');
  telemetry.count('MessagesAccepted', content.messages);
  telemetry.count('StatusesArchived', content.statuses);
  telemetry.count('OtherChangesArchived', content.others.length);
  telemetry.count('MalformedParts', content.malformed);
  telemetry.event('webhook.accepted', {
    rawKey,
    rawArchived,
    correlationId,
    bytes: request.bytes.length,
    customers: content.groups.length,
  });
  if (content.others.length > 0) tellOperators(content.others, head, telemetry);
  return 200;
}

/** One queue message per customer; a customer's further parts go out only after the earlier ones are in. */
async function enqueue(
  groups: readonly CustomerGroup[],
  head: EnvelopeHead,
  queue: InboundQueue,
  ports: AcceptWebhookPorts,
): Promise<void> {
  if (groups.length === 0) return;
  const groupIds = await ports.pseudonyms.openGroupIds();
  const opened = openEnvelope(head);
  const rounds: QueueMessage[][] = [];
  for (const group of groups) {
    const groupId = groupIds(group.numberId, group.customerKey);
    const parts = toQueueMessages(group, groupId, opened, queue, ports);
    for (const [index, part] of parts.entries()) {
      if (part.body.length > queue.maxBodyBytes) part.body = await checkIn(part, head, ports);
      const round = rounds[index];
      if (round) round.push(part);
      else rounds.push([part]);
    }
  }
  for (const round of rounds) {
    await Promise.all(toBatches(round, queue.maxBodyBytes).map((batch) => queue.send(batch)));
  }
}

function toBatches(messages: readonly QueueMessage[], maxBytes: number): QueueMessage[][] {
  const batches: QueueMessage[][] = [];
  let batch: QueueMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (batch.length === batchSize || (batch.length > 0 && bytes + message.body.length > maxBytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(message);
    bytes += message.body.length;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/** The parts of one customer's items, in order; a single item may still be over the queue's limit. */
function toQueueMessages(
  group: CustomerGroup,
  groupId: string,
  opened: string,
  queue: InboundQueue,
  ports: AcceptWebhookPorts,
): QueueMessage[] {
  const { pseudonyms } = ports;
  const messages: QueueMessage[] = [];
  let ids: string[] = [];
  let itemsJson: string[] = [];
  const shared = pickShared(group.items[0] ?? {});
  let bytes = envelopeHeadBytes;
  const close = (): void => {
    if (itemsJson.length === 0) return;
    const deduplicationId = pseudonyms.hash(`${groupId}\n${ids.join('\n')}`);
    messages.push({
      groupId,
      deduplicationId,
      body: assembleEnvelope(opened, group.numberId, shared, itemsJson),
    });
    ids = [];
    itemsJson = [];
    bytes = envelopeHeadBytes;
  };
  for (const item of group.items) {
    const { id, json } = serialiseItem(item, shared, ports);
    if (bytes + json.length > queue.maxBodyBytes) close();
    ids.push(id);
    itemsJson.push(json);
    bytes += json.length + 1;
  }
  close();
  return messages;
}

/** An item that cannot be written as JSON again (nested too deeply) travels without its content, to be shown as unreadable. */
function serialiseItem(
  item: WebhookItem,
  shared: SharedFields,
  { pseudonyms, randomness }: AcceptWebhookPorts,
): { id: string; json: string } {
  try {
    if (isIdentified(item)) return { id: item.id, json: packItem(item, shared) };
    const id = `hash.${pseudonyms.hash(toAsciiJson(item.message))}`;
    return { id, json: packItem({ ...item, id }, shared) };
  } catch {
    const id = item.id ?? `random.${randomness.nextId()}`;
    return { id, json: packItem({ ...item, id, message: { type: 'unreadable' } }, shared) };
  }
}

function isIdentified(item: WebhookItem): item is InboundItem {
  return item.id !== undefined;
}
