// The gate in front of the desk: places come from the tenant's shared allowance in blocks, and the customers of this
// sandbox stand in one line for them. Whoever is ahead of its share comes after all others, and takes what is left.

import type { CircuitScope } from '../../core/policy/circuit.ts';
import { FairShare } from '../../core/policy/fair-share.ts';
import type { BackoffSettings } from '../../core/policy/retry.ts';
import type { Pace, RateNotice } from '../../core/policy/token-bucket.ts';
import { evenUseAfterMs, isNearlyUsedUp, paceOf } from '../../core/policy/token-bucket.ts';
import type {
  Allowance,
  Clock,
  DeskGate,
  GateReport,
  GateVisit,
  Randomness,
  SharedPace,
  Sleeper,
  Telemetry,
} from '../../core/ports.ts';
import { DeskCircuits } from './desk-circuits.ts';
import { PlacePool } from './place-pool.ts';

export interface PacedGateOptions {
  allowance: Allowance;
  clock: Clock;
  sleeper: Sleeper;
  randomness: Randomness;
  telemetry: Telemetry;
  /** Most the tenant may use; the desk's own word counts when it is less. */
  requestsPerMinute: number;
  backoff: BackoffSettings;
  /** How long a try of a troubled desk may take, ms. */
  probeMs: number;
  /** Name under which a customer's account is known to all sandboxes. */
  nameAccount(customerKey: string): string;
}

type Answer = Awaited<ReturnType<DeskGate['enter']>>;

interface Waiter {
  visit: GateVisit;
  account: string;
  since: number;
  answer(answer: Answer): void;
  fail(error: unknown): void;
}

/** Pause after a 429 that does not say how long. */
const defaultPauseMs = 1000;

export class PacedGate implements DeskGate {
  readonly #options: PacedGateOptions;
  readonly #circuits: DeskCircuits;
  readonly #places: PlacePool;
  readonly #fair = new FairShare();
  readonly #inside = new Map<GateVisit, { account: string; probing: CircuitScope[] }>();
  #pace: Pace;
  #line: Waiter[] = [];
  #serving = false;
  #wake: () => void = () => undefined;
  /** Places are given away up to here, so until then somebody waits. */
  #nextAt = 0;
  /** The desk's minute has nothing to spare before. */
  #spareAt = 0;
  #pausedUntil = 0;

  constructor(options: PacedGateOptions) {
    this.#options = options;
    this.#circuits = new DeskCircuits(options);
    this.#places = new PlacePool(options.allowance);
    this.#pace = paceOf(options.requestsPerMinute);
  }

  async enter(visit: GateVisit): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const since = this.#options.clock.now();
    const account = this.#options.nameAccount(visit.customerKey);
    this.#line.push({ visit, account, since, answer: resolve, fail: reject });
    this.#wake();
    if (!this.#serving) void this.#serveAll();
    return promise;
  }

