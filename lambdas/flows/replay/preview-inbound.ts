// Says which request to the desk the redelivery of a customer's message would make, without making any.
import { toEchoContent } from '../../core/convert/meta/echo-content.ts';
import { toAgentContent } from '../../core/convert/meta/from-meta.ts';
import type { CustomerProfile } from '../../core/model/customer.ts';
import type { DeskMessage } from '../../core/model/desk-message.ts';
import type { InboundEnvelope, InboundItem } from '../../core/model/envelope.ts';
import type { LedgerRecord } from '../../core/model/ledger-record.ts';
import type { PlannedCall, ReplayVerdict } from '../../core/model/replay.ts';
import type { MessageLedger } from '../../core/ports.ts';
import type { RawItem } from '../../core/replay-ports.ts';
import { composeDeskMessage } from '../compose-desk-message.ts';
import type { CustomerFinder } from '../find-customer.ts';
import { type PrepareContentPorts, prepareContent } from '../prepare-content.ts';
import type { MediaRelay } from '../relay-media.ts';

export interface PreviewInboundPorts extends Omit<PrepareContentPorts, 'ledger' | 'media'> {
  ledger: Pick<MessageLedger, 'read' | 'readSnippet' | 'readOriginating'>;
  customers: Pick<CustomerFinder, 'peek'>;
  media: Pick<MediaRelay, 'relay'>;
  /** The first request for a message; the others follow only if Genesys refuses it. */
  toCall(numberId: string, message: DeskMessage): Omit<PlannedCall, 'id' | 'note'>;
}

/** Undefined for what is shown to nobody. @throws BridgeError `store-unavailable` */
export async function previewInbound(
  raw: RawItem & { item: InboundItem },
  { number, verdict }: { number: string; verdict: ReplayVerdict },
  ports: PreviewInboundPorts,
): Promise<PlannedCall | undefined> {
  const { item, numberId, receivedAt, rawKey, key } = raw;
  const content = (item.kind === 'echo' ? toEchoContent : toAgentContent)(item.message, ports.phrases);
  if (content.kind === 'ignored') return undefined;
  const envelope: InboundEnvelope = {
    v: 1,
    channel: 'meta',
    numberId,
    receivedAt,
    rawKey,
    correlationId: '',
    items: [item],
  };
  const [record, profile] = await Promise.all([ports.ledger.read(key), ports.customers.peek(item, envelope)]);
  const notes: string[] = [];
  const prepared = await prepareContent(
    { content, item, envelope, record: record ?? noRecord, deadlineAt: 0 },
    { ...ports, media: withoutFetching(ports.media, notes) },
  );
  const again = verdict === 'deliver-first-time' ? undefined : number;
  const sender = profile ?? atFirstSight(item);
  const message = composeDeskMessage(item, envelope, content, prepared, sender, again);
  const [note] = notes;
  return { id: item.id, ...ports.toCall(numberId, message), ...(note === undefined ? {} : { note }) };
}

/** Only what the preparation of content looks at. */
const noRecord = {} as LedgerRecord;

function atFirstSight({
  phone,
  userId,
  parentUserId,
}: InboundItem): Pick<CustomerProfile, 'fromId' | 'fromIdType'> {
  return phone === undefined
    ? { fromId: userId ?? parentUserId ?? '', fromIdType: 'Opaque' }
    : { fromId: phone, fromIdType: 'Phone' };
}

/** Media that is in our store gets an address; other media would be fetched from WhatsApp first. */
function withoutFetching({ relay }: Pick<MediaRelay, 'relay'>, notes: string[]): MediaRelay {
  return {
    relay: (request) => {
      if (request.stored?.state === 'downloaded') return relay(request);
      notes.push('media is fetched from WhatsApp first and attached, or replaced by a line if that fails');
      return Promise.resolve({ stored: { state: 'failed', reason: 'not-fetched-in-a-dry-run' } });
    },
    keep: async ({ messageId, file }) => {
      notes.push('a file the bridge writes itself is stored first; its address is not known yet');
      return {
        id: messageId,
        mediaType: 'File',
        url: 'https://address.is.minted.at.delivery.invalid/',
        mime: file.mime,
        filename: file.filename ?? '',
      };
    },
  };
}
