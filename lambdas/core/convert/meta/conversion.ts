// What every converter of a message type takes and gives, and how untrusted fields are read.
import type { ShownContent } from '../../model/agent-content.ts';
import type { Phrases } from '../phrases.ts';
import { isObject, readId } from './json-values.ts';

/** Content of one message type; attributes may be left out. */
export type Conversion = Omit<ShownContent, 'kind' | 'attributes'> & { attributes?: Record<string, string> };

export interface ConversionContext {
  phrases: Phrases;
  /** The whole message object. */
  message: Record<string, unknown>;
  /** Converts a message that this one carries inside. */
  convertInner(message: unknown): Conversion;
}

/** Converts the part of a message that stands under the name of its type. Never throws and keeps all text it can read. */
export type Converter = (content: unknown, context: ConversionContext) => Conversion;

/** The own property at the end of a path of keys and indexes. */
export function readAt(value: unknown, ...path: readonly string[]): unknown {
  let at: unknown = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}

/** A non-empty text at the end of a path; numbers are taken as they are written. */
export function readText(value: unknown, ...path: readonly string[]): string | undefined {
  return readId(readAt(value, ...path));
}

/** A number, or a text that is one. */
export function readNumber(value: unknown, ...path: readonly string[]): number | undefined {
  const text = readText(value, ...path)?.trim();
  const number = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : undefined;
}

/** The objects of a list; anything else in their place is none. */
export function readObjects(value: unknown, ...path: readonly string[]): Record<string, unknown>[] {
  const list = readAt(value, ...path);
  return Array.isArray(list) ? list.filter(isObject) : [];
}

/** The parts that are there, joined. */
export function joinParts(parts: readonly (string | undefined)[], separator: string): string {
  return parts.filter((part) => part !== undefined && part !== '').join(separator);
}
