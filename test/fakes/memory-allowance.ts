// The tenant's allowance in memory, trusted because it passes the same contract as the one on DynamoDB.
import type { Circuit } from '../../lambdas/core/policy/circuit.ts';
import { takeBlock } from '../../lambdas/core/policy/token-bucket.ts';
import type { Allowance, SharedPace } from '../../lambdas/core/ports.ts';

export class MemoryAllowance implements Allowance {
  readonly calls: string[] = [];
  readonly accounts = new Map<string, number>();
  readonly circuits = new Map<string, Circuit>();
  nextAt = 0;
  pausedUntil = 0;
  /** Thrown by every call while it is set. */
  broken: Error | undefined;

  async take(request: Parameters<Allowance['take']>[0]) {
    this.#note('take');
    const block = takeBlock(this.nextAt, request);
    if (!block) return { shared: this.#view() };
    this.nextAt = block.nextAt;
    for (const [account, paidUntil] of this.accounts)
      if (paidUntil <= request.now) this.accounts.delete(account);
    for (const [account, ms] of request.told)
      this.accounts.set(account, Math.max(this.accounts.get(account) ?? 0, request.now) + ms);
    return { startAt: block.startAt, shared: this.#view() };
  }

  async pause(until: number) {
    this.#note('pause');
    this.pausedUntil = Math.max(this.pausedUntil, until);
    return this.#view();
  }

  async openCircuit(scope: string, circuit: Circuit, now: number) {
    this.#note('openCircuit');
    if ((this.circuits.get(scope)?.openUntil ?? 0) <= now) this.circuits.set(scope, { ...circuit });
    return this.#view();
  }

  async probeCircuit(scope: string, now: number, probeUntil: number) {
    this.#note('probeCircuit');
    const circuit = this.circuits.get(scope);
    const mine = circuit !== undefined && circuit.openUntil <= now && circuit.probeUntil <= now;
    if (mine) this.circuits.set(scope, { ...circuit, probeUntil });
    return { mine, shared: this.#view() };
  }

  async closeCircuit(scope: string) {
    this.#note('closeCircuit');
    this.circuits.delete(scope);
    return this.#view();
  }

  #note(call: string): void {
    this.calls.push(call);
    if (this.broken) throw this.broken;
  }

  #view(): SharedPace {
    return {
      nextAt: this.nextAt,
      pausedUntil: this.pausedUntil,
      accounts: new Map(this.accounts),
      circuits: new Map(this.circuits),
    };
  }
}
