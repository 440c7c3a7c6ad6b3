// Shows customers that somebody is there: that an agent types, and that their message was read. Nobody waits for it, no
// order depends on it, and whatever fails is forgotten.
import type { CustomerProfile } from '../../core/model/customer.ts';
import type { OpenedOutbound } from '../../core/model/outbound-body.ts';
import type { OutboundItem } from '../../core/model/outbound-envelope.ts';
import type { CustomerMessenger } from '../../core/outbound-ports.ts';
import { isWindowOpen } from '../../core/policy/service-window.ts';
import type { Clock, CustomerDirectory, DeskGate, GateReport, Telemetry } from '../../core/ports.ts';
import { findRecipient } from './find-recipient.ts';

/** What this sandbox has marked as read lately; after a restart a message may be marked once more. */
export interface ReadMarks {
  /** True the first time it is asked about a message. */
  isFirst(wamid: string): boolean;
}

const rememberedMarks = 10_000;

export function createReadMarks(): ReadMarks {
  const marked = new Set<string>();
  return {
    isFirst(wamid) {
      if (marked.has(wamid)) return false;
      if (marked.size >= rememberedMarks) marked.clear();
      marked.add(wamid);
      return true;
    },
  };
}

export interface ShowActivityPorts {
  readMarks: ReadMarks;
  clock: Clock;
  gate: DeskGate;
  directory: CustomerDirectory;
  messenger: Pick<CustomerMessenger, 'markRead'>;
  telemetry: Telemetry;
  outbound: { typing: boolean };
  /** Of a number that is suspended or not ours nothing is sent. */
  numbers: ReadonlyMap<string, { suspended: boolean }>;
  timing: { postTimeoutMs: number };
}

/** WhatsApp shows it for so long; an older event would show what is over. */
const typingMs = 25_000;
/** Taking a place takes a call; typing that would have to stand in line is not worth one. */
const gateMs = 1000;

export async function showTyping(
  { to, conversationId }: OutboundItem,
  { numberId, receivedAt }: OpenedOutbound,
  ports: ShowActivityPorts,
): Promise<void> {
  const { clock, outbound, telemetry, directory, gate } = ports;
  const isServed = ports.numbers.get(numberId)?.suspended === false;
  if (!outbound.typing || !isServed || clock.now() - receivedAt >= typingMs)
    return telemetry.count('TypingNotShown');
  const address = { to, ...(conversationId === undefined ? {} : { conversationId }) };
  const visit = { numberId, customerKey: `${numberId}#${to}`, deadlineAt: clock.now() + gateMs };
  let report: GateReport = 'unused';
  try {
    const { profile } = await findRecipient(address, numberId, clock.now(), directory);
    const shown = profile && findReadable(profile, clock.now());
    if (shown === undefined || !(await gate.enter(visit)).open) return telemetry.count('TypingNotShown');
    try {
      report = await mark(numberId, shown, true, ports);
    } finally {
      await gate.leave(report, visit);
    }
  } catch (error) {
    telemetry.problem('typing.not-shown', error);
  }
}

/** Marks what the customer wrote last as read, with the first reply to it. Never rejects. */
export async function markAnswered(
  numberId: string,
  profile: CustomerProfile | undefined,
  ports: ShowActivityPorts,
): Promise<void> {
  const shown = profile && ports.outbound.typing ? findReadable(profile, ports.clock.now()) : undefined;
  if (shown === undefined || !ports.readMarks.isFirst(shown)) return;
  try {
    await mark(numberId, shown, false, ports);
  } catch (error) {
    ports.telemetry.problem('read.not-marked', error);
  }
}

function findReadable({ lastInboundId, lastInboundAt }: CustomerProfile, now: number): string | undefined {
  return isWindowOpen(lastInboundAt, now) ? lastInboundId : undefined;
}

async function mark(
  numberId: string,
  wamid: string,
  typing: boolean,
  { messenger, clock, timing, telemetry }: ShowActivityPorts,
): Promise<GateReport> {
  const answer = await messenger.markRead(numberId, wamid, { typing }, clock.now() + timing.postTimeoutMs);
  if (!('failure' in answer)) {
    telemetry.count(typing ? 'TypingShown' : 'ReadMarks');
    return 'delivered';
  }
  telemetry.problem(typing ? 'typing.not-shown' : 'read.not-marked', answer.failure);
  return { failure: answer.failure };
}
