// What the door does with a webhook from Genesys:
// 1. refuse what is too large, not JSON, or not signed by the integration in the path (in this order);
// 2. see what it is about: a message or a sign of typing for the customer, Genesys' word on a message of ours, or neither;
// 3. archive the raw bytes (best effort) beside queueing it (required);
// 4. answer 200 only when it is queued, so that Genesys repeats what is not. What nobody here understands is acknowledged
//    too, and counted: repeating it would not mend it, and any other answer may end the agent's whole chat.
import type { DeskWebhook } from '../core/convert/genesys/webhook.ts';
import { readDeskWebhook } from '../core/convert/genesys/webhook.ts';
import type { IntegrationVerifier } from '../core/desk-ports.ts';
import { BridgeError } from '../core/errors.ts';
import { toAsciiJson } from '../core/model/envelope.ts';
import type { DeskReceiptItem, OutboundEnvelope, OutboundItem } from '../core/model/outbound-envelope.ts';
import type { Clock, InboundQueue, Pseudonyms } from '../core/ports.ts';
import type { ArchiveWebhookPorts } from './archive-webhook.ts';
import { archiveKey, archiveRaw, checkIn } from './archive-webhook.ts';
import type { WebhookStatus } from './screen-webhook.ts';
import { parseWebhook, refuse, refuseUnread, refuseUnverified } from './screen-webhook.ts';

export interface AcceptGenesysPorts extends ArchiveWebhookPorts {
  clock: Clock;
  verifier: IntegrationVerifier;
  pseudonyms: Pseudonyms;
  /** Takes what goes to customers. */
  outbound: InboundQueue;
  /** Takes what Genesys says of messages that we posted. */
  receipts: InboundQueue;
}

export interface GenesysWebhookRequest {
  /** As the path has it; it decides which secret counts and whose number it is. */
  integrationId: string;
  bytes: Uint8Array;
  contentType: string | undefined;
  signature: string | undefined;
  correlationId: string;
}

/** Genesys is to have its answer within a second, even when the archive hangs. */
const archiveDeadlineMs = 800;

type DeskEnvelope = OutboundEnvelope<OutboundItem | DeskReceiptItem>;
type DeskHead = Omit<DeskEnvelope, 'items'>;

const accepted = {
  message: 'RepliesAccepted',
  typing: 'TypingAccepted',
  'desk-receipt': 'DeskReceiptsAccepted',
  other: 'OtherWebhooksArchived',
} as const satisfies Record<DeskWebhook['kind'], string>;

export async function acceptGenesysWebhook(
  request: GenesysWebhookRequest,
  ports: AcceptGenesysPorts,
): Promise<WebhookStatus> {
  const { telemetry } = ports;
  const { bytes, correlationId, integrationId } = request;
  const unread = refuseUnread(request, telemetry);
  if (unread !== undefined) return unread;
  let verified: Awaited<ReturnType<IntegrationVerifier['verify']>>;
  try {
    verified = await ports.verifier.verify(integrationId, bytes, request.signature);
  } catch (error) {
    return refuseUnverified(error, correlationId, telemetry);
  }

  const { numberId, webhookHash } = verified;
  const receivedAt = ports.clock.now();
  const rawKey = archiveKey('raw', ports.tenant, receivedAt, webhookHash);
  const head: DeskHead = { v: 1, channel: 'genesys', numberId, receivedAt, rawKey, correlationId };
  const body = parseWebhook(bytes);
  const webhook = readDeskWebhook(body);
  const id = webhook.id ?? `hash.${webhookHash}`;
  const archived = archiveRaw(head, bytes, ports, archiveDeadlineMs);
  try {
    if (webhook.kind !== 'other') await enqueue(webhook, id, body, head, ports);
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    telemetry.problem('webhook.queue-refused', error, { rawKey, correlationId });
    await archived;
    return refuse(503, correlationId, telemetry);
  }
  const rawArchived = await archived;
  const isMismatched =
    webhook.integrationId !== undefined &&
    webhook.integrationId.toLowerCase() !== integrationId.toLowerCase();
  telemetry.count('WebhooksAccepted');
  telemetry.count(accepted[webhook.kind]);
  if (body === undefined) telemetry.count('MalformedParts');
  if (isMismatched) telemetry.count('IntegrationsMismatched');
  telemetry.event('webhook.accepted', {
    rawKey,
    rawArchived,
    correlationId,
    bytes: bytes.length,
    kind: webhook.kind,
    type: webhook.type,
    genesysId: id,
    // The path is what was verified, so it decides.
    isMismatched,
  });
  return 200;
}

/** One queue message, grouped by customer so that replies keep their order; the same webhook again has the same deduplication id. */
async function enqueue(
  webhook: DeskWebhook,
  id: string,
  body: unknown,
  head: DeskHead,
  ports: AcceptGenesysPorts,
): Promise<void> {
  const groupIds = await ports.pseudonyms.openGroupIds();
  const groupId = groupIds(head.numberId, webhook.to);
  const { kind, status } = webhook;
  const deduplicationId = ports.pseudonyms.hash(`${groupId}\n${kind}\n${id}\n${status}`);
  const queue = kind === 'desk-receipt' ? ports.receipts : ports.outbound;
  const message = { groupId, deduplicationId, body: writeEnvelope(webhook, id, body, head) };
  if (message.body.length > queue.maxBodyBytes) message.body = await checkIn(message, head, ports);
  await queue.send([message]);
}

function writeEnvelope(webhook: DeskWebhook, id: string, body: unknown, head: DeskHead): string {
  const write = (message: unknown): string =>
    toAsciiJson({ ...head, items: [toItem(webhook, id, message)] } satisfies DeskEnvelope);
  try {
    return write(body);
  } catch {
    // Nested too deeply to be written as JSON again: it travels without its content, so that the agent hears of it.
    return write({ id, type: 'unreadable' });
  }
}

function toItem(
  { kind, to, conversationId }: DeskWebhook,
  id: string,
  message: unknown,
): OutboundItem | DeskReceiptItem {
  if (kind === 'desk-receipt') return { id, kind, message };
  return {
    id,
    kind: kind === 'typing' ? 'typing' : 'message',
    to,
    ...(conversationId === undefined ? {} : { conversationId }),
    message,
  };
}
