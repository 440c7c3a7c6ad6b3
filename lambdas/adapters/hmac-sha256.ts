// HMAC-SHA256 (RFC 2104) from one-shot hashes. Node's createHmac builds a stream object for every message, which costs
// more than the hashing, and a door needs one for the webhook and one for every customer in it.
import { hash } from 'node:crypto';

export type HmacSha256 = (
  key: string,
  message: string | Uint8Array,
  encoding: 'hex' | 'base64' | 'base64url',
) => string;

const blockBytes = 64;
const digestBytes = 32;

/** Gives the same as createHmac. What a key needs is prepared once and kept: for the few keys of a deployment. */
export function createHmacSha256(): HmacSha256 {
  const prepared = new Map<string, ReturnType<typeof prepareKey>>();
  return (key, message, encoding) => {
    let blocks = prepared.get(key);
    if (blocks === undefined) {
      blocks = prepareKey(key);
      prepared.set(key, blocks);
    }
    const bytes = typeof message === 'string' ? Buffer.from(message) : message;
    // Through a string, since a digest handed out as a buffer costs as much as all the rest.
    const digest = hash('sha256', Buffer.concat([blocks.inner, bytes]), 'binary');
    blocks.outer.write(digest, blockBytes, 'binary');
    return hash('sha256', blocks.outer, encoding);
  };
}

/** `outer` ends with room for the inner digest. */
function prepareKey(key: string): { inner: Buffer; outer: Buffer } {
  const bytes = Buffer.from(key);
  const block = Buffer.alloc(blockBytes);
  block.set(bytes.length > blockBytes ? hash('sha256', bytes, 'buffer') : bytes);
  return {
    inner: Buffer.from(block.map((byte) => byte ^ 0x36)),
    outer: Buffer.concat([block.map((byte) => byte ^ 0x5c), Buffer.alloc(digestBytes)]),
  };
}
