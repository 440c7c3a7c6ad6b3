// Faults that a test orders through PUT /_faults.
import { RefusedError, type StandInRequest } from './http-exchange.ts';
import {
  type Check,
  expectAll,
  expectList,
  expectNumber,
  expectObject,
  expectPattern,
  expectText,
  expectTextMap,
  isObject,
  refuse,
  requireShape,
} from './json-shape.ts';

/** An answer given without taking effect, or what happens to the connection instead of an answer. */
export type FaultAction =
  | { status: number; headers?: Record<string, string>; body?: unknown }
  | 'reset'
  | 'hang'
  | 'applied-then-reset';

export interface Fault {
  delayMs: number;
  action: FaultAction | undefined;
}

interface FaultRule extends Fault {
  method: string | undefined;
  path: RegExp | undefined;
  bodyContains: string | undefined;
  timesLeft: number;
}

interface FaultOrder {
  match?: { method?: string; path?: string; bodyContains?: string };
  times?: number;
  delayMs?: number;
  action?: FaultAction;
}

const checkAction: Check = (value, field) => {
  if (isObject(value)) {
    return expectObject(
      { status: expectWhole(200, 599) },
      { headers: expectTextMap(), body: () => undefined },
    )(value, field);
  }
  const names = ['reset', 'hang', 'applied-then-reset'];
  if (typeof value === 'string' && names.includes(value)) return undefined;
  return refuse(field, 'value', `must be {status, headers?, body?} or one of ${names.join(', ')}`);
};

const checkRule: Check = expectAll(
  expectObject(
    {},
    {
      match: expectObject(
        {},
        {
          method: expectPattern(/^[A-Za-z]+$/, 'a method name'),
          path: expectRegularExpression,
          bodyContains: expectText({ min: 1 }),
        },
      ),
      times: expectWhole(1, Number.MAX_SAFE_INTEGER),
      delayMs: expectNumber({ min: 0, max: 3_600_000 }),
      action: checkAction,
    },
  ),
  (value, field) =>
    isObject(value) && value.action === undefined && value.delayMs === undefined
      ? refuse(field, 'missing', 'needs an action, a delayMs or both')
      : undefined,
);

/** The ordered rules: the first match wins, and a rule whose `times` are used up no longer matches. */
export class FaultRules {
  #rules: FaultRule[] = [];

  /** @throws RefusedError 400 naming what is malformed; the rules in force stay. */
  replace(orders: unknown): number {
    if (!Array.isArray(orders)) throw new RefusedError(400, 'faults: the body must be a list of rules');
    requireShape(orders, (value) => expectList(checkRule)(value, 'faults'), 'faults');
    this.#rules = (orders as FaultOrder[]).map((order) => ({
      method: order.match?.method?.toUpperCase(),
      path: order.match?.path === undefined ? undefined : new RegExp(order.match.path),
      bodyContains: order.match?.bodyContains,
      timesLeft: order.times ?? Number.POSITIVE_INFINITY,
      delayMs: order.delayMs ?? 0,
      action: order.action,
    }));
    return this.#rules.length;
  }

  clear(): void {
    this.#rules = [];
  }

  /** The fault for this request, counted as used. */
  take(request: StandInRequest, body: unknown): Fault | undefined {
    const rule = this.#rules.find(
      (candidate) => candidate.timesLeft > 0 && matches(candidate, request, body),
    );
    if (rule) rule.timesLeft -= 1;
    return rule;
  }
}

function matches(rule: FaultRule, request: StandInRequest, body: unknown): boolean {
  if (rule.method !== undefined && rule.method !== request.method) return false;
  if (rule.path !== undefined && !rule.path.test(request.path)) return false;
  if (rule.bodyContains === undefined) return true;
  // The parsed form too, so that a search for plain text finds it however the sender escaped it.
  return (
    request.bytes.toString('utf8').includes(rule.bodyContains) ||
    (isObject(body) && JSON.stringify(body).includes(rule.bodyContains))
  );
}

function expectWhole(min: number, max: number): Check {
  return expectAll(expectNumber({ min, max }), (value, field) =>
    Number.isInteger(value) ? undefined : refuse(field, 'type', 'must be a whole number'),
  );
}

function expectRegularExpression(value: unknown, field: string): ReturnType<Check> {
  if (typeof value !== 'string') return refuse(field, 'type', 'must be a string');
  try {
    new RegExp(value);
    return undefined;
  } catch {
    return refuse(field, 'value', 'must be a regular expression');
  }
}
