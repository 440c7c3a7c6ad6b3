// The addressing of sends, and the two bodies of `POST /{phone-number-id}/messages`.
import type { CustomerTarget, MetaSend } from '../../model/customer-message.ts';

/** Body of one send, as the Graph API takes it. */
export type MetaSendBody = MetaSend & {
  messaging_product: 'whatsapp';
  recipient_type: 'individual';
  biz_opaque_callback_data: string;
} & ({ to: string } | { recipient: string });

/** Body that marks a message as read, and those before it. */
export interface MetaReadMark {
  messaging_product: 'whatsapp';
  status: 'read';
  message_id: string;
  typing_indicator?: { type: 'text' };
}

/**
 * The same bytes for the same send, however often it is asked for.
 * @param tag echoed on every status of the message; at most 512 bytes
 */
export function toSendBody(target: CustomerTarget, send: MetaSend, tag: string): MetaSendBody {
  return {
    messaging_product: 'whatsapp',
    recipient_type: 'individual',
    // Quirk(meta): a BSUID in `to` is not refused; its digits are dialled.
    ...('phone' in target ? { to: target.phone } : { recipient: target.userId }),
    ...send,
    biz_opaque_callback_data: tag,
  };
}

/** @param typing shows for up to 25 s that somebody is writing */
export function readMark(wamid: string, typing: boolean): MetaReadMark {
  return {
    messaging_product: 'whatsapp',
    status: 'read',
    message_id: wamid,
    ...(typing ? { typing_indicator: { type: 'text' } } : {}),
  };
}
