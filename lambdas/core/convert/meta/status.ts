// One status of one message of ours, as webhooks carry it. Fields: Meta's reference of `statuses` (2026-05).
import { isObject, readId, readMessageId } from './json-values.ts';

export interface MessageStatus {
  /** `sent`, `delivered`, `read`, `played`, `failed`, or what Meta thinks of next; empty when there is none. */
  name: string;
  wamid: string | undefined;
  /** What we gave the send to carry. */
  tag: unknown;
  /** Epoch ms. */
  at: number | undefined;
  /** Meta's code of the first error that has one. */
  code: number | undefined;
}

/** Never throws. */
export function readMessageStatus(status: unknown): MessageStatus {
  const fields = isObject(status) ? status : {};
  const seconds = Number(readId(fields.timestamp) ?? Number.NaN);
  const errors = Array.isArray(fields.errors) ? fields.errors : [];
  return {
    name: typeof fields.status === 'string' && /^\w{1,40}$/.test(fields.status) ? fields.status : '',
    wamid: readMessageId(fields.id),
    tag: fields.biz_opaque_callback_data,
    at: seconds > 0 && seconds < latestSeconds ? seconds * 1000 : undefined,
    code: errors.map(readCode).find((code) => code !== undefined),
  };
}

/** Beyond it a date has five digits for its year. */
const latestSeconds = 253_402_300_800;

/** Meta writes numbers; older examples have them as text. */
function readCode(error: unknown): number | undefined {
  const code = isObject(error) ? readId(error.code) : undefined;
  return code !== undefined && /^\d{1,9}$/.test(code) ? Number(code) : undefined;
}
