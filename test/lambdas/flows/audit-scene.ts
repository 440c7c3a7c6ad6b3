// Archive and ledger of busy simulated days under faults, in both directions, and the same days many times over under other
// ids: so many messages that a slip of the audit would show, in the time a test may take.
import type { LedgerRecord } from '../../../lambdas/core/model/ledger-record.ts';
import type { Fault } from '../../../simulation/faults.ts';
import { faultModes } from '../../../simulation/faults.ts';
import { judge } from '../../../simulation/invariants.ts';
import { judgeOutbound } from '../../../simulation/outbound/invariants.ts';
import { makeOutboundScenario, statusHabits } from '../../../simulation/outbound/scenario.ts';
import { playOutbound } from '../../../simulation/outbound/world.ts';
import { Random } from '../../../simulation/random.ts';
import { makeScenario } from '../../../simulation/scenario.ts';
import { MemoryArchive } from '../../../simulation/stores/memory-archive.ts';
import { play } from '../../../simulation/world.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const customers = 99;

/** What is left of a day: whatever was accepted, its records, and what the invariants say of it. */
export interface PlayedDay {
  ids: string[];
  archive: MemoryArchive;
  records: readonly LedgerRecord[];
  violations: string[];
}

const inboundOperations = [
  'ledger.claim',
  'ledger.settle',
  'ledger.park',
  'desk.deliver',
  'customers.touch',
  'park.put',
  'fences.close',
  'door.send',
  'queue.delete',
] as const;
const outboundOperations = [
  'ledger.claim',
  'ledger.settle',
  'ledger.park',
  'sending.beginPart',
  'sending.partSent',
  'whatsapp.send',
  'genesys.tell',
  'fences.close',
  'door.send',
] as const;

function drawFaults(operations: readonly [string, ...string[]], random: Random): Fault[] {
  return Array.from({ length: 25 }, () => ({
    operation: random.pick(operations),
    nth: random.between(1, 200),
    mode: random.pick(faultModes),
    lateMs: 155_000,
  }));
}

/** Customers write for a day; Genesys is away for hours, refuses some, and the number is suspended in the beginning. */
export async function playInboundDay(seed: number, messages: number): Promise<PlayedDay> {
  const random = new Random(seed);
  const ids = Array.from({ length: messages }, (_, index) => `w${seed}-${index}`);
  const outageMs = random.between(0, 12 * hourMs);
  const outcome = await play({
    ...makeScenario(seed),
    postings: Array.from({ length: Math.ceil(messages / 4) }, (_, index) => ({
      atMs: random.between(0, dayMs),
      messages: ids
        .slice(4 * index, 4 * index + 4)
        .map((id) => ({ id, customer: `44${random.between(1, customers)}`, text: 'ok' })),
    })),
    outages: [
      { fromMs: outageMs, untilMs: outageMs + 6 * hourMs, trouble: 'refuses-connections', circuit: true },
      { fromMs: 20 * hourMs, untilMs: 21 * hourMs, trouble: 'answers-500-after-effect' },
    ],
    refused: ids.filter(() => random.chance(0.02)),
    poison: [],
    faults: drawFaults(inboundOperations, random),
    suspendedUntilMs: hourMs,
    replays: [],
    breakdowns: [],
  });
  const { archive, ledger } = outcome;
  return { ids, archive, records: [...ledger.records.values()], violations: judge(outcome) };
}

/** Agents write for a day; WhatsApp is away for hours, refuses some, and Genesys repeats itself. */
export async function playOutboundDay(seed: number, messages: number): Promise<PlayedDay> {
  const random = new Random(seed);
  const ids = Array.from({ length: messages }, (_, index) => `g${seed}-${index}`);
  const outageMs = random.between(0, 12 * hourMs);
  const replies = ids.map((id) => ({
    id,
    customer: `447700900${random.between(1, customers)}`,
    atMs: random.between(0, dayMs),
    parts: random.pick([1, 1, 2]),
    statuses: random.pick(statusHabits),
    ...(random.chance(0.02) ? { refused: true } : {}),
  }));
  const outcome = await playOutbound({
    ...makeOutboundScenario(seed),
    replies,
    repeats: replies
      .filter(() => random.chance(0.1))
      .map(({ id, atMs }) => ({ id, atMs: atMs + random.pick([19_000, 400_000]) })),
    heard: [...new Set(replies.map(({ customer }) => customer))].map((customer) => ({
      customer,
      atMs: -random.pick([hourMs, 12 * hourMs]),
    })),
    troubles: [
      { fromMs: outageMs, untilMs: outageMs + 6 * hourMs, trouble: 'rejects-token', circuit: true },
      { fromMs: 20 * hourMs, untilMs: 20.2 * hourMs, trouble: 'loses-answers' },
    ],
    deskTroubles: [],
    faults: drawFaults(outboundOperations, random),
    breakdowns: [],
  });
  const { archive, ledger } = outcome;
  return { ids, archive, records: [...ledger.records.values()], violations: judgeOutbound(outcome) };
}

/** The same day once more, as if it had happened to other messages. */
export function copyDay({ ids, archive, records }: PlayedDay, copy: number): PlayedDay {
  const rename = (text: string): string => text.replaceAll(/\b([wg]\d+-\d+)\b/g, `$1-copy${copy}`);
  const copied = new MemoryArchive();
  const [utf8, bytesOf] = [new TextDecoder(), new TextEncoder()];
  for (const [key, bytes] of archive.objects)
    copied.objects.set(
      key.replace(/\.json$/, `-copy${copy}.json`),
      bytesOf.encode(rename(utf8.decode(bytes))),
    );
  return {
    ids: ids.map(rename),
    archive: copied,
    records: records.map((record) => ({
      ...record,
      key: rename(record.key),
      messageId: rename(record.messageId),
    })),
    violations: [],
  };
}
