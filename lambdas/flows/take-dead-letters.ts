// What the worker could not finish in all its receives: it is parked under the order it was accepted in, so that
// redelivery takes it from there. What is in no park and cannot be read ends FAILED, with its body in the archive.
import type { Direction } from '../core/model/fence.ts';
import { inboundKey } from '../core/model/ledger-record.ts';
import { lostSequence } from '../core/policy/lost-order.ts';
import type { Archive, Clock, MessageLedger, Randomness, Telemetry } from '../core/ports.ts';
import type { QueuedRecord, RecordOutcome } from './deliver-inbound.ts';
import { openEnvelope } from './open-envelope.ts';

export interface TakeDeadLettersPorts {
  clock: Clock;
  randomness: Pick<Randomness, 'nextId'>;
  telemetry: Telemetry;
  archive: Pick<Archive, 'get' | 'put'>;
  ledger: Pick<MessageLedger, 'claim' | 'finish'>;
  tenant: string;
  /** Plain hash, for a name. */
  hash(text: string): string;
  /** Parks the items of a record that have not reached an end. @throws SyntaxError for a body that no release has written. */
  parkRecord: Readonly<Record<Direction, (record: QueuedRecord) => Promise<RecordOutcome>>>;
}

/** What envelopes of both directions begin with. */
interface EnvelopeHead {
  channel: string;
  correlationId: string;
  receivedAt: number;
}

const archiveDeadlineMs = 5000;
const leaseMs = 30_000;

/** Conditional on the ledger: what was delivered or has ended is left alone. @throws BridgeError `store-unavailable` */
export async function takeDeadLetter(
  record: QueuedRecord,
  ports: TakeDeadLettersPorts,
): Promise<RecordOutcome> {
  const { telemetry } = ports;
  try {
    // It has had its receives in the other queue; those in this one are without limit.
    const head: EnvelopeHead = await openEnvelope(record.body, ports);
    const { channel, correlationId, receivedAt } = head;
    const direction = channel === 'genesys' ? 'out' : 'in';
    const { receiveCount } = record;
    // Counts only where the ledger has no record with the real one.
    const sequenceNumber = lostSequence(receivedAt, record.sequenceNumber);
    const outcome = await ports.parkRecord[direction]({ ...record, sequenceNumber, receiveCount: 1 });
    // Not at the first receive: which one that is SQS does not tell, since those in the other queue may count as well.
    if (outcome.state === 'done') telemetry.count('DeadLetters');
    telemetry.event('dead-letter.taken', { state: outcome.state, direction, correlationId, receiveCount });
    return outcome;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    await endUnreadable(record, ports);
    return { state: 'done' };
  }
}

/** Nobody can tell whose it is: a person finds it by its record, and its bytes by the key in it. */
async function endUnreadable(
  { body, sequenceNumber }: QueuedRecord,
  { clock, randomness, telemetry, archive, ledger, tenant, hash }: TakeDeadLettersPorts,
): Promise<void> {
  const messageId = hash(body);
  const day = new Date(clock.now()).toISOString().slice(0, 10);
  const rawKey = `unreadable/${tenant}/${day}/${messageId}.txt`;
  await archive.put(rawKey, new TextEncoder().encode(body), 'text/plain', archiveDeadlineMs);
  const key = inboundKey('', messageId);
  const owner = randomness.nextId();
  const now = clock.now();
  const facts = {
    numberId: '',
    messageId,
    customer: '',
    messageType: 'unreadable',
    sequence: sequenceNumber,
  };
  const trace = { acceptedAt: now, rawKey, correlationId: messageId };
  const claim = { key, owner, now, leaseUntil: now + leaseMs, willTry: false };
  const { won } = await ledger.claim({ ...claim, ...facts, ...trace });
  if (!won) return;
  await ledger.finish(key, owner, { status: 'FAILED', reason: 'unreadable', customer: '', at: now });
  telemetry.count('DeadLetters');
  telemetry.count('Messages.FAILED');
  telemetry.event('dead-letter.unreadable', { rawKey, bytes: body.length });
}
