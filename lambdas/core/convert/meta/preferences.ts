// Customers who stop or resume marketing messages in WhatsApp: the field `user_preferences` (Meta reference, 2026-05).
import { isObject, type JsonObject, readId } from './json-values.ts';
import type { WebhookItem } from './wire.ts';

/** Quirk(meta): the only category there is; it says nothing of answers to what the customer asks. */
const marketing = 'marketing_messages';
/** `signup`: the customer asked for marketing messages. */
const wishes: Readonly<Record<string, boolean>> = { stop: true, resume: false, signup: false };

/** The preferences of a change as items for the queues of their customers; those of nobody are left out. */
export function readPreferenceItems({ user_preferences: preferences, contacts }: JsonObject): WebhookItem[] {
  const list = Array.isArray(preferences) ? preferences.filter(isObject) : [];
  const [contact, ...others] = Array.isArray(contacts) ? contacts.filter(isObject) : [];
  const only = others.length === 0 ? contact : undefined;
  return list.flatMap((preference): WebhookItem[] => {
    const ids = [preference.wa_id, preference.user_id].some((id) => readId(id) !== undefined)
      ? preference
      : only;
    const phone = readId(ids?.wa_id);
    const userId = readId(ids?.user_id);
    if (phone === undefined && userId === undefined) return [];
    return [
      {
        id: undefined,
        kind: 'preference',
        message: preference,
        ...(phone === undefined ? {} : { phone }),
        ...(userId === undefined ? {} : { userId }),
      },
    ];
  });
}

/** Whether the customer has opted out of marketing messages; undefined for a wish this bridge does not know. */
export function readOptOut(preference: unknown): boolean | undefined {
  if (!isObject(preference) || preference.category !== marketing) return undefined;
  const wish = readId(preference.value) ?? '';
  return Object.hasOwn(wishes, wish) ? wishes[wish] : undefined;
}
