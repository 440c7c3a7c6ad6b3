// Says which requests to WhatsApp the redelivery of an agent's message would make, without making any.
import { type ToCustomerOptions, toCustomerContent } from '../../core/convert/genesys/from-genesys.ts';
import { toSendBody } from '../../core/convert/whatsapp/send-body.ts';
import type { CustomerPart } from '../../core/model/customer-message.ts';
import { forcedKey } from '../../core/model/ledger-record.ts';
import type { OutboundItem } from '../../core/model/outbound-envelope.ts';
import type { PlannedCall, ReplayVerdict } from '../../core/model/replay.ts';
import { toSendTag } from '../../core/model/send-tag.ts';
import { isWindowOpen } from '../../core/policy/service-window.ts';
import type { Clock, CustomerLookUps, MessageLedger } from '../../core/ports.ts';
import type { RawItem } from '../../core/replay-ports.ts';
import { findRecipient } from '../outbound/find-recipient.ts';

export interface PreviewOutboundPorts {
  clock: Clock;
  directory: CustomerLookUps;
  ledger: Pick<MessageLedger, 'read'>;
  conversion: ToCustomerOptions;
  /** Where sends of a number go. */
  sendUrl(numberId: string): string;
}

/** @throws BridgeError `store-unavailable` */
export async function previewOutbound(
  { item, numberId, key }: RawItem & { item: OutboundItem },
  { number, verdict }: { number: string; verdict: ReplayVerdict },
  ports: PreviewOutboundPorts,
): Promise<PlannedCall[]> {
  const now = ports.clock.now();
  const url = ports.sendUrl(numberId);
  const plan = { id: item.id, method: 'POST', url };
  const ownKey = verdict === 'deliver-again' ? forcedKey(key, number) : key;
  const [{ profile, target }, record] = await Promise.all([
    findRecipient(item, numberId, now, ports.directory),
    ports.ledger.read(ownKey),
  ]);
  const content = toCustomerContent(item.message, ports.conversion);
  if (content.kind === 'typing') return [];
  if (content.kind === 'unsendable')
    return [{ ...plan, body: null, note: `nothing to send: ${content.reason}; Genesys is told` }];
  if (!target) return [{ ...plan, body: null, note: 'the customer cannot be reached; Genesys is told' }];
  const isOpen = isWindowOpen(profile?.lastInboundAt ?? 0, now);
  const sentBefore = record?.sending?.partsDone ?? 0;
  return content.parts.slice(sentBefore).map((part, index) => {
    const note = noteFor(part, isOpen);
    const body =
      part.kind === 'ready'
        ? toSendBody(target, part.send, toSendTag(numberId, ownKey, sentBefore + index))
        : null;
    return { ...plan, body, ...(note === undefined ? {} : { note }) };
  });
}

function noteFor(part: CustomerPart, isOpen: boolean): string | undefined {
  const isTemplate = part.kind === 'ready' && part.send.type === 'template';
  if (!isOpen && !isTemplate)
    return 'WhatsApp’s 24 h window is closed: the re-engagement template goes out in its place, or Genesys is told';
  return part.kind === 'attachment'
    ? 'the file is fetched from Genesys and uploaded first; its media id is not known yet'
    : undefined;
}
