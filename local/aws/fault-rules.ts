// Which calls are made to fail. Rules come from a test over HTTP, so they are checked to the last key: a fault that
// silently matches nothing proves nothing.

import type { AwsCall, AwsFault } from './local-aws.ts';

const RULE_KEYS = ['service', 'operation', 'function', 'times', 'delayMs', 'action'];

export class FaultRules {
  #rules: AwsFault[] = [];

  /** Replaces all rules. @throws Error naming the rule and the key that is malformed; the old rules stay. */
  replace(rules: unknown): void {
    if (!Array.isArray(rules)) throw new Error('faults must be a list of rules');
    this.#rules = rules.map((rule: unknown, index) => readRule(rule, `fault ${index}`));
  }

  /** The first rule that matches, with one of its times used up. */
  take(call: AwsCall): AwsFault | undefined {
    const rule = this.#rules.find((candidate) => matchesCall(candidate, call));
    if (rule?.times !== undefined) rule.times -= 1;
    return rule;
  }
}

function matchesCall(rule: AwsFault, call: AwsCall): boolean {
  return (
    rule.times !== 0 &&
    rule.service === call.service &&
    (rule.operation === undefined || rule.operation === call.operation) &&
    (rule.function === undefined || rule.function === call.function)
  );
}

function readRule(value: unknown, where: string): AwsFault {
  if (!isRecord(value)) throw new Error(`${where} must be an object`);
  const unknownKey = Object.keys(value).find((key) => !RULE_KEYS.includes(key));
  if (unknownKey) throw new Error(`${where}: unknown key "${unknownKey}", use ${RULE_KEYS.join(', ')}`);
  if (value.action === undefined && value.delayMs === undefined) {
    throw new Error(`${where} needs an action or delayMs`);
  }
  const service = readName(value.service, `${where}: service`);
  if (service === undefined) throw new Error(`${where} needs a service, e.g. "dynamodb"`);
  return {
    service: service.toLowerCase(),
    operation: readName(value.operation, `${where}: operation`),
    function: readName(value.function, `${where}: function`),
    times: readWhole(value.times, 1, `${where}: times`),
    delayMs: readWhole(value.delayMs, 0, `${where}: delayMs`),
    action: readAction(value.action, `${where}: action`),
  };
}

function readName(value: unknown, where: string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || value === '') throw new Error(`${where} must be a non-empty string`);
  return value;
}

function readWhole(value: unknown, min: number, where: string): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < min) {
    throw new Error(`${where} must be a whole number of at least ${min}`);
  }
  return value;
}

function readAction(value: unknown, where: string): AwsFault['action'] {
  if (value === undefined || value === 'applied-then-reset') return value;
  const keys = isRecord(value) ? Object.keys(value) : [];
  if (
    !isRecord(value) ||
    keys.length !== 1 ||
    typeof value.error !== 'string' ||
    !/^\w[\w.]*$/.test(value.error)
  ) {
    throw new Error(`${where} must be {"error": "<error name>"} or "applied-then-reset"`);
  }
  return { error: value.error };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
