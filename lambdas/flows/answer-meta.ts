// The two things Meta asks at our door, and how each is answered over HTTP.

import type { SubscriptionVerifier, WebhookVerifier } from '../core/ports.ts';
import type { AcceptWebhookPorts } from './accept-webhook.ts';
import { acceptMetaWebhook } from './accept-webhook.ts';
import { answerSubscription } from './answer-subscription.ts';

export interface DoorRequest {
  method: string;
  bytes: Uint8Array;
  headers: Record<string, string | undefined>;
  query: Record<string, string | undefined>;
  correlationId: string;
}

export interface DoorAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export type MetaDoorPorts = Omit<AcceptWebhookPorts, 'verifier'> & {
  verifier: WebhookVerifier & SubscriptionVerifier;
};

export function createMetaDoor(ports: MetaDoorPorts): (request: DoorRequest) => Promise<DoorAnswer> {
  return async ({ method, bytes, headers, query, correlationId }) => {
    if (method === 'GET') {
      const answer = await answerSubscription(query, correlationId, ports);
      if (answer.status !== 200) return { status: answer.status };
      // The challenge comes from outside: as plain text that no browser may take for a page.
      const plain = { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' };
      return { status: 200, headers: plain, body: answer.challenge };
    }
    const signature = headers['x-hub-signature-256'];
    return {
      status: await acceptMetaWebhook(
        { bytes, contentType: headers['content-type'], signature, correlationId },
        ports,
      ),
    };
  };
}
