// A desk that takes receipts, and what the ledger knows of messages on their way to customers.
import type { DeskAnswer } from '../../../lambdas/core/model/desk-message.ts';
import type { LedgerRecord, Sending } from '../../../lambdas/core/model/ledger-record.ts';
import { outboundKey } from '../../../lambdas/core/model/ledger-record.ts';
import type { DeskReceipt, DeskReceipts } from '../../../lambdas/core/outbound-ports.ts';
import { MemoryLedger } from '../../../simulation/stores/memory-ledger.ts';
import { MemoryReceipts } from '../../../simulation/stores/memory-receipts.ts';
import { MemorySending } from '../../../simulation/stores/memory-sending.ts';
import { aLedgerRecord } from '../../builders.ts';
import {
  CountingRandomness,
  HandClock,
  MemoryArchive,
  OpenGate,
  RecordingTelemetry,
} from '../../fakes/outside-world.ts';

/** Takes every receipt unless answers are lined up. */
export class ScriptedReceipts implements DeskReceipts {
  readonly told: (DeskReceipt & { numberId: string })[] = [];
  readonly answers: (DeskAnswer | (() => Promise<DeskAnswer>))[] = [];

  async tell(numberId: string, receipt: DeskReceipt): Promise<DeskAnswer> {
    this.told.push({ ...receipt, numberId });
    const next = this.answers.shift() ?? { delivered: true };
    return typeof next === 'function' ? next() : next;
  }
}

export function aReceiptWorld() {
  const ledger = new MemoryLedger();
  return {
    clock: new HandClock(),
    randomness: new CountingRandomness(),
    ledger,
    sending: new MemorySending(ledger),
    receipts: new MemoryReceipts(ledger),
    deskReceipts: new ScriptedReceipts(),
    gate: new OpenGate(),
    telemetry: new RecordingTelemetry(),
    archive: new MemoryArchive(),
    timing: { leaseMs: 30_000, postTimeoutMs: 12_000, backoffBaseMs: 2000, backoffCapMs: 60_000 },
  };
}

export type ReceiptWorld = ReturnType<typeof aReceiptWorld>;

export const messageKey = outboundKey('1', 'd7d58935');

/** Puts an agent's message into the ledger, as it stands once its POST has begun. */
export function addSentMessage(
  { ledger }: ReceiptWorld,
  { sending = {}, ...over }: Partial<Omit<LedgerRecord, 'sending'>> & { sending?: Partial<Sending> } = {},
): void {
  const record = aLedgerRecord({
    key: messageKey,
    messageId: 'd7d58935',
    customer: 'GB.1',
    receiptTo: '447700900001',
    status: 'DELIVERED',
    sending: { partsTotal: 1, partsDone: 0, triedAt: 1, wamids: {}, statuses: [], ...sending },
    ...over,
  });
  ledger.records.set(record.key, record);
}
