// What Genesys says of its own count of requests, with every answer. Source: README of its JavaScript SDK (2025-11).
import type { RateNotice } from '../../core/policy/token-bucket.ts';

/** Undefined when Genesys says nothing, or nothing that can be counted with. */
export function readRateNotice(headers: Headers): RateNotice | undefined {
  const allowedPerMinute = readCount(headers.get('inin-ratelimit-allowed'));
  const used = readCount(headers.get('inin-ratelimit-count'));
  const resetSeconds = readCount(headers.get('inin-ratelimit-reset'));
  if (!allowedPerMinute || used === undefined || resetSeconds === undefined) return undefined;
  return { allowedPerMinute, used, resetMs: Math.min(resetSeconds, longestResetSeconds) * 1000 };
}

/** The count is of a minute; a longer wait is not one. */
const longestResetSeconds = 60;

function readCount(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}
