// Bodies of the outbound queue and of parked items on their way to customers.
import type { ClaimCheck, Replay } from './envelope.ts';
import { isClaimCheck } from './envelope.ts';
import type { OutboundEnvelope } from './outbound-envelope.ts';

/** An envelope as it is worked on; an operator may have sent it again. */
export type OpenedOutbound = OutboundEnvelope & { replay?: Replay };

/** @throws SyntaxError when the body is neither an envelope nor a claim check of this or an earlier release. */
export function parseOutboundBody(body: string): OpenedOutbound | ClaimCheck {
  const parsed: unknown = JSON.parse(body);
  if (isClaimCheck(parsed)) return parsed;
  if (!isEnvelope(parsed)) throw new SyntaxError('queue message is neither an envelope nor a claim check');
  return parsed;
}

function isEnvelope(value: unknown): value is OpenedOutbound {
  return (
    typeof value === 'object' &&
    value !== null &&
    'v' in value &&
    value.v === 1 &&
    'numberId' in value &&
    typeof value.numberId === 'string' &&
    'items' in value &&
    Array.isArray(value.items) &&
    value.items.every(isItem)
  );
}

function isItem(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'to' in value &&
    typeof value.to === 'string'
  );
}
