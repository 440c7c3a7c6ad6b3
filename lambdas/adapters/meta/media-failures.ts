// What an answer without media means. Codes of our own, kept in the ledger as the reason of a failure.
// Source: Meta's media reference and error codes (2026); 100/33 as met in practice.
import { BridgeError } from '../../core/errors.ts';

/** Graph error codes of the ways Meta says "not so often". */
const throttleCodes = new Set([4, 17, 32, 613, 80007, 130429]);

/** An answer to `GET /{media-id}` that is not 200. */
export function readLookUpFailure(status: number, text: string): BridgeError {
  const { code, subcode } = readGraphError(text);
  if (status === 429 || (code !== undefined && throttleCodes.has(code))) return fail('throttled', status);
  if (status === 401 || status === 403 || code === 190) return fail('token-refused', status);
  // Expired after seven days, or another business's.
  if (code === 100 && subcode === 33) return fail('media-expired', status);
  if (status >= 500) return fail('whatsapp-trouble', status);
  return fail(status === 404 ? 'media-missing' : 'look-up-refused', status);
}

/** An answer of a download address that is not 200. */
export function readDownloadFailure(status: number): BridgeError {
  if (status === 401 || status === 403) return fail('token-refused', status);
  // The address lived five minutes; a new one may do.
  if (status === 404 || status === 410) return fail('address-stale', status);
  if (status === 429) return fail('throttled', status);
  return fail(status >= 500 ? 'whatsapp-trouble' : 'download-refused', status);
}

const kinds = {
  throttled: 'throttled',
  'token-refused': 'credential-rejected',
  'media-expired': 'provider-rejected',
  'media-missing': 'provider-rejected',
  'look-up-refused': 'provider-rejected',
  'download-refused': 'provider-rejected',
  'address-stale': 'provider-unavailable',
  'whatsapp-trouble': 'provider-unavailable',
} as const;

function fail(code: keyof typeof kinds, status: number): BridgeError {
  return new BridgeError(kinds[code], `WhatsApp answered ${status} instead of media`, { code, status });
}

function readGraphError(text: string): { code?: number; subcode?: number } {
  try {
    const { error } = JSON.parse(text) as { error?: { code?: unknown; error_subcode?: unknown } };
    return {
      ...(typeof error?.code === 'number' ? { code: error.code } : {}),
      ...(typeof error?.error_subcode === 'number' ? { subcode: error.error_subcode } : {}),
    };
  } catch {
    return {};
  }
}
