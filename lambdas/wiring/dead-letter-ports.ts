// What taking dead letters needs: the ways of both directions as far as the park.
import { hashText } from '../adapters/pseudonyms.ts';
import { deliverInbound } from '../flows/deliver-inbound.ts';
import { deliverOutbound } from '../flows/deliver-outbound.ts';
import type { TakeDeadLettersPorts } from '../flows/take-dead-letters.ts';
import { openDeskAccess } from './desk-access.ts';
import { openInboundPorts } from './inbound-ports.ts';
import type { Mover } from './mover.ts';
import { openOutboundPorts } from './outbound-ports.ts';

export function openDeadLetterPorts(mover: Mover): TakeDeadLettersPorts {
  const access = openDeskAccess(mover);
  const inbound = openInboundPorts(mover, access);
  const outbound = openOutboundPorts(mover, access);
  return {
    ...mover.ports,
    tenant: mover.settings.tenant,
    hash: hashText,
    parkRecord: {
      in: (record) => deliverInbound(record, inbound, 'dead-letter'),
      out: (record) => deliverOutbound(record, outbound, 'dead-letter'),
    },
  };
}
