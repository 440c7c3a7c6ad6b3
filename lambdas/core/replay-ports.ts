// What replay and audit need of the world besides redelivery: finding messages in the archive and in the ledger.
import type { InboundItem } from './model/envelope.ts';
import type { Direction } from './model/fence.ts';
import type { LedgerRecord, LedgerStatus } from './model/ledger-record.ts';
import type { OutboundItem } from './model/outbound-envelope.ts';

/** Raw webhooks by time. @throws BridgeError `store-unavailable` */
export interface ArchiveIndex {
  /** Keys of what was received from `from` to before `to` (epoch ms), in the order of their times. */
  list(from: number, to: number): AsyncIterable<string>;
}

/** Searches the ledger. @throws BridgeError `store-unavailable` */
export interface LedgerSearch {
  /** Records of these keys that exist. */
  readMany(keys: readonly string[]): Promise<LedgerRecord[]>;
  /** Every record that belongs to an id of WhatsApp or of Genesys. */
  findById(numberIds: readonly string[], id: string): Promise<LedgerRecord[]>;
  /** Records filed under a phone, BSUID or customer id, by acceptance order. */
  listOfCustomer(customer: string): AsyncIterable<LedgerRecord>;
  /** Records that need attention, in the order in which they came to. */
  listNeedingAttention(status: LedgerStatus): AsyncIterable<LedgerRecord>;
}

/** An item of a raw webhook, with what its envelope would say. */
export interface RawItem {
  direction: Direction;
  numberId: string;
  customerKey: string;
  key: string;
  rawKey: string;
  receivedAt: number;
  /** Place in its webhook. */
  index: number;
  item: InboundItem | OutboundItem;
}
