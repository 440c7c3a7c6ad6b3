// What was heard of messages after they were handed over, in memory, trusted because it passes the same contract as the
// one on DynamoDB.
import type { LedgerRecord } from '../../lambdas/core/model/ledger-record.ts';
import type { ReceiptClaim, ReceiptLedger } from '../../lambdas/core/outbound-ports.ts';
import type { MemoryLedger } from './memory-ledger.ts';
import { nothingSent } from './memory-sending.ts';

/** Who tells the final receipt of a message, and whether an earlier attempt may have. */
interface Telling {
  owner?: string;
  leaseUntil: number;
  doubts: number;
  open: 0 | 1;
}

/** Keeps its part in the records of `ledger`, as the real one does. */
export class MemoryReceipts implements ReceiptLedger {
  readonly #ledger: MemoryLedger;
  readonly #tellings = new Map<string, Telling>();

  constructor(ledger: MemoryLedger) {
    this.#ledger = ledger;
  }

  async addStatus(key: string, seen: Parameters<ReceiptLedger['addStatus']>[1]) {
    const { part, entry, wamid } = seen;
    const record = this.#ledger.records.get(key);
    if (!record) return undefined;
    const { sending = nothingSent } = record;
    record.sending = {
      ...sending,
      wamids: { [part]: wamid, ...sending.wamids },
      statuses: addTo(sending.statuses, entry),
    };
    return { ...record };
  }

  async claimReceipt(
    key: string,
    { receipt, owner, now, leaseUntil }: Parameters<ReceiptLedger['claimReceipt']>[1],
  ): Promise<ReceiptClaim> {
    const record = this.#ledger.records.get(key);
    if (!record) return { state: 'unknown' };
    const { sending = nothingSent } = record;
    if (sending.receiptToldAt !== undefined) return { state: 'told' };
    const old = this.#tellings.get(key) ?? { leaseUntil: 0, doubts: 0, open: 0 };
    const { receipt: chosen = receipt, receiptAttempts: attempts = 0 } = sending;
    if (old.leaseUntil > now) {
      return old.owner === owner
        ? { state: 'mine', receipt: chosen, attempts }
        : { state: 'busy', until: old.leaseUntil };
    }
    this.#tellings.set(key, { owner, leaseUntil, doubts: old.doubts + old.open, open: 1 });
    record.sending = { ...sending, receipt: chosen, receiptAttempts: attempts + 1 };
    return { state: 'mine', receipt: chosen, attempts: attempts + 1 };
  }

  async receiptTold(key: string, at: number) {
    const record = this.#ledger.records.get(key);
    if (!record) return;
    const { sending = nothingSent } = record;
    record.sending = { ...sending, receiptToldAt: sending.receiptToldAt ?? at };
    this.#tellings.delete(key);
  }

  async releaseReceipt(key: string, owner: string, { keep }: { keep: boolean }) {
    const telling = this.#tellings.get(key);
    if (telling?.owner !== owner) return;
    const { doubts, open } = telling;
    this.#tellings.set(key, { leaseUntil: 0, doubts, open: keep ? open : 0 });
    if (!keep && doubts === 0) this.#forgetChoice(key);
  }

  async findByGenesysId(genesysId: string) {
    for (const [key, record] of this.#ledger.records) if (isCalled(record, genesysId)) return key;
    for (const sent of this.#ledger.sent.values()) if (sent.genesysId === genesysId) return sent.key;
    return undefined;
  }

  async addDeskReceipt(key: string, entry: string) {
    const record = this.#ledger.records.get(key);
    if (record) record.deskReceipts = addTo(record.deskReceipts, entry);
    return record !== undefined;
  }

  #forgetChoice(key: string): void {
    const record = this.#ledger.records.get(key);
    if (!record?.sending) return;
    const { receipt: _receipt, ...sending } = record.sending;
    record.sending = sending;
  }
}

const isCalled = (record: LedgerRecord, genesysId: string): boolean => record.genesysId === genesysId;

function addTo(set: readonly string[] = [], entry: string): string[] {
  return [...new Set([...set, entry])].sort();
}
