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

/** Begins to wait; rules without a schedule are left to whoever sends their events. @returns a function that ends it. */
export function startSchedules({ rules, region, accountId, invoke }: SchedulesOptions): () => void {
  const timers = new Map<RulePlan, NodeJS.Timeout>();

  function wait(rule: RulePlan): void {
    const { nextDue } = rule;
    if (!nextDue || !rule.enabled) return;
    timers.set(
      rule,
      setTimeout(() => {
        wait(rule);
        for (const { functionName, input } of rule.targets) {
          // What becomes of it is in the function's log, as on AWS.
          void invoke(functionName, input ?? describeTime(rule));
        }
      }, nextDue(Date.now())),
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

  for (const rule of rules) wait(rule);
  return () => {
    for (const timer of timers.values()) clearTimeout(timer);
  };
}
