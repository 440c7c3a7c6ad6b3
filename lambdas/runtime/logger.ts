// The logger for problems. Nothing personal gets out: these keys are blanked wherever they appear.
import { Logger } from '@aws-lambda-powertools/logger';

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

/** Powertools' own keys that share a name with redacted ones. */
const ownKeys = new Set(['message', 'name']);

export function redact(key: string, value: unknown): unknown {
  return redactedKeys.has(key) && !ownKeys.has(key) ? '[redacted]' : value;
}

export function createLogger(service: string): Logger {
  return new Logger({ serviceName: service, jsonReplacerFn: redact });
}
