// How far agents' messages have come, in memory, trusted because it passes the same contract as the one on DynamoDB.
import type { LedgerRecord, Sending } from '../../lambdas/core/model/ledger-record.ts';
import { sentKey } from '../../lambdas/core/model/ledger-record.ts';
import type { SendingLedger } from '../../lambdas/core/outbound-ports.ts';
import type { MemoryLedger } from './memory-ledger.ts';

export const nothingSent: Sending = { partsTotal: 0, partsDone: 0, triedAt: 0, wamids: {}, statuses: [] };

/** Keeps its part in the records of `ledger`, as the real one does. */
export class MemorySending implements SendingLedger {
  readonly #ledger: MemoryLedger;

  constructor(ledger: MemoryLedger) {
    this.#ledger = ledger;
  }

  async beginPart(key: string, owner: string, work: Parameters<SendingLedger['beginPart']>[2]) {
    const { part, partsTotal, now, leaseUntil } = work;
    const record = this.#claimed(key, owner);
    if (!record || record.leaseUntil <= now) return false;
    const { sending = nothingSent } = record;
    if (sending.partsDone !== part) return false;
    record.sending = { ...sending, partsTotal, triedAt: now };
    record.tried = 1;
    record.leaseUntil = leaseUntil;
    return true;
  }

  async partSent(key: string, owner: string, { part, wamid }: { part: number; wamid: string }) {
    const record = this.#claimed(key, owner);
    if (!record?.sending) return false;
    const { sending } = record;
    if (sending.partsDone !== part) return sending.partsDone > part;
    record.sending = { ...sending, partsDone: part + 1, wamids: { ...sending.wamids, [part]: wamid } };
    record.tried = 0;
    return true;
  }

  async rememberSent(numberId: string, wamid: string, sent: Parameters<SendingLedger['rememberSent']>[2]) {
    const { at: _at, options = {}, ...facts } = sent;
    this.#ledger.sent.set(sentKey(numberId, wamid), { ...facts, options });
  }

  async findSent(numberId: string, wamid: string) {
    const { key, part = 0 } = this.#ledger.sent.get(sentKey(numberId, wamid)) ?? {};
    return key === undefined ? undefined : { key, part };
  }

  #claimed(key: string, owner: string): LedgerRecord | undefined {
    const record = this.#ledger.records.get(key);
    return record?.owner === owner && record.status === 'INFLIGHT' ? record : undefined;
  }
}
