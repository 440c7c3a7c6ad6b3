// Sends the providers' webhooks to the bridge by the provider's own retry rule.
import type { Timers } from './timers.ts';

export interface DeliveryRule {
  /** Time limit of one attempt. */
  timeoutMs: number;
  /** Waits before the second, third, … attempt; no more attempts than these. */
  retryDelaysMs: readonly number[];
  /** Whether the provider tries again after this status (null = no answer). */
  isRetried(status: number | null): boolean;
}

export interface Webhook {
  url: () => string;
  headers: Record<string, string>;
  bytes: Buffer;
}

/** Makes the first attempt and answers its status, null when there was none; further attempts go on by themselves. */
export async function deliverWebhook(
  webhook: Webhook,
  rule: DeliveryRule,
  timers: Timers,
  attempt = 0,
): Promise<number | null> {
  const status = await postOnce(webhook, rule.timeoutMs, timers);
  const delayMs = rule.retryDelaysMs[attempt];
  if (delayMs !== undefined && rule.isRetried(status)) {
    timers.start(delayMs, () => void deliverWebhook(webhook, rule, timers, attempt + 1));
  }
  return status;
}

async function postOnce(webhook: Webhook, timeoutMs: number, timers: Timers): Promise<number | null> {
  const limit = new AbortController();
  const cancel = timers.start(timeoutMs, () => limit.abort());
  try {
    const response = await fetch(webhook.url(), {
      method: 'POST',
      headers: webhook.headers,
      body: new Uint8Array(webhook.bytes),
      redirect: 'manual',
      signal: AbortSignal.any([limit.signal, timers.closing]),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return null;
  } finally {
    cancel();
  }
}