  async leave(report: GateReport, visit: GateVisit): Promise<void> {
    const entry = this.#inside.get(visit);
    if (!entry) return;
    this.#inside.delete(visit);
    const now = this.#options.clock.now();
    if (report === 'unused') {
      this.#places.giveBack(now);
      this.#fair.refund(entry.account, now, this.#pace);
      this.#wake();
      return;
    }
    try {
      if (typeof report === 'object' && report.failure.kind === 'throttled')
        await this.#pause(now + (report.failure.details.retryAfterMs ?? defaultPauseMs));
      await this.#circuits.report(report, visit, entry.probing);
      if (this.#fair.isBusyUntold(entry.account, now, this.#pace)) await this.#exchange();
      // Taken ahead, so that the next customer finds a place; not while others wait for theirs.
      const within = this.#fair.withinShareAt(entry.account, this.#pace) <= now;
      if (within && this.#places.isLow && this.#nextAt <= now + this.#pace.burstMs) await this.#take(false);
    } catch (error) {
      this.#options.telemetry.problem('gate.store-failed', error);
    }
    // What was learned may send those in line away.
    this.#wake();
  }

  /** Follows what the desk says of its own count: its allowance when that is smaller, and the end of its minute. */
  follow(notice: RateNotice | undefined): void {
    const { requestsPerMinute, clock } = this.#options;
    if (!notice) {
      this.#pace = paceOf(requestsPerMinute);
      return;
    }
    this.#pace = paceOf(Math.min(requestsPerMinute, notice.allowedPerMinute));
    const now = clock.now();
    this.#spareAt = now + evenUseAfterMs(notice);
    if (isNearlyUsedUp(notice)) this.#quiet(now + notice.resetMs);
  }

  async #serveAll(): Promise<void> {
    this.#serving = true;
    try {
      while (this.#line.length > 0) await this.#serve();
    } catch (error) {
      for (const { fail } of this.#line.splice(0)) fail(error);
    } finally {
      this.#serving = false;
    }
  }

  /** One step: lets one in, takes a block, or waits for what comes first. */
  async #serve(): Promise<void> {
    const now = this.#options.clock.now();
    this.#sendAway(now);
    if (this.#line.length === 0) return;
    if (this.#pausedUntil > now) return this.#rest(this.#pausedUntil);
    const turn = this.#chooseNext(now);
    if (!('waiter' in turn)) return this.#rest(turn.readyAt);
    const place = this.#places.first(now);
    if (place === undefined) return this.#take(turn.spareOnly);
    if (place > now) return this.#rest(place);
    await this.#letIn(turn.waiter, now);
  }

  /** Nobody stands in line for a desk that is in trouble, nor longer than it can. */
  #sendAway(now: number): void {
    for (const waiter of [...this.#line]) {
      const delayMs = this.#circuits.closedForMs(waiter.visit);
      if (delayMs !== undefined) this.#answer(waiter, { open: false, delayMs, reason: 'circuit' });
      else if (waiter.visit.deadlineAt < now)
        this.#answer(waiter, { open: false, delayMs: 0, reason: 'pace' });
    }
  }

  #chooseNext(now: number): { waiter: Waiter; spareOnly: boolean } | { readyAt: number } {
    const withinAt = (waiter: Waiter) => this.#fair.withinShareAt(waiter.account, this.#pace);
    const within = this.#line.find((waiter) => withinAt(waiter) <= now);
    if (within) return { waiter: within, spareOnly: false };
    const [first] = this.#line;
    const hasPlace = (this.#places.first(now) ?? Number.POSITIVE_INFINITY) <= now;
    const spareAt = Math.max(this.#nextAt, this.#spareAt, hasPlace ? 0 : this.#places.spareAt);
    if (first && spareAt <= now) return { waiter: first, spareOnly: true };
    return { readyAt: Math.min(spareAt, ...this.#line.map(withinAt)) };
  }

  /** Waits, or until somebody comes; whoever has no time to wait so long is told to come again. */
  async #rest(until: number): Promise<void> {
    const { clock, sleeper } = this.#options;
    const now = clock.now();
    for (const waiter of [...this.#line]) {
      if (waiter.visit.deadlineAt < until) {
        this.#answer(waiter, { open: false, delayMs: until - now, reason: 'pace' });
      }
    }
    if (this.#line.length === 0) return;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    await sleeper.sleep(Math.max(Math.ceil(until - now), 1), woken);
  }

  async #take(spareOnly: boolean): Promise<void> {
    const now = this.#options.clock.now();
    const told = this.#fair.tell(now, this.#pace);
    this.#learn(await this.#places.take(this.#line.length, { now, pace: this.#pace, spareOnly, told }));
  }

  async #exchange(): Promise<void> {
    const now = this.#options.clock.now();
    const told = this.#fair.tell(now, this.#pace);
    this.#learn(await this.#places.exchange({ now, pace: this.#pace, told }));
  }

  async #letIn(waiter: Waiter, now: number): Promise<void> {
    const admission = await this.#circuits.admit(waiter.visit);
    if (!admission.open) return this.#answer(waiter, { ...admission, reason: 'circuit' });
    this.#places.use();
    this.#fair.charge(waiter.account, now, this.#pace);
    this.#inside.set(waiter.visit, { account: waiter.account, probing: admission.probing });
    this.#options.telemetry.count('DeskWaitMs', now - waiter.since);
    this.#answer(waiter, { open: true });
  }

  #answer(waiter: Waiter, answer: Answer): void {
    this.#line = this.#line.filter((other) => other !== waiter);
    waiter.answer(answer);
  }

  async #pause(until: number): Promise<void> {
    this.#options.telemetry.count('DeskPauses');
    if (until <= this.#pausedUntil) return;
    this.#quiet(until);
    this.#learn(await this.#options.allowance.pause(until));
  }

  #quiet(until: number): void {
    if (until <= this.#pausedUntil) return;
    this.#pausedUntil = until;
    this.#places.dropBefore(until);
  }

  #learn(shared: SharedPace): void {
    this.#nextAt = shared.nextAt;
    this.#quiet(shared.pausedUntil);
    this.#fair.learn(shared.accounts);
    this.#circuits.learn(shared);
  }
}
