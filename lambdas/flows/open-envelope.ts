// Finds the envelope behind a queue body, which may be a claim check.
import type { ClaimCheck, InboundEnvelope } from '../core/model/envelope.ts';
import { isClaimCheck, parseQueueBody } from '../core/model/envelope.ts';
import type { OpenedOutbound } from '../core/model/outbound-body.ts';
import { parseOutboundBody } from '../core/model/outbound-body.ts';
import type { Archive } from '../core/ports.ts';

interface OpenEnvelopePorts {
  archive: Pick<Archive, 'get'>;
}

/** @throws BridgeError `store-unavailable`; SyntaxError for a body that no release has written. */
export function openEnvelope(body: string, ports: OpenEnvelopePorts): Promise<InboundEnvelope> {
  return open(body, parseQueueBody, ports);
}

/** The same on the way back. @throws BridgeError `store-unavailable`; SyntaxError for a body that no release has written. */
export function openOutbound(body: string, ports: OpenEnvelopePorts): Promise<OpenedOutbound> {
  return open(body, parseOutboundBody, ports);
}

async function open<Envelope extends object>(
  body: string,
  parse: (body: string) => Envelope | ClaimCheck,
  { archive }: OpenEnvelopePorts,
): Promise<Envelope> {
  const content = parse(body);
  if (!isClaimCheck(content)) return content;
  const checkedIn = parse(new TextDecoder().decode(await archive.get(content.claimCheck)));
  if (isClaimCheck(checkedIn)) throw new SyntaxError('a claim check leads to another claim check');
  return checkedIn;
}
