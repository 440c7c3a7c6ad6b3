// The reckoning: what the bridge took, against what Genesys, WhatsApp, the ledger and the stores know of it. Pure.
import type { LedgerRecord } from '../lambdas/core/model/ledger-record.ts';
import type { Accepted } from './traffic.ts';

/** A message that reached the other side, in the order in which they did. */
export interface Arrival {
  id: string;
  customer: string;
}

export interface Observed {
  /** Messages Genesys took. */
  shown: Arrival[];
  /** Replies WhatsApp took. */
  sent: Arrival[];
  /** Receipts Genesys took. */
  receipts: { id: string; status: string }[];
  /** By provider id, or Genesys id of a reply. */
  records: ReadonlyMap<string, LedgerRecord>;
  /** Whatever is not at rest, in words. */
  restless: string[];
  audit: { received: number; balanced: boolean; missing: string[] };
  /** Webhooks that could not be archived and are no part of the audit. */
  archiveFailures: number;
}

export interface Reckoning {
  /** Each with the id it is about; empty when everything is accounted for. */
  differences: string[];
  figures: [what: string, count: number][];
}

/** One direction: what was taken, what arrived, and how a message may have ended otherwise. */
interface Direction {
  taken: ReadonlyMap<string, string[]>;
  arrivals: readonly Arrival[];
  /** Why the end of a message that did not arrive is not good enough; undefined when it is. */
  findFault(id: string, record: LedgerRecord): string | undefined;
}

export function reckon(accepted: Accepted, observed: Observed): Reckoning {
  const { written, replied, forged, forgedAnswers } = accepted;
  const inbound = checkDirection({
    taken: written,
    arrivals: observed.shown,
    findFault: (_id, { status, reason, crashes }) =>
      status === 'FAILED' && reason === 'poison' && crashes >= 3 ? undefined : `ended ${status} (${reason})`,
  });
  const receipts = Map.groupBy(observed.receipts, ({ id }) => id);
  const outbound = checkDirection({
    taken: replied,
    arrivals: observed.sent,
    findFault: (id, { status, reason }) => {
      const isTold = receipts.get(id)?.some((receipt) => receipt.status === 'Failed');
      return status === 'FAILED' && isTold
        ? undefined
        : `ended ${status} (${reason}), and the agent was not told`;
    },
  });
  const known = new Set([...written.values()].flat());
  const strange = observed.shown.filter(({ id }) => !known.has(id)).map(({ id }) => id);
  const [messages, replies] = [countOf(written), countOf(replied)];
  return {
    differences: [
      ...inbound.differences(observed.records),
      ...outbound.differences(observed.records),
      ...checkReceipts(replied, observed),
      ...strange.map(
        (id) => `${id} was shown although ${forged.includes(id) ? 'it was forged' : 'nobody wrote it'}`,
      ),
      ...forgedAnswers.map((status) => `a forged webhook was answered ${status}`),
      ...observed.restless,
      ...checkAudit(messages + replies, observed),
    ],
    figures: [
      ['webhooks taken', accepted.webhooks],
      ['of them posted twice', accepted.repeats],
      ['posts made again, since not answered 200', accepted.postedAgain],
      ['forged webhooks refused', forged.length],
      ['messages of customers', messages],
      ['shown to agents', inbound.arrived],
      ['shown more than once, recorded as ambiguous', inbound.doubled],
      ['replaced by a notice after three crashes', inbound.givenUp(observed.records)],
      ['replies of agents', replies],
      ['sent to customers', outbound.arrived],
      ['failed, and the agent told', outbound.givenUp(observed.records)],
      ['receipts told', observed.receipts.length],
    ],
  };
}

const countOf = (lists: ReadonlyMap<string, string[]>): number =>
  [...lists.values()].reduce((sum, { length }) => sum + length, 0);

function checkDirection({ taken, arrivals, findFault }: Direction) {
  const counts = new Map<string, number>();
  const firsts = new Map<string, string[]>();
  for (const { id, customer } of arrivals) {
    counts.set(id, (counts.get(id) ?? 0) + 1);
    if (counts.get(id) === 1) firsts.set(customer, [...(firsts.get(customer) ?? []), id]);
  }
  const ids = [...taken.values()].flat();

  function* find(records: ReadonlyMap<string, LedgerRecord>): Generator<string> {
    for (const [customer, order] of taken) {
      for (const id of order) {
        const fault = findFaultOf(id, records.get(id));
        if (fault !== undefined) yield `${id} of ${customer} ${fault}`;
      }
      // What was given up has no place among what arrived, or that of its notice.
      const wanted = order.filter((id) => counts.has(id));
      const found = (firsts.get(customer) ?? []).filter((id) => order.includes(id));
      const at = found.findIndex((id, index) => id !== wanted[index]);
      if (at >= 0) yield `${found[at]} of ${customer} overtook ${wanted[at]}`;
      if (found.length !== wanted.length) yield `messages of ${customer} went to somebody else`;
    }
  }

  function findFaultOf(id: string, record: LedgerRecord | undefined): string | undefined {
    const count = counts.get(id) ?? 0;
    if (!record) return 'has no record: it is lost';
    if (count > 1 && record.ambiguous === 0) return `arrived ${count} times and is not recorded as ambiguous`;
    if (record.status !== 'DELIVERED') return findFault(id, record);
    return count === 0 ? 'is recorded as delivered and did not arrive' : undefined;
  }

  return {
    differences: (records: ReadonlyMap<string, LedgerRecord>) => [...find(records)],
    arrived: ids.filter((id) => counts.has(id)).length,
    doubled: ids.filter((id) => (counts.get(id) ?? 0) > 1).length,
    givenUp: (records: ReadonlyMap<string, LedgerRecord>) =>
      ids.filter((id) => records.get(id)?.status === 'FAILED').length,
  };
}

/** The agent learns the fate of each reply, once unless telling it had an unknown outcome itself. */
function* checkReceipts(replied: Accepted['replied'], { receipts, records }: Observed): Generator<string> {
  const told = Map.groupBy(receipts, ({ id }) => id);
  for (const id of [...replied.values()].flat()) {
    const statuses = told.get(id)?.map(({ status }) => status) ?? [];
    const { status, sending } = records.get(id) ?? {};
    if (statuses.length === 0) yield `${id}: the agent never learned what became of it (${status})`;
    if (new Set(statuses).size > 1) yield `${id}: the agent was told ${statuses.join(' and ')}`;
    if (statuses.length > 1 && (sending?.receiptAttempts ?? 0) < 2)
      yield `${id}: the agent was told ${statuses.length} times without need`;
  }
}

function* checkAudit(taken: number, { audit, archiveFailures }: Observed): Generator<string> {
  for (const id of audit.missing) yield `${id} is in the archive and not in the ledger`;
  if (!audit.balanced) yield 'the audit does not balance';
  const isShort = audit.received < taken && archiveFailures === 0;
  if (isShort || audit.received > taken)
    yield `the audit counts ${audit.received} messages received, and ${taken} were taken`;
}
