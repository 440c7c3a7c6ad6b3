// The tag that WhatsApp echoes on every status of a message (`biz_opaque_callback_data`): it leads back to the ledger
// record and the part, even while the answer of the send is not written down yet.
import { outboundKey } from './ledger-record.ts';

/** Meta takes no longer one, in bytes. */
const longestTag = 512;

/** Tag of one part of the message with this ledger key, e.g. `d7d58935.0`. */
export function toSendTag(numberId: string, key: string, part: number): string {
  return `${key.slice(outboundKey(numberId, '').length)}.${part}`;
}

/** What a tag leads to; undefined when it is not one of ours. */
export function readSendTag(numberId: string, tag: unknown): { key: string; part: number } | undefined {
  if (typeof tag !== 'string' || tag.length > longestTag) return undefined;
  const [, id, part] = /^(.+)\.(\d{1,3})$/.exec(tag) ?? [];
  return id === undefined ? undefined : { key: outboundKey(numberId, id), part: Number(part) };
}
