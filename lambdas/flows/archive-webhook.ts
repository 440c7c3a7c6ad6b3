// What every door does with the bytes of a webhook: keep them as they came, and check in what is too large for a queue.

import type { ClaimCheck, EnvelopeHead } from '../core/model/envelope.ts';
import { toAsciiJson } from '../core/model/envelope.ts';
import type { Archive, QueueMessage, Telemetry } from '../core/ports.ts';

export interface ArchiveWebhookPorts {
  tenant: string;
  archive: Archive;
  telemetry: Telemetry;
}

const archiveDeadlineMs = 1000;
const claimCheckDeadlineMs = 5000;

/** `raw/{tenant}/{yyyy-MM-dd}/{receivedAt}-{hash}.json` */
export function archiveKey(kind: 'raw' | 'claims', tenant: string, at: number, hash: string): string {
  return `${kind}/${tenant}/${formatDay(at)}/${at}-${hash}.json`;
}

const dayMs = 24 * 60 * 60 * 1000;
let lastDay = { number: -1, text: '' };

/** `yyyy-MM-dd`, kept for the day: making it anew for every webhook takes as long as two hashes. */
function formatDay(at: number): string {
  const number = Math.floor(at / dayMs);
  if (number !== lastDay.number) lastDay = { number, text: new Date(at).toISOString().slice(0, 10) };
  return lastDay.text;
}

/** Availability first: a webhook without its archive copy is still accepted, and the lack is counted. */
export async function archiveRaw(
  { rawKey, correlationId }: Pick<EnvelopeHead, 'rawKey' | 'correlationId'>,
  bytes: Uint8Array,
  ports: ArchiveWebhookPorts,
  deadlineMs = archiveDeadlineMs,
): Promise<boolean> {
  try {
    await ports.archive.put(rawKey, bytes, 'application/json', deadlineMs);
    return true;
  } catch (error) {
    ports.telemetry.count('ArchiveFailures');
    ports.telemetry.problem('webhook.archive-failed', error, { rawKey, correlationId });
    return false;
  }
}

/** A claim check that cannot be written must fail the webhook: the queue message alone would be empty. */
export async function checkIn(
  { body, deduplicationId }: QueueMessage,
  { receivedAt, correlationId }: Pick<EnvelopeHead, 'receivedAt' | 'correlationId'>,
  ports: ArchiveWebhookPorts,
): Promise<string> {
  const key = archiveKey('claims', ports.tenant, receivedAt, deduplicationId);
  await ports.archive.put(key, new TextEncoder().encode(body), 'application/json', claimCheckDeadlineMs);
  return toAsciiJson({ v: 1, claimCheck: key, correlationId } satisfies ClaimCheck);
}
