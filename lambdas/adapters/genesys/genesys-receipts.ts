// Tells Genesys what became of agents' messages.
import { toGenesysReceipt } from '../../core/convert/genesys/to-receipt.ts';
import { BridgeError } from '../../core/errors.ts';
import type { DeskReceipts } from '../../core/outbound-ports.ts';
import type { GenesysCallOptions } from './genesys-call.ts';
import { callGenesys } from './genesys-call.ts';

export interface GenesysReceiptsOptions extends GenesysCallOptions {
  numbers: ReadonlyMap<string, { integrationId: string }>;
}

/** Here a 404 is about the one message as well as about the integration: nothing comes of telling it again. */
const unknownToGenesys = new Set([404, 410]);

export function createGenesysReceipts(options: GenesysReceiptsOptions): DeskReceipts {
  return {
    async tell(numberId, receipt, deadlineAt) {
      const integrationId = options.numbers.get(numberId)?.integrationId;
      if (integrationId === undefined) {
        const reason = 'the tenant file maps this number to no integration';
        return { delivered: false, failure: new BridgeError('provider-rejected', reason), effect: 'none' };
      }
      const path = `/api/v2/conversations/messages/${encodeURIComponent(integrationId)}/inbound/open/receipt`;
      const request = { method: 'POST', path, body: toGenesysReceipt(receipt) } as const;
      const answer = await callGenesys(numberId, request, deadlineAt, options);
      if (answer.ok) return { delivered: true };
      const { failure, effect } = answer;
      if (!unknownToGenesys.has(failure.details.status ?? 0)) return { delivered: false, failure, effect };
      const unknown = new BridgeError('provider-rejected', failure.message, failure.details, failure);
      return { delivered: false, failure: unknown, effect };
    },
  };
}
