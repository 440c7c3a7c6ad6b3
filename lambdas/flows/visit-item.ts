// One look at one message: claim it and touch the customer's profile, side by side; stop at duplicates, unknown numbers
// and identity conflicts, each with its visible end; stop at the customer's fence; else deliver.
import type { CustomerProfile } from '../core/model/customer.ts';
import type { LedgerRecord } from '../core/model/ledger-record.ts';
import type { ClaimDecision } from '../core/policy/claim.ts';
import { defaultCustomerId } from '../core/policy/identity.ts';
import { deliverClaimed } from './deliver-claimed.ts';
import type { FoundCustomer } from './find-customer.ts';
import { parkUnclaimed, passFence, removeStrayOfVisit } from './pass-fence.ts';
import type { DeliverItemPorts, ItemOutcome, Visit } from './visit.ts';
import { claimMessage, comeAgain, done, finish, giveBack, longestTurnMs, report } from './visit.ts';

type Number = { suspended: boolean } | undefined;

/** How often a conflict is looked at before it is left to a person; every look is one of the record's receives. */
const looksAtConflict = 6;

/**
 * `suspect`: it was there when a worker crashed, and is to be visited with nothing beside it.
 * @throws BridgeError `store-unavailable`
 */
export async function visitItem(
  visit: Visit,
  number: Number,
  isAlone: boolean,
  ports: DeliverItemPorts,
): Promise<ItemOutcome | 'suspect'> {
  const owner = ports.randomness.nextId();
  const leaseMs = ports.timing.leaseMs + (visit.slow ? ports.timing.mediaDeadlineMs : 0);
  const leaseUntil = ports.clock.now() + leaseMs;
  const willPost = number !== undefined && !number.suspended && visit.parkReason === undefined;
  const [claim, found] = await Promise.allSettled([
    claimMessage(visit, owner, leaseUntil, willPost && !visit.slow, ports),
    findCustomer(visit, owner, ports),
  ]);
  if (claim.status === 'rejected') throw claim.reason;
  const decision = claim.value;
  if (decision.state === 'settled') return skip(visit, decision.record, ports);
  if (decision.state === 'busy') return meetBusy(visit, decision, found, number, ports);

  const { record } = decision;
  const end = { visit, owner, customer: defaultCustomerId(visit.item) ?? '' };
  if (record.crashes > 0 && !isAlone && visit.parkReason === undefined) {
    await giveBack(end, {}, ports);
    return 'suspect';
  }
  if (found.status === 'rejected') {
    await giveBack(end, {}, ports);
    throw found.reason;
  }
  if (!number) return finish(end, 'QUARANTINED', 'unknown-number', ports);
  if (found.value.state === 'identity-conflict') return endConflict(end, found.value.since, ports);
  if (found.value.state !== 'found') return finish(end, 'QUARANTINED', found.value.state, ports);
  const { profile } = found.value;
  if (number.suspended)
    return finish({ ...end, customer: profile.customerId }, 'HELD', 'number-suspended', ports);
  const claimed = { visit, owner, leaseUntil, record, profile };
  return visit.parked ? deliverClaimed(claimed, ports) : passFence(claimed, ports);
}

async function findCustomer(visit: Visit, owner: string, ports: DeliverItemPorts): Promise<FoundCustomer> {
  const { known, item, envelope } = visit;
  return known ? { state: 'found', profile: known } : ports.customers.find(item, envelope, owner);
}

/** Delivered before, ended otherwise, or in the park, where its record was written last: nothing is left to do. */
async function skip(visit: Visit, record: LedgerRecord, ports: DeliverItemPorts): Promise<ItemOutcome> {
  const { status, customer } = record;
  // Parked just now: stores that answer a refused claim without its record are asked for it a moment later.
  if (visit.parked && status === 'PARKED') return comeAgain(visit);
  if (!visit.parked && status !== 'PARKED') await removeStrayOfVisit(visit, record, customer, ports);
  ports.telemetry.count('MessagesDuplicate');
  report('message.duplicate', visit, { status }, ports);
  return done;
}

/** A foreign claim is alive: its end is waited for, in the park if this record cannot wait in the queue any more. */
async function meetBusy(
  visit: Visit,
  { until, record }: Extract<ClaimDecision, { state: 'busy' }>,
  found: PromiseSettledResult<FoundCustomer>,
  number: Number,
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const profile: CustomerProfile | undefined =
    found.status === 'fulfilled' && found.value.state === 'found' ? found.value.profile : undefined;
  if (visit.parkReason !== undefined && profile && number && !number.suspended)
    return parkUnclaimed(visit, record, profile, ports);
  const leftMs = Math.max(until - ports.clock.now(), 0);
  return comeAgain(visit, visit.parked ? Math.min(leftMs, longestTurnMs) : leftMs);
}

/**
 * WhatsApp's own word on a change of ids travels in another message group and may come later: a conflict waits for it a
 * while before it is left to a person, with every later message of the same sender behind it.
 */
async function endConflict(
  end: { visit: Visit; owner: string; customer: string },
  since: number,
  ports: DeliverItemPorts,
): Promise<ItemOutcome> {
  const { visit } = end;
  const { holdMs } = ports.timing;
  const leftMs = visit.parkReason === undefined ? since + holdMs - ports.clock.now() : 0;
  const isFinal = leftMs <= 0 && (await ports.customers.park(visit.item, visit.envelope));
  if (isFinal) {
    ports.telemetry.count('IdentityConflicts');
    return finish(end, 'QUARANTINED', 'identity-conflict', ports);
  }
  await giveBack(end, {}, ports);
  const delayMs = Math.max(0, Math.min(leftMs, holdMs / looksAtConflict));
  report('message.in-conflict', visit, { delayMs }, ports);
  return comeAgain(visit, delayMs);
}
