// One gate per WhatsApp number: WhatsApp counts by number, and a token is rejected for one number only.
import type { DeskGate } from '../../core/ports.ts';

/** @param open makes the gate of a number at its first visit */
export function createNumberGates(open: (numberId: string) => DeskGate): DeskGate {
  const gates = new Map<string, DeskGate>();
  const gateOf = (numberId: string): DeskGate => {
    const gate = gates.get(numberId) ?? open(numberId);
    gates.set(numberId, gate);
    return gate;
  };
  return {
    enter: (visit) => gateOf(visit.numberId).enter(visit),
    leave: (report, visit) => gateOf(visit.numberId).leave(report, visit),
  };
}
