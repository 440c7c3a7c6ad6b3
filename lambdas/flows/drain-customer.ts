// One attempt to deliver what waits behind a customer's fence, in order:
// 1. stop if this run is not the current one; 2. read the fence, then list the park, both consistently: whatever comes
// later changes the version that was read; 3. take the items one by one through the claim protocol, and out of the park
// after they are settled; stop at the first that cannot be delivered; 4. nothing left: open the fence, if nothing was
// parked since it was read. What to wait for next is the answer.
// Why in this order: docs/adr/0026-fence-and-park.md.
import { BridgeError } from '../core/errors.ts';
import type { Direction, Fence } from '../core/model/fence.ts';
import type { ParkedItem } from '../core/model/parked-item.ts';
import { reopenReason } from '../core/model/parked-item.ts';
import type { RedeliverySchedule } from '../core/policy/redelivery.ts';
import { isOverHorizon, mostRounds, redeliveryDelayMs } from '../core/policy/redelivery.ts';
import type { Clock, MessageLedger, Randomness, Telemetry } from '../core/ports.ts';
import type { FenceHandles, FencePlace, Fences, Park, RedeliveryRuns } from '../core/redelivery-ports.ts';
import { countCrash, endUnreadable } from './end-parked.ts';

/** What a run carries from attempt to attempt. */
export interface RunState {
  handle: string;
  direction: Direction;
  run: number;
  /** Attempts in a row without progress. */
  attempt: number;
  /** Attempts of this run. */
  round: number;
}

export interface DrainAnswer extends RunState {
  /** `stopped`: the fence is another run's business, or nobody's. */
  state: 'waiting' | 'open' | 'stopped';
  waitSeconds: number;
}

/** How the visit to a parked item ended: it has reached an end, or is PARKED again. */
export type ParkedVisit =
  | { state: 'done' }
  /** `trouble`: it was tried, or is known to be in vain for now; else it only waits for its turn. */
  | { state: 'back'; delayMs: number; trouble: boolean };

/** Takes an item of the park through the claim protocol. `expired`: its reader is told, and it ends EXPIRED. */
export type VisitParked = (
  item: ParkedItem,
  attempt: { deadlineAt: number; expired: boolean },
) => Promise<ParkedVisit>;

export interface DrainCustomerPorts {
  clock: Clock;
  randomness: Randomness;
  telemetry: Telemetry;
  handles: Pick<FenceHandles, 'find'>;
  fences: Pick<Fences, 'read' | 'open' | 'schedule' | 'restart'>;
  park: Pick<Park, 'list' | 'remove'>;
  ledger: Pick<MessageLedger, 'reopen' | 'claim' | 'finish'>;
  runs: RedeliveryRuns;
  redelivery: RedeliverySchedule;
  visitParked: Readonly<Record<Direction, VisitParked>>;
}

/** Items read at a time. */
const pageSize = 25;

type Drained = { state: 'open' | 'stopped' } | { state: 'back'; delayMs: number; trouble: boolean };

/** @throws BridgeError `store-unavailable`; the state machine then tries again. */
export async function drainCustomer(
  { handle, direction, run, attempt, round }: RunState,
  deadlineAt: number,
  ports: DrainCustomerPorts,
): Promise<DrainAnswer> {
  const state = { handle, direction, run, attempt, round: round + 1 };
  const place = await ports.handles.find(handle);
  if (!place) {
    ports.telemetry.count('RunsWithoutCustomer');
    return { ...state, state: 'stopped', waitSeconds: 0 };
  }
  const progress = { delivered: 0 };
  const drained = await drain({ ...place, direction }, run, deadlineAt, progress, ports);
  const answer =
    drained.state === 'back'
      ? await planNext(state, { ...place, direction }, drained, progress.delivered > 0, ports)
      : ({ ...state, state: drained.state, waitSeconds: 0 } as const);
  const { delivered } = progress;
  ports.telemetry.event('park.drained', { handle, direction, run, delivered, ...pick(answer) });
  return answer;
}

