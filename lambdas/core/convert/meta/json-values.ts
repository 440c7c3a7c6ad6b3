// The two questions asked of every value in a webhook.

export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A non-empty string; Meta's own examples carry some ids as numbers. */
export function readId(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

/** The id of a message as keys of stores may hold it; they refuse what is longer than any id WhatsApp has ever made. */
export function readMessageId(value: unknown): string | undefined {
  const id = readId(value);
  return id !== undefined && /^[\x21-\x7e]{1,512}$/.test(id) ? id : undefined;
}
