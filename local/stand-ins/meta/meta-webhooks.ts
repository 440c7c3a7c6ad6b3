// Webhooks as Meta builds, escapes, signs and retries them.
import { createHmac, randomBytes } from 'node:crypto';
import type { JsonObject } from '../json-shape.ts';
import type { KnownNumber, StandInContext } from '../stand-ins.ts';
import { type DeliveryRule, deliverWebhook } from '../webhook-delivery.ts';

/** Exactly 200 ends it; otherwise at once, then ever more seldom. Meta goes on for 7 days, this for about two hours. */
export const metaDeliveryRule: DeliveryRule = {
  // Meta publishes no limit; reports range from 5 to 20 s.
  timeoutMs: 20_000,
  retryDelaysMs: [1_000, 5_000, 30_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000],
  isRetried: (status) => status !== 200,
};

/** Who a message is from or to; at least one id is set. */
export interface Person {
  phone?: string | undefined;
  userId?: string | undefined;
  name?: string | undefined;
}

/** Who writes when a test does not care: phone and business-scoped user id both known. */
export const demoPerson = { phone: '15550100100', userId: 'US.13491208655302741918', name: 'Ana Pires' };

/** Sends one `value` of the number's `messages` field; answers the status of the first attempt, null if none. */
export function sendMetaWebhook(
  number: KnownNumber,
  value: JsonObject,
  context: StandInContext,
): Promise<number | null> {
  const webhook = {
    object: 'whatsapp_business_account',
    entry: [
      {
        id: '102290129340398',
        changes: [
          {
            value: {
              messaging_product: 'whatsapp',
              metadata: {
                display_phone_number: number.displayPhoneNumber ?? '15550783881',
                phone_number_id: number.phoneNumberId,
              },
              ...value,
            },
            field: 'messages',
          },
        ],
      },
    ],
  };
  const bytes = encodeAsMeta(webhook);
  const digest = createHmac('sha256', number.secrets.metaAppSecret).update(bytes).digest('hex');
  return deliverWebhook(
    {
      url: () => `${context.bridgeUrl()}/webhook/meta`,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'facebookexternalua',
        'x-hub-signature-256': `sha256=${digest}`,
      },
      bytes,
    },
    metaDeliveryRule,
    context.timers,
  );
}

/** A new message id, as long and with the same odd characters as Meta's. */
export function makeWamid(): string {
  return `wamid.${randomBytes(40).toString('base64')}`;
}

/** Meta signs and sends the escaped form: non-ASCII as \uXXXX, slashes as \/. */
function encodeAsMeta(value: unknown): Buffer {
  const escaped = JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return Buffer.from(escaped, 'ascii');
}
