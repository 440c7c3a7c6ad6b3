// Genesys' own word on a message that we posted there: a webhook of type `Receipt`.
import { isObject } from '../meta/json-values.ts';

export interface DeskVerdict {
  /** `Published`, `Failed`, …; `Unknown` when it cannot be read. */
  status: string;
  /** Reason code of a failure. */
  code?: string;
}

/** Never throws. */
export function readDeskVerdict(webhook: unknown): DeskVerdict {
  const { status, reasons } = isObject(webhook) ? webhook : {};
  const code = (Array.isArray(reasons) ? reasons : [])
    .map((reason) => (isObject(reason) ? readWord(reason.code) : undefined))
    .find((word) => word !== undefined);
  return { status: readWord(status) ?? 'Unknown', ...(code === undefined ? {} : { code }) };
}

/** Identifiers only: what is written in their place could be anything. */
function readWord(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z]{1,40}$/.test(value) ? value : undefined;
}
