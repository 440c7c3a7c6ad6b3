// Which messages a replay is about: looked up in the ledger by id, customer or status, or found in the raw archive.
import { BridgeError } from '../../core/errors.ts';
import type { Direction } from '../../core/model/fence.ts';
import type { LedgerRecord, LedgerStatus } from '../../core/model/ledger-record.ts';
import type { ReplaySelection } from '../../core/model/replay.ts';
import type { Archive } from '../../core/ports.ts';
import type { ArchiveIndex, LedgerSearch, RawItem } from '../../core/replay-ports.ts';
import { type RawWebhookTerms, readRawWebhook } from './read-raw-webhook.ts';

export interface SelectMessagesPorts {
  archive: Pick<Archive, 'get'>;
  archiveIndex: ArchiveIndex;
  ledger: LedgerSearch;
  numberIds: readonly string[];
  /** Where the customer of a phone or a BSUID is filed, at every number. */
  findCustomers(name: string): Promise<readonly string[]>;
  terms: RawWebhookTerms;
  /** Epoch ms; nothing older is in the archive. */
  oldestRawAt: number;
  now: number;
}

/** A message as far as it is known: from the ledger, from the archive, or both. */
export interface SelectedMessage {
  record?: LedgerRecord;
  raw?: RawItem;
}

/** Statuses that are indexed; the others can be found by id, customer or time only. */
const indexedStatuses: ReadonlySet<LedgerStatus> = new Set([
  'PARKED',
  'HELD',
  'QUARANTINED',
  'FAILED',
  'EXPIRED',
]);
const recordsPerRead = 100;

/** Answers each message once. @throws BridgeError `payload-malformed` for a selection that cannot be looked up */
export async function* selectMessages(
  selection: ReplaySelection,
  ports: SelectMessagesPorts,
): AsyncGenerator<SelectedMessage> {
  const seen = new Set<string>();
  const names = await namesOfCustomer(selection, ports);
  for await (const message of find(selection, names, ports)) {
    const key = message.record?.key ?? message.raw?.key ?? '';
    if (seen.has(key) || isForcedCopy(key)) continue;
    seen.add(key);
    if (isMeant(message, selection, names)) yield message;
  }
}

/** Direction of a ledger key; undefined for records that are no message. */
export function directionOf(key: string): Direction | undefined {
  if (key.startsWith('IN#')) return 'in';
  return key.startsWith('OUT#') ? 'out' : undefined;
}

/** What an operator calls a customer, and where the ledger may have filed what the customer wrote: under another id. */
async function namesOfCustomer(
  { customer }: ReplaySelection,
  { findCustomers }: SelectMessagesPorts,
): Promise<readonly string[]> {
  return customer === undefined ? [] : [...new Set([customer, ...(await findCustomers(customer))])];
}

function find(
  selection: ReplaySelection,
  names: readonly string[],
  ports: SelectMessagesPorts,
): AsyncIterable<SelectedMessage> {
  const { ids, statuses, raw = false } = selection;
  if (raw) return findInArchive(selection, ports);
  if (ids) return findByIds(ids, ports);
  if (names.length > 0) return findByCustomer(names, ports);
  if (statuses) return findByStatuses(statuses, ports);
  return findInArchive(selection, ports);
}

async function* findByIds(
  ids: readonly string[],
  { ledger, numberIds }: SelectMessagesPorts,
): AsyncGenerator<SelectedMessage> {
  for (const id of ids) {
    for (const record of await ledger.findById(numberIds, id)) yield { record };
  }
}

async function* findByCustomer(
  names: readonly string[],
  { ledger }: SelectMessagesPorts,
): AsyncGenerator<SelectedMessage> {
  for (const name of names) yield* toSelected(ledger.listOfCustomer(name));
}

async function* findByStatuses(
  statuses: readonly LedgerStatus[],
  { ledger }: SelectMessagesPorts,
): AsyncGenerator<SelectedMessage> {
  const strange = statuses.find((status) => !indexedStatuses.has(status));
  if (strange !== undefined) {
    throw new BridgeError(
      'payload-malformed',
      `messages that are ${strange} cannot be listed by status alone; say which by ids, customer or time`,
    );
  }
  for (const status of statuses) yield* toSelected(ledger.listNeedingAttention(status));
}

async function* toSelected(records: AsyncIterable<LedgerRecord>): AsyncGenerator<SelectedMessage> {
  for await (const record of records) {
    if (directionOf(record.key) !== undefined) yield { record };
  }
}

/** The ledger is asked for many at a time; order is the order of the archive. */
async function* findInArchive(
  { from, to }: ReplaySelection,
  { archive, archiveIndex, ledger, terms, oldestRawAt, now }: SelectMessagesPorts,
): AsyncGenerator<SelectedMessage> {
  let waiting: RawItem[] = [];
  const join = async function* (): AsyncGenerator<SelectedMessage> {
    const records = new Map(
      (await ledger.readMany(waiting.map(({ key }) => key))).map((record) => [record.key, record]),
    );
    for (const raw of waiting) {
      const record = records.get(raw.key);
      yield { raw, ...(record === undefined ? {} : { record }) };
    }
    waiting = [];
  };
  for await (const rawKey of archiveIndex.list(from ?? oldestRawAt, to ?? now)) {
    waiting.push(...readRawWebhook(rawKey, await archive.get(rawKey), terms));
    if (waiting.length >= recordsPerRead) yield* join();
  }
  if (waiting.length > 0) yield* join();
}

function isMeant(
  { record, raw }: SelectedMessage,
  selection: ReplaySelection,
  names: readonly string[],
): boolean {
  const { ids, customer, from, to, statuses } = selection;
  const acceptedAt = record?.acceptedAt ?? raw?.receivedAt ?? 0;
  const known: readonly (string | undefined)[] = [
    record?.messageId,
    record?.genesysId,
    raw?.item.id,
    record?.key,
  ];
  return (
    (ids === undefined || known.some((id) => id !== undefined && ids.includes(id))) &&
    (customer === undefined || namesOf({ record, raw }).some((name) => names.includes(name ?? ''))) &&
    (from === undefined || acceptedAt >= from) &&
    (to === undefined || acceptedAt < to) &&
    (statuses === undefined || (record !== undefined && statuses.includes(record.status)))
  );
}

function namesOf({
  record,
  raw,
}: {
  record: LedgerRecord | undefined;
  raw: RawItem | undefined;
}): (string | undefined)[] {
  const item = raw?.item;
  const sender = item && 'to' in item ? [item.to] : [item?.phone, item?.userId, item?.parentUserId];
  return [record?.customer, raw?.customerKey, ...sender];
}

function isForcedCopy(key: string): boolean {
  return key.includes('#FORCED#');
}
