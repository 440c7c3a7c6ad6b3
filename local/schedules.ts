// Stands for the scheduler of EventBridge: invokes the targets of rules when these are due.
import { randomUUID } from 'node:crypto';
import type { InvokeResult } from './invocation.ts';
import type { RulePlan } from './plan.ts';

export interface SchedulesOptions {
  rules: readonly RulePlan[];
  region: string;
  accountId: string;
  invoke: (functionName: string, event: unknown) => Promise<InvokeResult>;
}

export interface Schedules {
  /** Does at once what is due at some time; resolves with the names of the rules once their targets have ended. */
  fire(): Promise<string[]>;
  stop(): void;
}

/** Begins to wait; rules without a schedule are left to whoever sends their events. */
export function startSchedules({ rules, region, accountId, invoke }: SchedulesOptions): Schedules {
  const timers = new Map<RulePlan, NodeJS.Timeout>();
  const scheduled = rules.filter(({ nextDue, enabled }) => nextDue && enabled);

  function wait(rule: RulePlan): void {
    const { nextDue } = rule;
    if (!nextDue) return;
    timers.set(
      rule,
      setTimeout(() => {
        wait(rule);
        // What becomes of it is in the function's log, as on AWS.
        void callTargets(rule);
      }, nextDue(Date.now())),
    );
  }

  async function callTargets(rule: RulePlan): Promise<void> {
    await Promise.all(
      rule.targets.map(({ functionName, input }) => invoke(functionName, input ?? describeTime(rule))),
    );
  }

  function describeTime({ name }: RulePlan): object {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: accountId,
      time: new Date().toISOString().replace(/\.\d+Z$/, 'Z'),
      region,
      resources: [`arn:aws:events:${region}:${accountId}:rule/${name}`],
      detail: {},
    };
  }

  for (const rule of scheduled) wait(rule);
  return {
    fire: async () => {
      await Promise.all(scheduled.map(callTargets));
      return scheduled.map(({ name }) => name);
    },
    stop: () => {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}
