// The conservation audit: what the doors accepted in a time range must be, each message once, in exactly one status.
// Received is counted from the raw archive, independently of everything that happened to the messages afterwards.
import { toAgentContent } from '../core/convert/meta/from-meta.ts';
import { english } from '../core/convert/phrase-sets/english.ts';
import type { LedgerRecord, LedgerStatus } from '../core/model/ledger-record.ts';
import type { Archive } from '../core/ports.ts';
import type { ArchiveIndex, LedgerSearch, RawItem } from '../core/replay-ports.ts';
import { type RawWebhookTerms, readRawWebhook } from './replay/read-raw-webhook.ts';

export interface AuditPorts {
  archive: Pick<Archive, 'get'>;
  archiveIndex: ArchiveIndex;
  ledger: Pick<LedgerSearch, 'readMany'>;
  terms: RawWebhookTerms;
  /** Called with the number of webhooks read so far. */
  onProgress?(webhooks: number): void;
}

/** `DELIVERED` messages are told apart by what the reader saw. */
export type AuditStatus = LedgerStatus | 'PLACEHOLDER';

export interface AuditDifference {
  key: string;
  id: string;
  rawKey: string;
  /** Accepted, and the ledger has nothing of it: it waits in a queue, or it is lost. */
  problem: 'no-record';
}

export interface AuditReport {
  webhooks: number;
  /** Messages in them, each counted once however often it came. */
  received: number;
  /** The same message in more than one webhook. */
  repeats: number;
  /** Parts that are shown to nobody by decision, e.g. kinds WhatsApp has withdrawn. */
  ignored: number;
  byStatus: Readonly<Record<AuditStatus, number>>;
  /** Delivered more than once, or perhaps so: a claim took over a try of unknown outcome. */
  ambiguous: number;
  differences: AuditDifference[];
}

const readAhead = 20;
const keysPerRead = 1000;

/** @throws BridgeError `store-unavailable` */
export async function auditConservation(
  range: { from: number; to: number },
  ports: AuditPorts,
): Promise<AuditReport> {
  const items = new Map<string, RawItem>();
  let [webhooks, messages, ignored] = [0, 0, 0];
  for await (const rawKeys of inBatches(ports.archiveIndex.list(range.from, range.to), readAhead)) {
    const contents = await Promise.all(
      rawKeys.map(async (rawKey) => readRawWebhook(rawKey, await ports.archive.get(rawKey), ports.terms)),
    );
    webhooks += rawKeys.length;
    for (const item of contents.flat()) {
      if (isIgnored(item)) {
        ignored += 1;
        continue;
      }
      messages += 1;
      if (!items.has(item.key)) items.set(item.key, item);
    }
    ports.onProgress?.(webhooks);
  }
  const byStatus = emptyCounts();
  const differences: AuditDifference[] = [];
  let ambiguous = 0;
  for await (const keys of inBatches(items.keys(), keysPerRead)) {
    const records = new Map((await ports.ledger.readMany(keys)).map((record) => [record.key, record]));
    for (const key of keys) {
      const record = records.get(key);
      if (record) {
        byStatus[statusOf(record)] += 1;
        if (record.ambiguous > 0) ambiguous += 1;
        continue;
      }
      const item = items.get(key);
      if (item) differences.push({ key, id: item.item.id, rawKey: item.rawKey, problem: 'no-record' });
    }
  }
  const received = items.size;
  return { webhooks, received, repeats: messages - received, ignored, byStatus, ambiguous, differences };
}

/** Whether every received message is in exactly one status. */
export function isBalanced({ received, byStatus, differences }: AuditReport): boolean {
  const accounted = Object.values(byStatus).reduce((sum, count) => sum + count, 0);
  return differences.length === 0 && accounted === received;
}

function statusOf({ status, placeholder }: LedgerRecord): AuditStatus {
  return status === 'DELIVERED' && placeholder ? 'PLACEHOLDER' : status;
}

/** An echo without a conversation is shown to nobody, and has no record then. */
function isIgnored({ direction, item }: RawItem): boolean {
  if (direction === 'out') return false;
  if ('kind' in item && item.kind === 'echo') return true;
  return toAgentContent(item.message, english).kind === 'ignored';
}

function emptyCounts(): Record<AuditStatus, number> {
  return {
    DELIVERED: 0,
    PLACEHOLDER: 0,
    INFLIGHT: 0,
    PARKED: 0,
    HELD: 0,
    QUARANTINED: 0,
    FAILED: 0,
    EXPIRED: 0,
    ERASED: 0,
  };
}

async function* inBatches<T>(values: AsyncIterable<T> | Iterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const value of values) {
    batch.push(value);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
