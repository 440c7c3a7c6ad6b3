// Finds the messages in an archived webhook again, with the ids and ledger keys they had when they were accepted.
import { readDeskWebhook } from '../../core/convert/genesys/webhook.ts';
import { isObject, type JsonObject } from '../../core/convert/meta/json-values.ts';
import { splitWebhook } from '../../core/convert/meta/wire.ts';
import { BridgeError } from '../../core/errors.ts';
import { toAsciiJson } from '../../core/model/envelope.ts';
import { inboundKey, outboundKey } from '../../core/model/ledger-record.ts';
import type { Archive } from '../../core/ports.ts';
import type { RawItem } from '../../core/replay-ports.ts';

export interface RawWebhookTerms {
  /** The hash that made ids for messages without one. */
  hash: (text: string) => string;
  /** Number by Genesys integration. */
  numberOfIntegration: ReadonlyMap<string, string>;
}

const utf8 = new TextDecoder();

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

/**
 * The same for a webhook that may be missing: archiving is best effort, and what the bridge or an operator wrote came in
 * no webhook. @throws BridgeError `store-unavailable`
 */
export async function readRawIfThere(
  rawKey: string,
  { archive, terms }: { archive: Pick<Archive, 'get'>; terms: RawWebhookTerms },
): Promise<RawItem[]> {
  if (rawKey === '') return [];
  try {
    return readRawWebhook(rawKey, await archive.get(rawKey), terms);
  } catch (error) {
    if (error instanceof BridgeError && error.details.code === 'NoSuchKey') return [];
    throw error;
  }
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

function readGenesys(body: JsonObject, { numberOfIntegration }: RawWebhookTerms): Found[] {
  const { kind, id, to, conversationId, integrationId } = readDeskWebhook(body);
  const numberId = numberOfIntegration.get(integrationId ?? '');
  if (kind !== 'message' || id === undefined || numberId === undefined) return [];
  const item = { id, kind, to, message: body, ...(conversationId === undefined ? {} : { conversationId }) };
  return [{ direction: 'out', numberId, customerKey: to, key: outboundKey(numberId, id), item }];
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}
