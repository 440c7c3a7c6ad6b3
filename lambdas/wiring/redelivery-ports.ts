// What draining a park needs: the ways of both directions, and the stores behind the fences.
import { visitParkedInbound } from '../flows/deliver-inbound.ts';
import { visitParkedOutbound } from '../flows/deliver-outbound.ts';
import type { DrainCustomerPorts } from '../flows/drain-customer.ts';
import { openDeskAccess } from './desk-access.ts';
import { openInboundPorts } from './inbound-ports.ts';
import type { Mover } from './mover.ts';
import { openOutboundPorts } from './outbound-ports.ts';

export function openRedeliveryPorts(mover: Mover): DrainCustomerPorts {
  const access = openDeskAccess(mover);
  const inbound = openInboundPorts(mover, access);
  const outbound = openOutboundPorts(mover, access);
  return {
    ...mover.ports,
    handles: mover.handles,
    visitParked: {
      in: (item, attempt) => visitParkedInbound(item, attempt, inbound),
      out: (item, attempt) => visitParkedOutbound(item, attempt, outbound),
    },
  };
}
