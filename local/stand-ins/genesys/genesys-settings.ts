import {
  type Check,
  expectAll,
  expectFlag,
  expectNumber,
  expectObject,
  refuse,
  requireShape,
} from '../json-shape.ts';

/** How the Genesys stand-in behaves where the real one is undocumented or configurable. */
export interface GenesysSettings {
  /** Answer a repeated `channel.messageId` with the first answer. */
  dedupByMessageId: boolean;
  /** Requests per token and minute; 0 is off. */
  rateLimitPerMinute: number;
  /** Leave `conversationId` out even when prefetch asks for it. */
  nullConversationId: boolean;
  tokenLifetimeSeconds: number;
  /** Answer 404 to receipts of messages that were not sent through `_reply`. */
  refuseUnknownReceipts: boolean;
}

export const defaultSettings: GenesysSettings = {
  dedupByMessageId: false,
  rateLimitPerMinute: 0,
  nullConversationId: false,
  tokenLifetimeSeconds: 86_400,
  refuseUnknownReceipts: false,
};

const rate: Check = (value, field) => {
  if (value === null || value === false) return undefined;
  const whole: Check = (number) =>
    Number.isInteger(number) ? undefined : refuse(field, 'type', 'must be whole');
  return expectAll(expectNumber({ min: 0 }), whole)(value, field);
};

const checkSettings = expectObject(
  {},
  {
    dedupByMessageId: expectFlag(),
    rateLimitPerMinute: rate,
    nullConversationId: expectFlag(),
    tokenLifetimeSeconds: expectNumber({ min: 0 }),
    refuseUnknownReceipts: expectFlag(),
    expireTokens: expectFlag(),
  },
);

/** The settings with defaults for what is left out; `expireTokens` is an order, not a setting. @throws RefusedError 400 */
export function readSettings(body: unknown): { settings: GenesysSettings; expireTokens: boolean } {
  requireShape(body, checkSettings, 'settings');
  const { expireTokens = false, ...given } = body as Partial<GenesysSettings> & { expireTokens?: boolean };
  const settings = { ...defaultSettings, ...given };
  return { settings: { ...settings, rateLimitPerMinute: settings.rateLimitPerMinute || 0 }, expireTokens };
}
