// The redelivery state machine as Step Functions runs it: Wait → Drain (Retry, Catch) → Choice. Names are never used
// twice, and an execution may be ended from outside at any step.
import type { CallContext } from './calls.ts';
import type { Ending } from './functions.ts';

/** Input and output of the drain, as the machine passes them round. */
export interface RunState {
  handle: string;
  direction: 'in' | 'out';
  run: number;
  attempt: number;
  round: number;
  waitSeconds: number;
  state?: 'waiting' | 'open' | 'stopped';
}

const retries = 3;
const firstRetryMs = 2000;
/** Wait after a drain that failed in spite of its retries. */
const caughtWaitSeconds = 60;

export interface MachineOptions {
  context: CallContext;
  drain(input: RunState): Promise<Ending<RunState>>;
  /** False: an error of the drain ends the execution. */
  catches?: boolean;
}

export class RedeliveryMachine {
  /** Every name ever used. */
  readonly executions = new Map<string, 'running' | 'ended' | 'aborted'>();
  readonly #options: MachineOptions;

  constructor(options: MachineOptions) {
    this.#options = options;
  }

  /** A name that was used before starts nothing. */
  start(name: string, input: RunState): void {
    const { trace } = this.#options.context;
    trace(
      `${this.executions.has(name) ? 'no second' : 'starts'} execution ${name}, wait ${input.waitSeconds} s`,
    );
    if (this.executions.has(name)) return;
    this.executions.set(name, 'running');
    void this.#run(name, input).then((end) => {
      this.executions.set(name, end);
      trace(`execution ${name} ${end}`);
    });
  }

  async #run(name: string, input: RunState): Promise<'ended' | 'aborted'> {
    const { context, catches = true } = this.#options;
    const { time, plan, trace } = context;
    let state = input;
    for (;;) {
      await time.sleep(state.waitSeconds * 1000);
      if (plan.next('machine.step')?.mode.startsWith('crash')) return 'aborted';
      const ending = await this.#drain(state);
      if (ending.state === 'answered') state = ending.answer;
      else if (catches) state = { ...state, waitSeconds: caughtWaitSeconds, state: 'waiting' };
      else return 'aborted';
      trace(`execution ${name} is ${state.state ?? 'new'}, wait ${state.waitSeconds} s`);
      if (state.state !== 'waiting') return 'ended';
    }
  }

  async #drain(state: RunState): Promise<Ending<RunState>> {
    const { context, drain, catches = true } = this.#options;
    for (let retry = 0; ; retry += 1) {
      const ending = await drain(state);
      if (ending.state === 'answered' || retry === retries || !catches) return ending;
      await context.time.sleep(Math.round(firstRetryMs * 2 ** retry * context.random.next()));
    }
  }
}
