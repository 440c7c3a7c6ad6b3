// Genesys Open Messaging, inbound receipt (schema of 2026): what became of a message of an agent.
import type { DeskReceipt, GenesysReason } from '../../outbound-ports.ts';

/** Body of `POST /api/v2/conversations/messages/{integrationId}/inbound/open/receipt`. */
export interface OpenInboundReceipt {
  /** Genesys' own id of the message, from its webhook. */
  id: string;
  /** Quirk(genesys): the customer is `to` here, since the receipt is of an outbound message. */
  channel: { to: { id: string; idType: 'Phone' | 'Opaque' }; time: string };
  status: 'Delivered' | 'Failed';
  isFinalReceipt: true;
  reasons?: [{ code: GenesysReason; message: string }];
}

/** Builds the body; a failure always comes with a reason, since Genesys shows a failure without one as a mystery. */
export function toGenesysReceipt({ genesysId, to, status, reason, at }: DeskReceipt): OpenInboundReceipt {
  return {
    id: genesysId,
    // The address is the one we gave the customer: a phone without `+`, or a BSUID, which has letters.
    channel: {
      to: { id: to, idType: /^\d+$/.test(to) ? 'Phone' : 'Opaque' },
      time: new Date(at).toISOString(),
    },
    status,
    isFinalReceipt: true,
    ...(status === 'Failed' ? { reasons: [reason ?? unexplained] } : {}),
  };
}

const unexplained = { code: 'GeneralError', message: 'The message did not reach the customer' } as const;