const pick = ({ state, attempt, round, waitSeconds }: DrainAnswer) => ({
  state,
  attempt,
  round,
  waitSeconds,
});

async function drain(
  place: FencePlace,
  run: number,
  deadlineAt: number,
  progress: { delivered: number },
  ports: DrainCustomerPorts,
): Promise<Drained> {
  const { fences, park, telemetry } = ports;
  for (;;) {
    const fence = await fences.read(place);
    if (fence.run !== run) return { state: 'stopped' };
    if (fence.state === 'open') return { state: 'open' };
    const items = await park.list(place, pageSize);
    if (items.length === 0) {
      if (!(await fences.open(place, fence))) continue;
      telemetry.count('FencesOpened');
      return { state: 'open' };
    }
    for (const item of items) {
      const visit = await visitItem(item, deadlineAt, ports);
      if (visit.state === 'back') {
        // An attempt that has no time for a single item must not come back at once for ever.
        const isInVain = visit.delayMs === 0 && progress.delivered === 0;
        return { ...visit, trouble: visit.trouble || isInVain };
      }
      await park.remove(item);
      progress.delivered += 1;
    }
  }
}

async function visitItem(
  item: ParkedItem,
  deadlineAt: number,
  ports: DrainCustomerPorts,
): Promise<ParkedVisit> {
  const { clock, ledger, redelivery, telemetry, visitParked } = ports;
  const { key, replay, reason, acceptedAt, direction } = item;
  const now = clock.now();
  const expired = isOverHorizon(acceptedAt, now, redelivery);
  if (replay !== '' && reason === reopenReason) await ledger.reopen(key, replay, now);
  try {
    return await visitParked[direction](item, { deadlineAt, expired });
  } catch (error) {
    // Trouble that has a name passes, and the state machine tries again; a bug does not.
    if (error instanceof BridgeError && error.kind !== 'invariant-broken') throw error;
    const isUnreadable = error instanceof SyntaxError;
    const name = isUnreadable ? 'park.unreadable' : 'park.visit-crashed';
    telemetry.problem(name, error, { direction, sequence: item.sequence, expired });
    if (!isUnreadable) return countCrash(item, ports);
    // An earlier release may be running again: its successor would read it. Past the horizon nobody waits for that.
    return expired ? endUnreadable(item, ports) : { state: 'back', delayMs: 0, trouble: true };
  }
}

/** Delays grow from attempt to attempt and start anew after progress; waiting for one's turn is no attempt. */
async function planNext(
  state: RunState,
  place: FencePlace,
  { delayMs, trouble }: { delayMs: number; trouble: boolean },
  hasProgress: boolean,
  ports: DrainCustomerPorts,
): Promise<DrainAnswer> {
  const { redelivery, randomness, clock, fences } = ports;
  const attempt = hasProgress ? 0 : state.attempt + (trouble ? 1 : 0);
  const scheduledMs = redeliveryDelayMs(attempt, redelivery, randomness.next());
  const waitMs = trouble ? Math.max(scheduledMs, delayMs) : delayMs;
  const waitSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  const next = { ...state, attempt, waitSeconds };
  const nextAttemptAt = clock.now() + waitSeconds * 1000;
  if (state.round >= mostRounds) return startAnew(next, place, nextAttemptAt, ports);
  const isCurrent = await fences.schedule(place, state.run, nextAttemptAt);
  return { ...next, state: isCurrent ? 'waiting' : 'stopped' };
}

/** An execution has room for so many events only: another one goes on under the next number. */
async function startAnew(
  state: RunState & { waitSeconds: number },
  place: FencePlace,
  nextAttemptAt: number,
  { fences, runs }: DrainCustomerPorts,
): Promise<DrainAnswer> {
  const seen: Fence = await fences.read(place);
  const restarted = seen.run === state.run ? await fences.restart(place, seen, nextAttemptAt) : undefined;
  if (restarted) await runs.start({ ...place, run: restarted.run, delaySeconds: state.waitSeconds });
  return { ...state, state: 'stopped' };
}
