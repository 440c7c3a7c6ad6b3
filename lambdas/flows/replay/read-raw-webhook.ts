// Finds the messages in an archived webhook again, with the ids and ledger keys they had when they were accepted.
import { isObject, readId } from '../../core/convert/meta/json-values.ts';
import { splitWebhook } from '../../core/convert/meta/wire.ts';
import { toAsciiJson } from '../../core/model/envelope.ts';
import { inboundKey, outboundKey } from '../../core/model/ledger-record.ts';
import type { RawItem } from '../../core/replay-ports.ts';

export interface RawWebhookTerms {
  /** The hash that made ids for messages without one. */
  hash: (text: string) => string;
  /** Number by Genesys integration. */
  numberOfIntegration: ReadonlyMap<string, string>;
}

const utf8 = new TextDecoder();
const sentTypes = new Set(['Text', 'Structured']);

/** Epoch ms at which a raw webhook was received, from its key; undefined for any other key. */
export function receivedAtOf(rawKey: string): number | undefined {
  const [, digits] = /\/(\d{10,15})-[^/]+\.json$/.exec(rawKey) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Messages only: statuses, preferences and notices to the business are none. A webhook that is no JSON has none. */
export function readRawWebhook(rawKey: string, bytes: Uint8Array, terms: RawWebhookTerms): RawItem[] {
  const receivedAt = receivedAtOf(rawKey) ?? 0;
  const body = parse(bytes);
  const items = isObject(body) && isObject(body.channel) ? readGenesys(body, terms) : readMeta(body, terms);
  return items.map((item, index) => ({ ...item, rawKey, receivedAt, index }));
}

type Found = Omit<RawItem, 'rawKey' | 'receivedAt' | 'index'>;

function readMeta(body: unknown, { hash }: RawWebhookTerms): Found[] {
  return splitWebhook(body).groups.flatMap(({ numberId, customerKey, items }) =>
    items.flatMap((item): Found[] => {
      if (item.kind === 'preference') return [];
      const id = item.id ?? `hash.${hash(toAsciiJson(item.message))}`;
      const key = inboundKey(numberId, id);
      return [{ direction: 'in', numberId, customerKey, key, item: { ...item, id } }];
    }),
  );
}

function readGenesys(body: Record<string, unknown>, terms: RawWebhookTerms): Found[] {
  const channel = isObject(body.channel) ? body.channel : {};
  const id = readId(body.id);
  const to = isObject(channel.to) ? readId(channel.to.id) : undefined;
  const numberId = terms.numberOfIntegration.get(readId(channel.id) ?? '');
  if (!sentTypes.has(String(body.type)) || id === undefined || to === undefined || numberId === undefined)
    return [];
  const conversationId = readId(body.conversationId);
  const item = {
    id,
    kind: 'message' as const,
    to,
    message: body,
    ...(conversationId === undefined ? {} : { conversationId }),
  };
  return [{ direction: 'out', numberId, customerKey: to, key: outboundKey(numberId, id), item }];
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}
