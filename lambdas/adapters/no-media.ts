// Media is not carried: every message with media is shown with a note instead of an attachment.
import { BridgeError } from '../core/errors.ts';
import type { MediaRelay } from '../core/ports.ts';

export function createNoMedia(): MediaRelay {
  return {
    relay: async () => ({ stored: { state: 'failed', reason: 'not-carried' } }),
    keep: () => Promise.reject(new BridgeError('store-unavailable', 'files are not kept')),
  };
}
