// A ledger in memory, trusted because it passes the same contract as the one on DynamoDB.
import type { DeskOption } from '../../lambdas/core/model/desk-message.ts';
import type { LedgerRecord } from '../../lambdas/core/model/ledger-record.ts';
import { sentKey } from '../../lambdas/core/model/ledger-record.ts';
import type { ClaimRequest, MessageLedger } from '../../lambdas/core/ports.ts';

/** Where a wamid leads. */
export interface MemorySent {
  genesysId: string;
  options: Readonly<Record<string, DeskOption>>;
  snippet?: string;
  key?: string;
  part?: number;
}

export class MemoryLedger implements MessageLedger {
  readonly records = new Map<string, LedgerRecord>();
  /** Messages of the desk that customers may answer, by ledger key. */
  readonly sent = new Map<string, MemorySent>();
  /** Calls made, by method. */
  readonly calls: string[] = [];
  readonly #rememberSeconds: number;

  constructor(rememberDays = 35) {
    this.#rememberSeconds = rememberDays * 86_400;
  }

  async claim(request: ClaimRequest) {
    this.calls.push('claim');
    const { owner, now, leaseUntil, willTry, keepTried = false, fromPark = false, ...facts } = request;
    const old = this.records.get(request.key);
    const expired = old !== undefined && old.ttl <= Math.floor(now / 1000);
    const isFree = old?.status === 'INFLIGHT' ? old.leaseUntil <= now : fromPark && old?.status === 'PARKED';
    if (old && !expired && !isFree) {
      return { won: false, record: { ...old } };
    }
    const record: LedgerRecord = {
      ...facts,
      ...old,
      status: 'INFLIGHT',
      owner,
      leaseUntil,
      tried: keepTried ? (old?.tried ?? 0) : willTry ? 1 : 0,
      open: 1,
      firstClaimedAt: old?.firstClaimedAt ?? now,
      attempts: (old?.attempts ?? 0) + 1,
      crashes: (old?.crashes ?? 0) + (old?.open ?? 0),
      ambiguous: (old?.ambiguous ?? 0) + (old?.tried ?? 0),
      ttl: Math.floor(now / 1000) + this.#rememberSeconds,
    };
    this.records.set(request.key, record);
    return { won: true, record: { ...record } };
  }

  async begin(key: string, owner: string, { now, leaseUntil, media }: Parameters<MessageLedger['begin']>[2]) {
    this.calls.push('begin');
    if (!this.#isMine(key, owner) || (this.records.get(key)?.leaseUntil ?? 0) <= now) return false;
    this.#change(key, { tried: 1, leaseUntil, ...(media === undefined ? {} : { media }) });
    return true;
  }

  async readSnippet(key: string) {
    this.calls.push('readSnippet');
    return this.records.get(key)?.snippet ?? this.sent.get(key)?.snippet;
  }

  async readOriginating(numberId: string, quotedId: string) {
    this.calls.push('readOriginating');
    const sent = this.sent.get(sentKey(numberId, quotedId));
    return sent && { genesysId: sent.genesysId, options: sent.options };
  }

  async settle(key: string, owner: string, settlement: Parameters<MessageLedger['settle']>[2]) {
    this.calls.push('settle');
    const { at: _at, ...facts } = settlement;
    this.#change(key, { ...facts, status: 'DELIVERED', owner, open: 0, leaseUntil: 0 });
  }

  async release(key: string, owner: string, outcome: Parameters<MessageLedger['release']>[2]) {
    this.calls.push('release');
    if (!this.#isMine(key, owner)) return;
    const { keepTried, refusal } = outcome;
    this.#change(key, {
      leaseUntil: 0,
      open: 0,
      ...(keepTried ? {} : { tried: 0 }),
      ...(refusal === undefined ? {} : { refusal }),
    });
  }

  async park(key: string, owner: string, parking: Parameters<MessageLedger['park']>[2]) {
    this.calls.push('park');
    const { customer, reason, keepTried } = parking;
    if (!this.#isMine(key, owner)) return;
    const waiting = { status: 'PARKED', customer, reason, open: 0, leaseUntil: 0 } as const;
    this.#change(key, { ...waiting, ...(keepTried ? {} : { tried: 0 }) });
  }

  async reopen(key: string, replay: string) {
    this.calls.push('reopen');
    const record = this.records.get(key);
    if (!record || !['FAILED', 'HELD', 'QUARANTINED'].includes(record.status)) return;
    if (record.replay !== undefined && record.replay >= replay) return;
    const { refusal: _refusal, media: _media, ...kept } = record;
    this.records.set(key, { ...kept, status: 'PARKED', replay, crashes: 0 });
  }

  async read(key: string) {
    this.calls.push('read');
    const record = this.records.get(key);
    return record && { ...record };
  }

  async finish(key: string, owner: string, end: Parameters<MessageLedger['finish']>[2]) {
    this.calls.push('finish');
    const { at: _at, ...facts } = end;
    const isMine = this.#isMine(key, owner);
    if (isMine) this.#change(key, { ...facts, open: 0, leaseUntil: 0, tried: 0 });
    return isMine;
  }

  #isMine(key: string, owner: string): boolean {
    const record = this.records.get(key);
    return record?.owner === owner && record.status === 'INFLIGHT';
  }

  #change(key: string, change: Partial<LedgerRecord>): void {
    const record = this.records.get(key);
    if (record) Object.assign(record, change);
  }
}
