// Searches of the ledger in memory.
import type { LedgerRecord, LedgerStatus } from '../../lambdas/core/model/ledger-record.ts';
import type { LedgerSearch } from '../../lambdas/core/replay-ports.ts';
import type { MemoryLedger } from './memory-ledger.ts';

export class MemoryLedgerSearch implements LedgerSearch {
  readonly #ledger: MemoryLedger;

  constructor(ledger: MemoryLedger) {
    this.#ledger = ledger;
  }

  async readMany(keys: readonly string[]): Promise<LedgerRecord[]> {
    return keys.flatMap((key) => this.#find((record) => record.key === key));
  }

  async findById(numberIds: readonly string[], id: string): Promise<LedgerRecord[]> {
    return this.#find(
      ({ numberId, messageId, genesysId }) =>
        numberIds.includes(numberId) && (messageId === id || genesysId === id),
    );
  }

  async *listOfCustomer(customer: string): AsyncIterable<LedgerRecord> {
    yield* this.#find((record) => record.customer === customer).sort((a, b) =>
      a.sequence < b.sequence ? -1 : 1,
    );
  }

  async *listNeedingAttention(status: LedgerStatus): AsyncIterable<LedgerRecord> {
    yield* this.#find((record) => record.status === status);
  }

  #find(fits: (record: LedgerRecord) => boolean): LedgerRecord[] {
    return [...this.#ledger.records.values()].filter(fits).map((record) => ({ ...record }));
  }
}
