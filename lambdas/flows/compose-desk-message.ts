// Puts together what the desk is shown: prepared content, the sender as the profile knows it, participant data.
import { toSafeName } from '../core/convert/hostile-text.ts';
import { readSentAt } from '../core/convert/meta/from-meta.ts';
import { readIdentityChange } from '../core/convert/meta/sender.ts';
import type { ShownContent } from '../core/model/agent-content.ts';
import type { CustomerProfile } from '../core/model/customer.ts';
import type { DeskMessage } from '../core/model/desk-message.ts';
import type { InboundEnvelope, InboundItem } from '../core/model/envelope.ts';
import type { PreparedContent } from './prepare-content.ts';

/**
 * The same for the same message, however often it is tried, but for the addresses of files.
 * @param again number of the replay that makes it a delivery of its own: a desk that knows the id of the first one, or of
 * the notice that stood for it, would swallow it otherwise
 */
export function composeDeskMessage(
  item: InboundItem,
  { numberId, receivedAt }: Pick<InboundEnvelope, 'numberId' | 'receivedAt'>,
  { attributes }: Pick<ShownContent, 'attributes'>,
  { text, attachment, tap }: Omit<PreparedContent, 'placeholder'>,
  { fromId, fromIdType }: Pick<CustomerProfile, 'fromId' | 'fromIdType'>,
  again?: string,
): DeskMessage {
  const { userId } = readIdentityChange(item.message)?.after ?? item;
  const [name, username] = [toSafeName(item.name), toSafeName(item.username)];
  return {
    messageId: again === undefined ? item.id : `${item.id}.${again}`,
    from: { id: fromId, idType: fromIdType, ...(name === undefined ? {} : { name }) },
    sentAt: readSentAt(item, receivedAt),
    text,
    ...(attachment === undefined ? {} : { attachment }),
    ...(tap === undefined ? {} : { tap }),
    attributes: {
      ...attributes,
      waPhoneNumberId: numberId,
      ...(userId === undefined ? {} : { waUserId: userId }),
      ...(username === undefined ? {} : { waUsername: username }),
    },
  };
}
