// State machines, and rules of EventBridge: what starts functions besides routes and queues.
import { type MachinePlan, readDefinition } from './aws/machine-definition.ts';
import type { FunctionPlan, RulePlan } from './plan.ts';
import { readSchedule } from './schedule-time.ts';
import type { ResolvedResource } from './template-reader.ts';

interface MachineProperties {
  StateMachineName: string;
  StateMachineType?: string;
  DefinitionString?: unknown;
  DefinitionSubstitutions?: unknown;
}

interface RuleProperties {
  Name: string;
  State?: string;
  ScheduleExpression?: string;
  EventPattern?: object;
  Targets?: Record<string, unknown>[];
}

/** What the local run does, or AWS does by itself when something fails. */
const knownTargetFields = ['Id', 'Arn', 'Input', 'RetryPolicy', 'DeadLetterConfig'];

/** @throws Error naming the machine and what of it cannot be run here. */
export function readMachines(machines: ResolvedResource[], functions: FunctionPlan[]): MachinePlan[] {
  return machines.map(({ where, ref, properties }) => {
    const { StateMachineName, StateMachineType, DefinitionString, DefinitionSubstitutions } =
      properties as unknown as MachineProperties;
    if (StateMachineType !== undefined && StateMachineType !== 'STANDARD') {
      throw new Error(`${where}: the local run cannot run state machines of type ${StateMachineType}`);
    }
    if (typeof DefinitionString !== 'string' || DefinitionSubstitutions !== undefined) {
      throw new Error(`${where}: only a DefinitionString without substitutions is known`);
    }
    const { definition, tasks } = readDefinition(DefinitionString, where);
    for (const { functionArn } of Object.values(tasks)) requireFunction(functions, functionArn, where);
    return { name: StateMachineName, arn: ref, definition, tasks };
  });
}

/** @throws Error naming the rule and what of it cannot be followed here. */
export function readRules(rules: ResolvedResource[], functions: FunctionPlan[]): RulePlan[] {
  return rules.map(({ where, properties }) => {
    const {
      Name,
      State = 'ENABLED',
      ScheduleExpression,
      Targets = [],
    } = properties as unknown as RuleProperties;
    const isEvent = typeof properties.EventPattern === 'object';
    if ((ScheduleExpression === undefined) !== isEvent) {
      throw new Error(`${where}: a rule needs either a schedule or an event pattern`);
    }
    return {
      name: Name,
      enabled: State === 'ENABLED',
      targets: Targets.map((target) => readTarget(target, functions, where)),
      ...(ScheduleExpression !== undefined && { nextDue: readSchedule(ScheduleExpression, where) }),
    };
  });
}

function readTarget(
  target: Record<string, unknown>,
  functions: FunctionPlan[],
  where: string,
): RulePlan['targets'][number] {
  const unknown = Object.keys(target).find((key) => !knownTargetFields.includes(key));
  if (unknown !== undefined) throw new Error(`${where}: the local run does not know ${unknown} of a target`);
  const functionName = requireFunction(functions, String(target.Arn), where);
  return { functionName, ...(typeof target.Input === 'string' && { input: JSON.parse(target.Input) }) };
}

/** @returns its name. */
function requireFunction(functions: FunctionPlan[], arn: string, where: string): string {
  const name = arn.split(':').at(-1);
  const found = functions.find((one) => one.name === name);
  if (!found || !arn.startsWith('arn:aws:lambda:')) {
    throw new Error(`${where}: ${arn} is no function of the templates`);
  }
  return found.name;
}
