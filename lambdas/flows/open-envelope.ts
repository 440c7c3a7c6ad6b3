// Finds the envelope behind a queue body, which may be a claim check.
import type { InboundEnvelope } from '../core/model/envelope.ts';
import { isClaimCheck, parseQueueBody } from '../core/model/envelope.ts';
import type { Archive } from '../core/ports.ts';

/** @throws BridgeError `store-unavailable`; SyntaxError for a body that no release has written. */
export async function openEnvelope(
  body: string,
  { archive }: { archive: Pick<Archive, 'get'> },
): Promise<InboundEnvelope> {
  const content = parseQueueBody(body);
  if (!isClaimCheck(content)) return content;
  const checkedIn = parseQueueBody(new TextDecoder().decode(await archive.get(content.claimCheck)));
  if (isClaimCheck(checkedIn)) throw new SyntaxError('a claim check leads to another claim check');
  return checkedIn;
}
