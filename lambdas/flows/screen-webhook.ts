// What a door refuses before it looks into a webhook, in this order: too large, not JSON, not signed.
import { BridgeError } from '../core/errors.ts';
import type { Telemetry } from '../core/ports.ts';

/** HTTP status to answer with. */
export type WebhookStatus = 200 | 401 | 413 | 415 | 503;

export interface ScreenedRequest {
  bytes: Uint8Array;
  contentType: string | undefined;
  correlationId: string;
}

/** Lambda takes no larger event. */
export const largestWebhookBytes = 6 * 1024 * 1024;

/** The refusal of a webhook that need not be verified; undefined when it has to be. */
export function refuseUnread(
  { bytes, contentType, correlationId }: ScreenedRequest,
  telemetry: Telemetry,
): 413 | 415 | undefined {
  if (bytes.length > largestWebhookBytes) return refuse(413, correlationId, telemetry);
  if (contentType !== undefined && !/^application\/json\b/i.test(contentType))
    return refuse(415, correlationId, telemetry);
  return undefined;
}

/** The refusal after a verification that threw. @throws what was thrown, if it is no failure of the verification. */
export function refuseUnverified(error: unknown, correlationId: string, telemetry: Telemetry): 401 | 503 {
  if (!(error instanceof BridgeError)) throw error;
  if (error.kind === 'signature-invalid') return refuse(401, correlationId, telemetry);
  telemetry.problem('webhook.unverifiable', error, { correlationId });
  return refuse(503, correlationId, telemetry);
}

export function refuse<T extends WebhookStatus>(status: T, correlationId: string, telemetry: Telemetry): T {
  telemetry.count(status === 503 ? 'WebhooksDeferred' : 'WebhooksRefused');
  telemetry.event('webhook.refused', { status, correlationId });
  return status;
}

const utf8 = new TextDecoder();

/** Undefined for what is not JSON: an authentic body of that kind is archived, counted and acknowledged, as repeating it would not mend it. */
export function parseWebhook(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}
