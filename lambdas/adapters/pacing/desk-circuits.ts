// Keeps requests back while the desk, or a number at it, is in trouble as a whole. One request at a time is let through
// to see whether it is over. Costs no call while all is well: what the others know comes with their places.
import type { BridgeError } from '../../core/errors.ts';
import type { Circuit, CircuitScope } from '../../core/policy/circuit.ts';
import { FailureRun, openingMs } from '../../core/policy/circuit.ts';
import type { BackoffSettings } from '../../core/policy/retry.ts';
import type {
  Allowance,
  Clock,
  GateReport,
  GateVisit,
  Randomness,
  SharedPace,
  Telemetry,
} from '../../core/ports.ts';

export interface DeskCircuitsOptions {
  allowance: Allowance;
  clock: Clock;
  randomness: Randomness;
  telemetry: Telemetry;
  backoff: BackoffSettings;
  /** How long a try may take until another one is made, ms. */
  probeMs: number;
}

/** Answer at the door: `probing` are the scopes this request is a try of. */
export type Admission = { open: true; probing: CircuitScope[] } | { open: false; delayMs: number };

/** Waits are spread over this part of them, so that not everybody comes back at once. */
const jitterShare = 0.25;

export class DeskCircuits {
  readonly #options: DeskCircuitsOptions;
  readonly #run = new FailureRun();
  #circuits: ReadonlyMap<string, Circuit> = new Map();

  constructor(options: DeskCircuitsOptions) {
    this.#options = options;
  }

  learn(shared: SharedPace): void {
    this.#circuits = shared.circuits;
  }

  /** How long the visit has to stay away at least, as far as this sandbox knows; undefined when not at all. */
  closedForMs({ numberId }: GateVisit): number | undefined {
    return this.#closedForMs(scopesOf(numberId));
  }

  #closedForMs(scopes: readonly CircuitScope[]): number | undefined {
    const until = scopes.flatMap((scope) => {
      const circuit = this.#circuits.get(scope);
      return circuit ? [circuit.openUntil, circuit.probeUntil] : [];
    });
    const waitMs = Math.max(0, ...until) - this.#options.clock.now();
    return waitMs > 0 ? waitMs * (1 + jitterShare * this.#options.randomness.next()) : undefined;
  }

  /** @throws BridgeError `store-unavailable` */
  async admit(visit: GateVisit): Promise<Admission> {
    const { allowance, clock, probeMs } = this.#options;
    const probing: CircuitScope[] = [];
    for (const scope of scopesOf(visit.numberId)) {
      if (!this.#circuits.has(scope)) continue;
      // Of this scope alone: the try of another one that is ours already would otherwise keep ourselves away, for ever.
      const delayMs = this.#closedForMs([scope]);
      if (delayMs !== undefined) return { open: false, delayMs };
      const { mine, shared } = await allowance.probeCircuit(scope, clock.now(), clock.now() + probeMs);
      this.learn(shared);
      if (mine) probing.push(scope);
      else if (shared.circuits.has(scope)) return { open: false, delayMs: this.closedForMs(visit) ?? 0 };
    }
    return { open: true, probing };
  }

  /** Learns from how a visit ended. @throws BridgeError `store-unavailable` */
  async report(report: GateReport, visit: GateVisit, probing: readonly CircuitScope[]): Promise<void> {
    if (report === 'unused') return;
    const failure = report === 'delivered' ? undefined : report.failure;
    if (failure === undefined || !isDeskTrouble(failure)) this.#run.end();
    const inTrouble = failure && this.#run.add(failure, visit);
    for (const scope of new Set([...probing, ...(inTrouble ? [inTrouble] : [])])) {
      if (scope === inTrouble || (failure && isTroubleOf(scope, failure))) await this.#open(scope, failure);
      else await this.#close(scope);
    }
  }

  async #open(scope: CircuitScope, failure: BridgeError | undefined): Promise<void> {
    const { allowance, clock, backoff, telemetry } = this.#options;
    const now = clock.now();
    const known = this.#circuits.get(scope);
    if (known && known.openUntil > now) return;
    const openings = (known?.openings ?? 0) + 1;
    const openMs = openingMs(openings, backoff);
    telemetry.count('CircuitsOpened');
    telemetry.problem('circuit.opened', failure, { scope, openings, openMs });
    this.learn(await allowance.openCircuit(scope, { openUntil: now + openMs, openings, probeUntil: 0 }, now));
  }

  async #close(scope: CircuitScope): Promise<void> {
    const { allowance, telemetry } = this.#options;
    telemetry.event('circuit.closed', { scope });
    this.learn(await allowance.closeCircuit(scope));
  }
}

function scopesOf(numberId: string): CircuitScope[] {
  return ['desk', `number-${numberId}`];
}

function isDeskTrouble({ kind }: BridgeError): boolean {
  return kind === 'provider-unavailable' || kind === 'delivery-unknown';
}

function isTroubleOf(scope: CircuitScope, failure: BridgeError): boolean {
  if (scope === 'desk') return isDeskTrouble(failure);
  return (
    isDeskTrouble(failure) || failure.kind === 'credential-rejected' || failure.kind === 'integration-missing'
  );
}
