// What becomes of messages the bridge sent: `POST /_status`, and the statuses that come by themselves.

import { BoundedMap } from '../bounded-map.ts';
import type { Answer } from '../http-exchange.ts';
import {
  expectAnyObject,
  expectList,
  expectObject,
  expectText,
  type JsonObject,
  requireShape,
} from '../json-shape.ts';
import type { KnownNumber, StandInContext } from '../stand-ins.ts';
import { findNumber } from './meta-customers.ts';
import { demoPerson, type Person, sendMetaWebhook } from './meta-webhooks.ts';

/** A message that the bridge sent. */
export interface SentMessage {
  number: KnownNumber;
  recipient: Person;
  /** The bridge's own tag, echoed on every status. */
  opaqueTag: string | undefined;
  /** A phone that cannot exist: accepted at first, failed later. */
  isUndeliverable: boolean;
}

interface StatusOrder {
  id: string;
  status: string;
  errors?: JsonObject[];
  phoneNumberId?: string;
}

const filledText = expectText({ min: 1 });
const checkOrder = expectObject(
  { id: filledText, status: filledText },
  { errors: expectList(expectAnyObject()), phoneNumberId: filledText },
);

const undeliverable = {
  code: 131026,
  title: 'Message undeliverable',
  message: 'Message undeliverable',
  error_data: { details: 'Message Undeliverable.' },
  href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
};

/** The messages that the bridge sent, and the webhooks about their fate. */
export class MetaStatuses {
  readonly #context: StandInContext;
  readonly #sent = new BoundedMap<SentMessage>();

  constructor(context: StandInContext) {
    this.#context = context;
  }

  remember(wamid: string, message: SentMessage): void {
    this.#sent.set(wamid, message);
  }

  /** Handles `POST /_status`; answers once the first attempt has ended. @throws RefusedError 400 */
  async order(body: unknown): Promise<Answer> {
    requireShape(body, checkOrder, '_status');
    const order = body as StatusOrder;
    const sent = this.#sent.get(order.id) ?? {
      number: findNumber(order.phoneNumberId, this.#context),
      recipient: demoPerson,
      opaqueTag: undefined,
      isUndeliverable: false,
    };
    const status = await this.#send(order.id, order.status, sent, order.errors);
    return { status: 200, body: { id: order.id, status } };
  }

  /** Reports the fate of a message without being asked: sent and delivered, or failed. */
  followUp(wamid: string): void {
    const sent = this.#sent.get(wamid);
    if (!sent) return;
    const { timers } = this.#context;
    if (sent.isUndeliverable) {
      timers.start(100, () => void this.#send(wamid, 'failed', sent, [undeliverable]));
      return;
    }
    timers.start(50, () => void this.#send(wamid, 'sent', sent));
    timers.start(250, () => void this.#send(wamid, 'delivered', sent));
  }

  #send(id: string, status: string, sent: SentMessage, errors?: JsonObject[]): Promise<number | null> {
    const { phone, userId } = sent.recipient;
    const isFailed = status === 'failed';
    const isUserIdTold = userId !== undefined && !(isFailed && phone);
    const value = {
      // A failed status comes without contacts.
      ...(!isFailed && {
        contacts: [{ ...(phone && { wa_id: phone }), ...(userId && { user_id: userId }) }],
      }),
      statuses: [
        {
          id,
          status,
          timestamp: String(Math.floor(this.#context.timers.nowMs() / 1000)),
          ...(phone && { recipient_id: phone }),
          ...(isUserIdTold && { recipient_user_id: userId }),
          ...(sent.opaqueTag !== undefined && { biz_opaque_callback_data: sent.opaqueTag }),
          ...(status === 'sent' && {
            pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: 'service' },
          }),
          ...(errors && { errors }),
        },
      ],
    };
    return sendMetaWebhook(sent.number, value, this.#context);
  }
}
