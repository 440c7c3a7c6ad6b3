// Searches over the memory stores, as replay and audit need them.
import type { LedgerRecord, LedgerStatus } from '../../lambdas/core/model/ledger-record.ts';
import type { ArchiveIndex, LedgerSearch } from '../../lambdas/core/replay-ports.ts';
import { receivedAtOf } from '../../lambdas/flows/replay/read-raw-webhook.ts';
import type { MemoryLedger } from '../../simulation/stores/memory-ledger.ts';
import type { MemoryArchive } from './outside-world.ts';

export function searchMemoryLedger(ledger: MemoryLedger): LedgerSearch {
  const all = () => [...ledger.records.values()].map((record) => ({ ...record }));
  const toList = async function* (records: LedgerRecord[]): AsyncGenerator<LedgerRecord> {
    yield* records;
  };
  return {
    readMany: async (keys) => all().filter(({ key }) => keys.includes(key)),
    findById: async (numberIds, id) =>
      all().filter(
        ({ numberId, messageId, genesysId }) =>
          numberIds.includes(numberId) && (messageId === id || genesysId === id),
      ),
    listOfCustomer: (wanted) =>
      toList(
        all()
          .filter(({ customer }) => customer === wanted)
          .sort((a, b) => (a.sequence < b.sequence ? -1 : 1)),
      ),
    listNeedingAttention: (wanted: LedgerStatus) => toList(all().filter(({ status }) => status === wanted)),
  };
}

export function indexMemoryArchive(archive: MemoryArchive): ArchiveIndex {
  return {
    async *list(from, to) {
      const keys = [...archive.objects.keys()].filter((key) => {
        const at = receivedAtOf(key);
        return key.startsWith('raw/') && at !== undefined && at >= from && at < to;
      });
      yield* keys.sort();
    },
  };
}
