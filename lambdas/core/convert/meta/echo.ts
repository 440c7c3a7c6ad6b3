// What a colleague wrote to a customer in the WhatsApp Business app, beside the desk (coexistence): the agent is to know
// of it. Facts: Meta "smb_message_echoes" reference (2026-05).
import { isObject, type JsonObject, readId } from './json-values.ts';
import type { WebhookItem } from './wire.ts';

/** The echoes of a change as items for the queues of the customers they went to; those to nobody are left out. */
export function readEchoItems({ message_echoes: echoes }: JsonObject): WebhookItem[] {
  const list = Array.isArray(echoes) ? echoes.filter(isObject) : [];
  return list.flatMap((message): WebhookItem[] => {
    const phone = readId(message.to);
    const userId = readId(message.to_user_id);
    const parentUserId = readId(message.to_parent_user_id);
    if (phone === undefined && userId === undefined) return [];
    return [
      {
        id: readId(message.id),
        kind: 'echo',
        message,
        ...(phone === undefined ? {} : { phone }),
        ...(userId === undefined ? {} : { userId }),
        ...(parentUserId === undefined ? {} : { parentUserId }),
      },
    ];
  });
}
