// Nothing personal gets into a log line: these keys are blanked wherever they appear.

/** Keys whose values are message content, personal data or credentials. */
export const redactedKeys: ReadonlySet<string> = new Set([
  'authorization',
  'body',
  'caption',
  'contacts',
  'customer',
  'customerId',
  'customerKey',
  'from',
  'fromId',
  'headers',
  'message',
  'name',
  'nickname',
  'phone',
  'secret',
  'text',
  'to',
  'token',
  'url',
  'user_id',
  'userId',
  'username',
  'wa_id',
]);

const blank = '[redacted]';

/** Replacer for `JSON.stringify` that blanks the values of redacted keys at any depth. */
export function redact(key: string, value: unknown): unknown {
  return redactedKeys.has(key) && value !== undefined ? blank : value;
}

/** The same for flat fields; answers them as they are when there is nothing to blank. */
export function blankPersonal<T>(fields: Record<string, T>): Record<string, T | string> {
  for (const key in fields) {
    if (!redactedKeys.has(key)) continue;
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, redactedKeys.has(name) ? blank : value]),
    );
  }
  return fields;
}
