// What a replay will do, message by message, before anything is done.
import { BridgeError } from '../../core/errors.ts';
import type { ReplayItem, ReplayOrder } from '../../core/model/replay.ts';
import { isLostOrder, lostOrderBehind } from '../../core/policy/lost-order.ts';
import { archiveOrder, judgeReplay } from '../../core/policy/replay.ts';
import {
  directionOf,
  type SelectedMessage,
  type SelectMessagesPorts,
  selectMessages,
} from './select-messages.ts';

export interface PlanReplayPorts extends SelectMessagesPorts {
  /** How long the ledger remembers, ms. */
  rememberedMs: number;
}

export interface ReplayPlan {
  /** The messages of one customer and direction are in one chunk, in their order. */
  chunks: ReplayItem[][];
  /** Ids that were asked for and are nowhere. */
  unknownIds: string[];
}

/** More than this is to be done in parts: a plan has to fit into the memory of one function. */
export const mostMessages = 100_000;
const chunkSize = 100;

/** @throws BridgeError `payload-malformed` for a selection that cannot be looked up or is too wide; `store-unavailable` */
export async function planReplay(
  { selection, forced }: Pick<ReplayOrder, 'selection' | 'forced'>,
  ports: PlanReplayPorts,
): Promise<ReplayPlan> {
  const customers = new Map<string, ReplayItem[]>();
  const found = new Set<string>();
  let count = 0;
  for await (const message of selectMessages(selection, ports)) {
    count += 1;
    if (count > mostMessages) {
      throw new BridgeError(
        'payload-malformed',
        `the selection holds more than ${mostMessages} messages; narrow it by time`,
      );
    }
    const item = toReplayItem(message, forced !== undefined, ports);
    if (!item) continue;
    for (const id of [item.id, message.record?.genesysId]) if (id !== undefined) found.add(id);
    const customer = `${item.direction}#${item.numberId}#${item.customerKey}`;
    const items = customers.get(customer);
    if (items) items.push(item);
    else customers.set(customer, [item]);
  }
  return {
    chunks: toChunks([...customers.values()]),
    unknownIds: (selection.ids ?? []).filter((id) => !found.has(id)),
  };
}

function toReplayItem(
  { record, raw }: SelectedMessage,
  forced: boolean,
  { now, rememberedMs }: PlanReplayPorts,
): ReplayItem | undefined {
  const key = record?.key ?? raw?.key ?? '';
  const direction = directionOf(key);
  if (direction === undefined) return undefined;
  const acceptedAt = record?.acceptedAt ?? raw?.receivedAt ?? 0;
  return {
    direction,
    numberId: record?.numberId ?? raw?.numberId ?? '',
    id: record?.messageId ?? raw?.item.id ?? '',
    key,
    rawKey: record?.rawKey ?? raw?.rawKey ?? '',
    acceptedAt,
    customerKey: record?.customer ?? raw?.customerKey ?? '',
    sequence: record?.sequence ?? archiveOrder(acceptedAt, raw?.rawKey ?? '', raw?.index ?? 0),
    ...(record === undefined ? {} : { status: record.status }),
    verdict: judgeReplay(record, acceptedAt, { now, rememberedMs, forced }),
  };
}

/** In acceptance order; what has lost its own, or never had one, comes behind what was accepted no later. */
function sortByAcceptance(items: readonly ReplayItem[]): ReplayItem[] {
  const known = items.filter(({ sequence }) => !isLostOrder(sequence)).sort(bySequence);
  const lost = items.filter(({ sequence }) => isLostOrder(sequence)).sort(bySequence);
  let before = 0;
  const placed = lost.map((item) => {
    while ((known[before]?.acceptedAt ?? Number.POSITIVE_INFINITY) <= item.acceptedAt) before += 1;
    return { ...item, sequence: lostOrderBehind(known[before - 1]?.sequence, item.sequence) };
  });
  return [...known, ...placed].sort(bySequence);
}

function bySequence(a: ReplayItem, b: ReplayItem): number {
  return a.sequence < b.sequence ? -1 : a.sequence > b.sequence ? 1 : 0;
}

/** Customers stay whole, so that their order is one chunk's business. */
function toChunks(customers: readonly ReplayItem[][]): ReplayItem[][] {
  const chunks: ReplayItem[][] = [];
  for (const items of customers.map(sortByAcceptance)) {
    const last = chunks.at(-1);
    if (last && last.length + items.length <= chunkSize) last.push(...items);
    else chunks.push(items);
  }
  return chunks;
}
