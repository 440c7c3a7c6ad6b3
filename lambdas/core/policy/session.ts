// When a customer's silence has lasted so long that the conversation is over, whatever Genesys makes of it.
import type { CustomerProfile } from '../model/customer.ts';

/** Whether the message of `at` (WhatsApp's time, epoch ms) is the first after such a silence. */
export function beginsAnew(
  { lastInboundAt, previousInboundAt }: Pick<CustomerProfile, 'lastInboundAt' | 'previousInboundAt'>,
  at: number,
  idleMs: number | undefined,
): boolean {
  // A message older than the last one says nothing: it comes late.
  if (idleMs === undefined || previousInboundAt === undefined || at !== lastInboundAt) return false;
  return at - previousInboundAt >= idleMs;
}

/** Whether the customer has been silent for so long by `now` that nobody waits in the conversation any more. */
export function isIdle(
  { lastInboundAt }: Pick<CustomerProfile, 'lastInboundAt'>,
  now: number,
  idleMs: number | undefined,
): boolean {
  return idleMs !== undefined && now - lastInboundAt >= idleMs;
}
