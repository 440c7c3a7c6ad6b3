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
  /** Set when an operator sends it again. */
  replay?: Replay;
  items: InboundItem[];
}

/** An operator's order to deliver again. */
export interface Replay {
  /** Unique, sorts by time: a later replay's number is greater. */
  number: string;
  /** Set when even what was delivered is delivered once more: the operator's reason. */
  forced?: string;
}

/** Stands in the queue for an envelope that is too large for it. */
export interface ClaimCheck {
  v: 1;
  /** Archive key of the envelope. */
  claimCheck: string;
  correlationId: string;
}

/** What all envelopes of one webhook have in common. */
export type EnvelopeHead = Omit<InboundEnvelope, 'items' | 'numberId'>;

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

/** What the items of one queue message have in common: they are one person's, and it is written once. */
const sharedFields = ['userId', 'parentUserId', 'phone', 'name', 'username'] as const;

export type SharedFields = Pick<InboundItem, (typeof sharedFields)[number]>;

/** ASCII JSON of an item without what the message itself says and what it shares with the others. */
export function packItem(item: InboundItem, shared: SharedFields): string {
  const { id, kind, message } = item;
  let packed = `{"message":${toAsciiJson(message)}`;
  if (!isNamed(message, id)) packed += `,"id":${toAsciiJson(id)}`;
  if (kind !== undefined) packed += `,"kind":"${kind}"`;
  for (const field of sharedFields) {
    // A field that the others have and this one has not is null, which no field is otherwise.
    if (item[field] !== shared[field]) packed += `,"${field}":${toAsciiJson(item[field] ?? null)}`;
  }
  return `${packed}}`;
}

function unpackItem(packed: unknown, shared: SharedFields): InboundItem {
  const item = { ...shared, ...(packed as InboundItem) };
  item.id ??= (item.message as { id: string }).id;
  for (const field of sharedFields) if (item[field] === null || item[field] === undefined) delete item[field];
  return item;
}

function isNamed(message: unknown, id: string): boolean {
  return typeof message === 'object' && message !== null && 'id' in message && message.id === id;
}

/** Fields of `item` that other items of the same person are likely to share. */
export function pickShared(item: SharedFields): SharedFields {
  const shared: SharedFields = {};
  for (const field of sharedFields) if (item[field] !== undefined) shared[field] = item[field];
  return shared;
}

/** The part of a body that all queue messages of one webhook begin with. */
export function openEnvelope(head: EnvelopeHead): string {
  return toAsciiJson(head).slice(0, -1);
}

/** Body of a queue message, assembled from its beginning and packed items. */
export function assembleEnvelope(
  opened: string,
  numberId: string,
  shared: SharedFields,
  packedItems: readonly string[],
): string {
  return `${opened},"numberId":${toAsciiJson(numberId)},"shared":${toAsciiJson(shared)},"items":[${packedItems.join(',')}]}`;
}

/** @throws SyntaxError when the body is neither an envelope nor a claim check of this or an earlier release. */
export function parseQueueBody(body: string): InboundEnvelope | ClaimCheck {
  const parsed: unknown = JSON.parse(body);
  if (isClaimCheck(parsed)) return parsed;
  if (!isEnvelope(parsed)) throw new SyntaxError('queue message is neither an envelope nor a claim check');
  const { shared = {}, ...envelope } = parsed;
  return { ...envelope, items: envelope.items.map((item) => unpackItem(item, shared)) };
}

export function isClaimCheck(value: unknown): value is ClaimCheck {
  return (
    typeof value === 'object' &&
    value !== null &&
    'claimCheck' in value &&
    typeof value.claimCheck === 'string'
  );
}

function isEnvelope(value: unknown): value is InboundEnvelope & { shared?: SharedFields } {
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
