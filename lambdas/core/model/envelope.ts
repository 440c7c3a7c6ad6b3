// What travels through the inbound queue: the ordered items of one customer in one webhook.

/** Who a webhook item came from, as far as WhatsApp says. BSUID or phone is normally present. */
export interface SenderIdentity {
  /** Business-scoped user id (BSUID), e.g. `GB.77001122334455`; opaque. */
  userId?: string;
  /** BSUID of the same person across portfolios, for businesses that enrolled; opaque. */
  parentUserId?: string;
  /** Phone digits without `+`; absent when the customer hides it. */
  phone?: string;
}

/** One WhatsApp message with what the webhook said about its sender. */
export interface InboundItem extends SenderIdentity {
  /** wamid, or a hash of the message when it came without a usable id. */
  id: string;
  /** What the item is; a message of the customer when absent. */
  kind?: 'preference' | 'echo' | 'status';
  /** The message, preference or status object exactly as Meta sent it. */
  message: unknown;
  /** Display name chosen by the customer; untrusted. */
  name?: string;
  /** Username with its leading `@`. */
  username?: string;
}

/** All items of one customer of one number in one webhook, in the webhook's order. */
export interface InboundEnvelope {
  v: 1;
  channel: 'meta';
  /** `phone_number_id` the customer wrote to; empty when the webhook named none. */
  numberId: string;
  /** When the door accepted the webhook, epoch ms. */
  receivedAt: number;
  /** Key of the raw webhook in the archive. */
  rawKey: string;
  correlationId: string;
  items: InboundItem[];
}

/** Stands in the queue for an envelope that is too large for it. */
export interface ClaimCheck {
  v: 1;
  /** Archive key of the envelope. */
  claimCheck: string;
  correlationId: string;
}

/** Everything of an envelope but its items. */
export type EnvelopeHead = Omit<InboundEnvelope, 'items'>;

const nonAscii = /[\u007f-\uffff]/;
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** JSON of pure ASCII: SQS refuses U+FFFE and U+FFFF, and JSON leaves them unescaped. */
export function toAsciiJson(value: unknown): string {
  const json = JSON.stringify(value);
  const first = json.search(nonAscii);
  return first < 0 ? json : escapeNonAscii(json, first);
}

/** A plain loop takes half the time of a replacing callback, and the door spends more time here than anywhere else. */
function escapeNonAscii(json: string, first: number): string {
  let ascii = '';
  let copied = 0;
  for (let index = first; index < json.length; index += 1) {
    const unit = json.charCodeAt(index);
    if (unit < 0x7f) continue;
    ascii += `${json.slice(copied, index)}\\u${hexOfByte[unit >> 8]}${hexOfByte[unit & 0xff]}`;
    copied = index + 1;
  }
  return ascii + json.slice(copied);
}

/** Body of a queue message, assembled from items that are ASCII JSON already. */
export function assembleEnvelope(head: EnvelopeHead, itemsJson: readonly string[]): string {
  return `${toAsciiJson(head).slice(0, -1)},"items":[${itemsJson.join(',')}]}`;
}

/** @throws SyntaxError when the body is neither an envelope nor a claim check of this or an earlier release. */
export function parseQueueBody(body: string): InboundEnvelope | ClaimCheck {
  const parsed: unknown = JSON.parse(body);
  if (isClaimCheck(parsed) || isEnvelope(parsed)) return parsed;
  throw new SyntaxError('queue message is neither an envelope nor a claim check');
}

export function isClaimCheck(value: unknown): value is ClaimCheck {
  return (
    typeof value === 'object' &&
    value !== null &&
    'claimCheck' in value &&
    typeof value.claimCheck === 'string'
  );
}

function isEnvelope(value: unknown): value is InboundEnvelope {
  return (
    typeof value === 'object' &&
    value !== null &&
    'v' in value &&
    value.v === 1 &&
    'numberId' in value &&
    typeof value.numberId === 'string' &&
    'items' in value &&
    Array.isArray(value.items)
  );
}
