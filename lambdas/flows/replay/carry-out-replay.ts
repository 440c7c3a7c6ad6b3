// Carries out one chunk of a replay. Messages the ledger knows go on their customers' park lists, in order, and the
// fences are closed: what the customers write meanwhile waits behind them. Messages it never heard of go through the
// queue as if they came now, one envelope per customer. Every step may be repeated.
import { BridgeError } from '../../core/errors.ts';
import type { InboundEnvelope, InboundItem, Replay } from '../../core/model/envelope.ts';
import {
  assembleEnvelope,
  openEnvelope,
  packItem,
  pickShared,
  toAsciiJson,
} from '../../core/model/envelope.ts';
import { forcedKey } from '../../core/model/ledger-record.ts';
import type { OutboundItem } from '../../core/model/outbound-envelope.ts';
import { reopenReason } from '../../core/model/parked-item.ts';
import type { ReplayItem, ReplayOrder, ReplayResult } from '../../core/model/replay.ts';
import type { Archive, Clock, InboundQueue, Pseudonyms, Telemetry } from '../../core/ports.ts';
import type { FencePlace, Fences, Park, RedeliveryRuns } from '../../core/redelivery-ports.ts';
import type { RawItem } from '../../core/replay-ports.ts';
import { closeFence } from '../close-fence.ts';
import { placeDeadLetter } from '../place-dead-letter.ts';
import { type RawWebhookTerms, readRawIfThere } from './read-raw-webhook.ts';

export interface CarryOutReplayPorts {
  archive: Archive;
  terms: RawWebhookTerms;
  fences: Fences;
  park: Park;
  runs: RedeliveryRuns;
  /** Where the customer of an item is filed. */
  findCustomer(raw: RawItem): Promise<string>;
  queues: Readonly<Record<'in' | 'out', InboundQueue>>;
  pseudonyms: Pseudonyms;
  clock: Clock;
  telemetry: Telemetry;
}

/** A park item holds at most 400 KB at DynamoDB. */
const largestParkedBytes = 300_000;
const claimCheckDeadlineMs = 5000;

/** One result per item, in their order; trouble with one customer does not touch the others. */
export async function carryOutReplay(
  items: readonly ReplayItem[],
  order: Pick<ReplayOrder, 'number' | 'forced'>,
  ports: CarryOutReplayPorts,
): Promise<ReplayResult[]> {
  const customers = Map.groupBy(items, (item) => `${item.direction}#${item.numberId}#${item.customerKey}`);
  const results: ReplayResult[] = [];
  for (const own of customers.values()) {
    try {
      results.push(...(await carryOutCustomer(own, order, ports)));
    } catch (error) {
      const failure = tellFailure(error, order, own.length, ports);
      results.push(...own.map((item) => toFailed(item, failure)));
    }
  }
  return results;
}

/** What comes of the items of one customer until now. */
interface CustomerWork {
  replay: Replay;
  /** Where something was parked or is to be hurried. */
  places: Map<string, FencePlace>;
  firstTime: RawItem[];
}

/** In order, up to the first that cannot be done: what is parked by then gets its run all the same. */
async function carryOutCustomer(
  items: readonly ReplayItem[],
  order: Pick<ReplayOrder, 'number' | 'forced'>,
  ports: CarryOutReplayPorts,
): Promise<ReplayResult[]> {
  const replay: Replay = {
    number: order.number,
    ...(order.forced === undefined ? {} : { forced: order.forced }),
  };
  const work: CustomerWork = { replay, places: new Map(), firstTime: [] };
  const results: ReplayResult[] = [];
  let failure: BridgeError | undefined;
  for (const item of items) {
    if (leftAlone.has(item.verdict)) {
      results.push(toResult(item, 'left-alone'));
      continue;
    }
    try {
      results.push(failure ? toFailed(item, failure) : await carryOutItem(item, work, ports));
    } catch (error) {
      failure = tellFailure(error, order, items.length, ports);
      results.push(toFailed(item, failure));
    }
  }
  for (const place of work.places.values()) await startRun(place, ports);
  if (work.firstTime.length === 0) return results;
  try {
    await enqueue(work.firstTime, replay, ports);
    return results;
  } catch (error) {
    const refused = tellFailure(error, order, items.length, ports);
    return results.map((result) => (result.outcome === 'queued' ? toFailed(result, refused) : result));
  }
}

