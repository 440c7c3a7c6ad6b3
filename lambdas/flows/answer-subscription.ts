// Meta asks once, unsigned, whether this URL is ours: answer its challenge when it knows our verify token.
import { BridgeError } from '../core/errors.ts';
import type { SubscriptionVerifier, Telemetry } from '../core/ports.ts';

export type SubscriptionAnswer = { status: 200; challenge: string } | { status: 403 | 503 };

export interface SubscriptionQuery {
  'hub.mode'?: string | undefined;
  'hub.verify_token'?: string | undefined;
  'hub.challenge'?: string | undefined;
}

export async function answerSubscription(
  query: SubscriptionQuery,
  correlationId: string,
  { verifier, telemetry }: { verifier: SubscriptionVerifier; telemetry: Telemetry },
): Promise<SubscriptionAnswer> {
  const { 'hub.mode': mode, 'hub.verify_token': token, 'hub.challenge': challenge } = query;
  if (mode !== 'subscribe' || !token || !challenge) return { status: 403 };
  try {
    if (await verifier.isVerifyToken(token)) return { status: 200, challenge };
    telemetry.count('SubscriptionsRefused');
    return { status: 403 };
  } catch (error) {
    if (!(error instanceof BridgeError)) throw error;
    telemetry.problem('subscription.unverifiable', error, { correlationId });
    return { status: 503 };
  }
}
