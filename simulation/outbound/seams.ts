// Places where a run of the way back can be changed; all empty in the real protocol.
import type { DeliverOutboundPorts } from '../../lambdas/flows/deliver-outbound.ts';
import type { OutboundWorld } from './world.ts';

export interface OutboundSeams {
  /** What worker, drain and dead letters see of the world. */
  ports?: (ports: DeliverOutboundPorts, world: OutboundWorld) => DeliverOutboundPorts;
  /** What the door answers. */
  answer?: (status: number) => number;
}

export interface OutboundMutant {
  name: string;
  /** The rule it breaks. */
  rule: string;
  /** Fresh for every run: some mutants remember things. */
  create: () => OutboundSeams;
}
