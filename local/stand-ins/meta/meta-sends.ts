// `POST /{phone-number-id}/messages`: a message to a customer, or a read mark on one of theirs.
import type { Answer, StandInRequest } from '../http-exchange.ts';
import type { KnownNumber } from '../stand-ins.ts';
import { describeInvalidValue, failGraph } from './meta-errors.ts';
import type { MetaMedia } from './meta-media.ts';
import { findSendRefusal, listMediaIds } from './meta-send-contract.ts';
import type { MetaStatuses } from './meta-statuses.ts';
import { makeWamid } from './meta-webhooks.ts';

interface SendBody {
  to?: string;
  recipient?: string;
  type?: string;
  status?: string;
  biz_opaque_callback_data?: string;
}

/** Answers the wamid of an accepted message; its statuses follow by themselves when `isAuto`. */
export function acceptSend(
  request: StandInRequest,
  number: KnownNumber,
  media: MetaMedia,
  statuses: MetaStatuses,
  isAuto: boolean,
): Answer {
  const parsed = parseBody(request);
  const refusal = findSendRefusal(parsed);
  if (refusal) return failGraph(refusal);
  // The contract has just been checked.
  const body = parsed as SendBody;
  if (body.status === 'read') return { status: 200, body: { success: true } };
  const missingId = listMediaIds(body).find((id) => !media.has(id));
  if (missingId !== undefined) {
    return failGraph(describeInvalidValue(`there is no media with the id ${missingId}`));
  }

  const wamid = makeWamid();
  // `to` wins when both are given.
  const phone = body.to?.replace(/\D/g, '');
  const userId = body.to === undefined ? body.recipient : undefined;
  statuses.remember(wamid, {
    number,
    recipient: { phone, userId },
    opaqueTag: body.biz_opaque_callback_data,
    // Quirk(meta): a user id put in `to` is not refused; its digits are taken for a phone that nobody has.
    isUndeliverable: /^[A-Z]{2}\./.test(body.to ?? ''),
  });
  if (isAuto) statuses.followUp(wamid);
  return {
    status: 200,
    body: {
      messaging_product: 'whatsapp',
      contacts: [{ input: body.to ?? body.recipient, ...(phone ? { wa_id: phone } : { user_id: userId }) }],
      messages: [{ id: wamid, ...(body.type === 'template' && { message_status: 'accepted' }) }],
    },
  };
}

function parseBody(request: StandInRequest): unknown {
  try {
    return JSON.parse(request.bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
