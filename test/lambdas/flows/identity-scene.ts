// A stage for identity tests: people write, move and rotate; each visit may be by another sandbox.
import type { InboundItem, SenderIdentity } from '../../../lambdas/core/model/envelope.ts';
import type { FoundCustomer } from '../../../lambdas/flows/find-customer.ts';
import { createCustomerFinder } from '../../../lambdas/flows/find-customer.ts';
import { MemoryCustomers } from '../../../simulation/stores/memory-customers.ts';
import { anEnvelope } from '../../builders.ts';
import { HandClock } from '../../fakes/outside-world.ts';

export const epochSeconds = 1_795_000_000;

/** A message of the sender, `second` seconds after the start. */
export function aMessageOf(sender: SenderIdentity, second = 0): InboundItem {
  const message = { type: 'text', text: { body: 'x' }, timestamp: String(epochSeconds + second) };
  return { id: `wamid.${second}`, message, ...sender };
}

/** The event that WhatsApp sends when `before` has become `after`; as queued by the door, under the former ids. */
export function aMoveOf(before: SenderIdentity, after: SenderIdentity, second = 0): InboundItem {
  const system = {
    type: after.phone === undefined ? 'user_changed_user_id' : 'user_changed_number',
    wa_id: after.phone,
    user_id: after.userId,
    previous_user_id: before.userId,
    parent_user_id: after.parentUserId,
    previous_parent_user_id: before.parentUserId,
  };
  const timestamp = String(epochSeconds + second);
  return {
    id: `move.${second}`,
    message: { type: 'system', from: before.phone, timestamp, system },
    ...before,
  };
}

export function aScene(directory = new MemoryCustomers()) {
  const clock = new HandClock();
  let visits = 0;
  const newFinder = () => createCustomerFinder(directory, clock);
  /** A fresh sandbox each time unless one is given: what one remembers must not be needed by the next. */
  const find = (item: InboundItem, finder = newFinder()): Promise<FoundCustomer> => {
    visits += 1;
    return finder.find(item, anEnvelope({ receivedAt: clock.now() + visits }), `visit-${visits}`);
  };
  return { directory, clock, newFinder, find };
}

/** `id<from` for whoever was found, else why nobody was. */
export function describeFound(found: FoundCustomer): string {
  return found.state === 'found' ? `${found.profile.customerId}<${found.profile.fromId}` : found.state;
}
