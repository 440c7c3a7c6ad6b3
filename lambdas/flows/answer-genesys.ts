// How Genesys is answered over HTTP: an empty JSON object for what is accepted, nothing at all for what is refused.
import type { AcceptGenesysPorts } from './accept-genesys.ts';
import { acceptGenesysWebhook } from './accept-genesys.ts';
import type { DoorAnswer, DoorRequest } from './answer-meta.ts';

export type GenesysDoorRequest = Omit<DoorRequest, 'method' | 'query'> & {
  pathParameters: Record<string, string | undefined>;
};

export function createGenesysDoor(
  ports: AcceptGenesysPorts,
): (request: GenesysDoorRequest) => Promise<DoorAnswer> {
  return async ({ bytes, headers, pathParameters, correlationId }) => {
    const webhook = {
      integrationId: pathParameters.integrationId ?? '',
      bytes,
      contentType: headers['content-type'],
      signature: headers['x-hub-signature-256'],
      correlationId,
    };
    const status = await acceptGenesysWebhook(webhook, ports);
    if (status !== 200) return { status };
    return { status, headers: { 'content-type': 'application/json' }, body: '{}' };
  };
}
