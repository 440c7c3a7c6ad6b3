// The small vocabulary in which tenant-fields.ts says what a tenant file may hold.
import { suggestName } from './nearest-name.ts';
import { TenantFileError } from './tenant-file-error.ts';

/** Where a value stands, for messages. */
export interface Place {
  file: string;
  path: string;
}

/** Checks one value. @throws TenantFileError naming the place and the fix. */
export type FieldRule = (value: unknown, place: Place) => void;

/** An object whose keys are all known; keys may be left out, because a stage overrides only some of them. */
export function sectionOf(fields: Record<string, FieldRule>, required: readonly string[] = []): FieldRule {
  return (value, place) => {
    if (!isPlainObject(value)) throw refuse(place, `must be an object { … }, not ${describe(value)}`);
    for (const key of required) {
      if (value[key] === undefined) throw refuse(within(place, key), `is missing; add "${key}" here`);
    }
    for (const [key, child] of Object.entries(value)) {
      const rule = Object.hasOwn(fields, key) ? fields[key] : undefined;
      if (!rule) {
        const known = Object.keys(fields);
        throw refuse(
          within(place, key),
          `unknown key.${suggestName(key, known)} Known keys: ${known.join(', ')}`,
        );
      }
      rule(child, within(place, key));
    }
  };
}

/** An object whose keys are the tenant's own, of the given form; `form` is the form in words. */
export function mapOf(keys: RegExp, form: string, rule: FieldRule): FieldRule {
  return (value, place) => {
    if (!isPlainObject(value)) throw refuse(place, `must be an object { … }, not ${describe(value)}`);
    for (const [key, child] of Object.entries(value)) {
      if (!keys.test(key)) throw refuse(within(place, key), `its key must be ${form}`);
      rule(child, within(place, key));
    }
  };
}

/** A list, perhaps an empty one, each element following the rule. */
export function anyListOf(rule: FieldRule): FieldRule {
  return (value, place) => {
    if (!Array.isArray(value)) throw refuse(place, `must be a list [ … ], not ${describe(value)}`);
    for (const [index, child] of value.entries()) rule(child, within(place, index));
  };
}

/** A list with at least one element, each following the rule. */
export function listOf(rule: FieldRule): FieldRule {
  const checkElements = anyListOf(rule);
  return (value, place) => {
    checkElements(value, place);
    if (Array.isArray(value) && value.length === 0) throw refuse(place, 'is empty; give at least one');
  };
}

/** A whole number within the bounds, both included. */
export function wholeNumber(min: number, max: number): FieldRule {
  return (value, place) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return;
    throw refuse(place, `must be a whole number from ${min} to ${max}, not ${describe(value)}`);
  };
}

/** One of the listed numbers or strings. */
export function oneOf(allowed: readonly (string | number)[]): FieldRule {
  return (value, place) => {
    if (allowed.some((candidate) => candidate === value)) return;
    const hint = typeof value === 'string' ? suggestName(value, allowed.map(String)) : '';
    throw refuse(place, `${describe(value)} is not allowed.${hint} Allowed: ${allowed.join(', ')}`);
  };
}

/** A string of the given form; `form` is the form in words. */
export function textLike(pattern: RegExp, form: string): FieldRule {
  return (value, place) => {
    if (typeof value === 'string' && pattern.test(value)) return;
    throw refuse(place, `must be ${form}, not ${describe(value)}`);
  };
}

/** `true` or `false`. */
export const flag: FieldRule = (value, place) => {
  if (typeof value !== 'boolean') throw refuse(place, `must be true or false, not ${describe(value)}`);
};

/** Place of a key or an index below another place. */
export function within(place: Place, key: string | number): Place {
  if (typeof key === 'number') return { file: place.file, path: `${place.path}[${key}]` };
  return { file: place.file, path: place.path === '' ? key : `${place.path}.${key}` };
}

/** Makes the error for a place. */
export function refuse(place: Place, problem: string): TenantFileError {
  return new TenantFileError(place.file, place.path, problem);
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isPlainObject(value)) return 'an object';
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