const leftAlone: ReadonlySet<ReplayItem['verdict']> = new Set([
  'already-delivered',
  'on-its-way',
  'needs-force',
  'erased',
]);

/** @throws whatever is no failure of ours: a bug */
function tellFailure(
  error: unknown,
  { number }: Pick<ReplayOrder, 'number'>,
  items: number,
  { telemetry }: CarryOutReplayPorts,
): BridgeError {
  if (!(error instanceof BridgeError)) throw error;
  telemetry.problem('replay.customer-failed', error, { number, items });
  return error;
}

async function carryOutItem(
  item: ReplayItem,
  { replay, places, firstTime }: CustomerWork,
  ports: CarryOutReplayPorts,
): Promise<ReplayResult> {
  const raw = await findRaw(item, ports);
  if (!raw) return toResult(item, 'failed', 'not-in-archive');
  if (item.verdict === 'deliver-first-time') {
    firstTime.push(raw);
    return toResult(item, 'queued');
  }
  const place = await placeOf(raw, ports);
  const isParked = item.verdict !== 'hurry';
  // What is to be hurried is in the park already, unless a bug or a hand has taken it out: then it is put back.
  if (isParked) await parkItem(item, raw, place, replay, ports);
  else await parkAnew(item, raw, place, ports);
  places.set(`${place.direction}#${place.customerId}`, place);
  return toResult(item, isParked ? 'parked' : 'hurried');
}

function toFailed(
  item: Pick<ReplayItem, 'id' | 'key' | 'verdict'>,
  { details, kind }: BridgeError,
): ReplayResult {
  return toResult(item, 'failed', details.code ?? kind);
}

function toResult(
  item: Pick<ReplayItem, 'id' | 'key' | 'verdict'>,
  outcome: ReplayResult['outcome'],
  reason?: string,
): ReplayResult {
  const { id, key, verdict } = item;
  return { id, key, outcome, verdict, ...(reason === undefined ? {} : { reason }) };
}

async function findRaw(
  item: ReplayItem,
  { archive, terms }: CarryOutReplayPorts,
): Promise<RawItem | undefined> {
  const raws = await readRawIfThere(item.rawKey, { archive, terms });
  return raws.find(({ key }) => key === item.key);
}

async function placeOf(raw: RawItem, ports: CarryOutReplayPorts): Promise<FencePlace> {
  const { direction, numberId } = raw;
  return { direction, numberId, customerId: await ports.findCustomer(raw) };
}

async function parkItem(
  item: ReplayItem,
  raw: RawItem,
  place: FencePlace,
  replay: Replay,
  ports: CarryOutReplayPorts,
): Promise<void> {
  const { key, sequence, verdict } = item;
  const isForced = verdict === 'deliver-again';
  const now = ports.clock.now();
  const head = { ...headOf(raw), replay: isForced ? replay : { number: replay.number } };
  await ports.park.put({
    ...place,
    sequence,
    replay: replay.number,
    key: isForced ? forcedKey(key, replay.number) : key,
    // The horizon is about automatic redelivery: an operator's wish counts from now.
    acceptedAt: now,
    parkedAt: now,
    reason: isForced ? 'forced' : reopenReason,
    attempts: 0,
    body: await fitBody(packBody(head, [raw]), `${replay.number}/${ports.pseudonyms.hash(key)}`, ports),
  });
}

