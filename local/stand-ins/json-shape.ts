// Small building blocks for the providers' request contracts: each refuses what the provider does not document.
import { RefusedError } from './http-exchange.ts';

/** What is wrong with a value, and where (`content[0].attachment.url`). */
export interface Violation {
  field: string;
  rule: 'missing' | 'unknown' | 'type' | 'value' | 'limit';
  message: string;
}

/** Tells what is wrong with the value of a field; undefined when nothing is. */
export type Check = (value: unknown, field: string) => Violation | undefined;

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws RefusedError 400 naming the field at fault. */
export function requireShape(value: unknown, check: Check, what: string): void {
  const violation = check(value, '');
  if (violation) throw new RefusedError(400, `${what}: ${violation.message}`);
}

/** An object with all required fields, any optional ones, and no others. */
export function expectObject(required: Record<string, Check>, optional: Record<string, Check> = {}): Check {
  const checks = new Map(Object.entries({ ...optional, ...required }));
  return (value, field) => {
    if (!isObject(value)) return refuse(field, 'type', 'must be an object');
    const missing = Object.keys(required).find((name) => value[name] === undefined);
    if (missing) return refuse(join(field, missing), 'missing', 'is required');
    for (const [name, part] of Object.entries(value)) {
      const check = checks.get(name);
      if (!check) return refuse(join(field, name), 'unknown', 'is not a known field');
      const violation = check(part, join(field, name));
      if (violation) return violation;
    }
    return undefined;
  };
}

/** A string of `min` to `max` UTF-16 units. */
export function expectText({ min = 0, max = Number.POSITIVE_INFINITY } = {}): Check {
  return (value, field) => {
    if (typeof value !== 'string') return refuse(field, 'type', 'must be a string');
    if (value.length < min) return refuse(field, 'limit', `must have at least ${min} character(s)`);
    if (value.length > max) return refuse(field, 'limit', `must have at most ${max} characters`);
    return undefined;
  };
}

export function expectPattern(pattern: RegExp, description: string): Check {
  return (value, field) => {
    if (typeof value !== 'string') return refuse(field, 'type', 'must be a string');
    return pattern.test(value) ? undefined : refuse(field, 'value', `must be ${description}`);
  };
}

/** An absolute http or https address. */
export function expectUrl(): Check {
  return (value, field) => {
    if (typeof value !== 'string') return refuse(field, 'type', 'must be a string');
    const isWeb = /^https?:\/\//i.test(value) && URL.canParse(value);
    return isWeb ? undefined : refuse(field, 'value', 'must be an absolute http(s) URL');
  };
}

export function expectOneOf(allowed: readonly string[]): Check {
  return (value, field) => {
    if (typeof value !== 'string') return refuse(field, 'type', 'must be a string');
    if (allowed.includes(value)) return undefined;
    const message = `Value [${value}] is not valid for field type [${field}]. Allowable values are: ${allowed.join(', ')}`;
    return { field, rule: 'value', message };
  };
}

export function expectFlag(): Check {
  return (value, field) =>
    typeof value === 'boolean' ? undefined : refuse(field, 'type', 'must be true or false');
}

export function expectNumber({ min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = {}): Check {
  return (value, field) => {
    if (typeof value !== 'number' || !Number.isFinite(value))
      return refuse(field, 'type', 'must be a number');
    if (value < min || value > max) return refuse(field, 'limit', `must be between ${min} and ${max}`);
    return undefined;
  };
}

export function expectList(item: Check, { min = 0, max = Number.POSITIVE_INFINITY } = {}): Check {
  return (value, field) => {
    if (!Array.isArray(value)) return refuse(field, 'type', 'must be a list');
    if (value.length < min) return refuse(field, 'limit', `must have at least ${min} item(s)`);
    if (value.length > max) return refuse(field, 'limit', `must have at most ${max} item(s)`);
    for (const [index, part] of value.entries()) {
      const violation = item(part, `${field}[${index}]`);
      if (violation) return violation;
    }
    return undefined;
  };
}

/** A flat object whose values are all strings. */
export function expectTextMap(): Check {
  return (value, field) => {
    if (!isObject(value)) return refuse(field, 'type', 'must be an object');
    const odd = Object.entries(value).find(([, part]) => typeof part !== 'string');
    return odd && refuse(join(field, odd[0]), 'type', 'must be a string');
  };
}

export function expectAnyObject(): Check {
  return (value, field) => (isObject(value) ? undefined : refuse(field, 'type', 'must be an object'));
}

/** The first check, then the next if that holds. */
export function expectAll(...checks: Check[]): Check {
  return (value, field) => {
    for (const check of checks) {
      const violation = check(value, field);
      if (violation) return violation;
    }
    return undefined;
  };
}

export function refuse(field: string, rule: Violation['rule'], problem: string): Violation {
  return { field, rule, message: `${field || 'the body'} ${problem}` };
}

function join(field: string, name: string): string {
  return field ? `${field}.${name}` : name;
}