/** As the bridge parks it, so that an item that is there stands. */
async function parkAnew(
  { key, sequence, acceptedAt }: ReplayItem,
  raw: RawItem,
  place: FencePlace,
  ports: CarryOutReplayPorts,
): Promise<void> {
  const now = ports.clock.now();
  await ports.park.put({
    ...place,
    sequence: await placeDeadLetter({ place, key, sequence, receivedAt: acceptedAt }, ports.park),
    replay: '',
    key,
    acceptedAt: now,
    parkedAt: now,
    reason: 'hurried',
    attempts: 0,
    body: await fitBody(packBody(headOf(raw), [raw]), `hurried/${ports.pseudonyms.hash(key)}`, ports),
  });
}

/** Closes the fence or, where it is closed already, has the run begin anew at once. */
async function startRun(place: FencePlace, ports: CarryOutReplayPorts): Promise<void> {
  const { fences, runs, clock } = ports;
  const now = clock.now();
  const beginAnew = async () => {
    const touched = await fences.touch(place);
    return touched && fences.restart(place, touched, now);
  };
  const seen = await fences.read(place);
  const { run } = await closeFence(place, { seen, nextAttemptAt: now }, beginAnew, ports);
  await runs.start({ ...place, run, delaySeconds: 0 });
}

async function enqueue(
  raws: readonly RawItem[],
  replay: Replay,
  { queues, pseudonyms }: CarryOutReplayPorts,
): Promise<void> {
  const [first] = raws;
  if (!first) return;
  const queue = queues[first.direction];
  const groupIds = await pseudonyms.openGroupIds();
  const groupId = groupIds(first.numberId, first.customerKey);
  for (const part of toParts(raws, queue.maxBodyBytes)) {
    // A fresh id each time: one that was used before would be swallowed.
    const deduplicationId = pseudonyms.hash(`${replay.number}\n${part.map(({ key }) => key).join('\n')}`);
    const [head] = part;
    if (!head) continue;
    const body = packBody({ ...headOf(head), replay: { number: replay.number } }, part);
    await queue.send([{ groupId, deduplicationId, body }]);
  }
}

/** Runs of items that fit into one queue message; a part is one webhook's, since an envelope names one. */
function toParts(raws: readonly RawItem[], maxBytes: number): RawItem[][] {
  const parts: RawItem[][] = [];
  let bytes = 0;
  for (const raw of raws) {
    const size = toAsciiJson(raw.item).length;
    const part = parts.at(-1);
    if (part && part[0]?.rawKey === raw.rawKey && bytes + size < maxBytes - 2000) part.push(raw);
    else {
      parts.push([raw]);
      bytes = 0;
    }
    bytes += size;
  }
  return parts;
}

type Head = Omit<InboundEnvelope, 'items' | 'channel' | 'numberId'> & {
  channel: 'meta' | 'genesys';
  numberId: string;
};

function headOf({ direction, numberId, rawKey, receivedAt }: RawItem): Head {
  const channel = direction === 'in' ? 'meta' : 'genesys';
  return { v: 1, channel, numberId, receivedAt, rawKey, correlationId: `replay-of-${receivedAt}` };
}

function packBody({ numberId, ...head }: Head, raws: readonly RawItem[]): string {
  const items = raws.map(({ item }) => item);
  if (head.channel === 'genesys') return toAsciiJson({ ...head, numberId, items: items as OutboundItem[] });
  const inbound = items as InboundItem[];
  const shared = pickShared(inbound[0] ?? {});
  const opened = openEnvelope({ ...head, channel: 'meta' });
  return assembleEnvelope(
    opened,
    numberId,
    shared,
    inbound.map((item) => packItem(item, shared)),
  );
}

async function fitBody(body: string, name: string, { archive }: CarryOutReplayPorts): Promise<string> {
  if (body.length <= largestParkedBytes) return body;
  const key = `claims/${name}.json`;
  await archive.put(key, new TextEncoder().encode(body), 'application/json', claimCheckDeadlineMs);
  return toAsciiJson({ v: 1, claimCheck: key, correlationId: name });
}
