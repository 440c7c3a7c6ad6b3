// Webhooks as long as Meta's are: full contacts, usernames, a quoted message; about 1 KB per message.

/** One of many customers; the same number is the same person. */
interface Customer {
  phone: string;
  userId: string;
  name: string;
  username: string;
}

/** Body of a `messages` webhook, written with Meta's own escapes. */
export function makeWebhookBody(shape: {
  phoneNumberId: string;
  messages: number;
  /** Who the messages come from, by turns. */
  customers: number;
  /** Length of each text; about Meta's average when left out. */
  textLength?: number;
  /** Makes the message ids of this webhook different from those of others. */
  series: string;
}): string {
  const customers = Array.from({ length: shape.customers }, (_, index) => describeCustomer(index));
  const messages = Array.from({ length: shape.messages }, (_, index) => {
    const customer = customers[index % customers.length] ?? describeCustomer(0);
    return makeMessage(customer, `${shape.series}.${index}`, shape.textLength ?? 400);
  });
  const value = {
    messaging_product: 'whatsapp',
    metadata: { display_phone_number: '15550783881', phone_number_id: shape.phoneNumberId },
    contacts: customers.map(makeContact),
    messages,
  };
  return escapeAsMeta({
    object: 'whatsapp_business_account',
    entry: [{ id: '102290129340398', changes: [{ value, field: 'messages' }] }],
  });
}

function describeCustomer(index: number): Customer {
  return {
    phone: String(447_700_900_000 + index),
    userId: `GB.770011223344${String(index).padStart(5, '0')}`,
    name: `Zoë Ångström-Müller ${index} 🌻`,
    username: `@zoe.angstrom.${index}`,
  };
}

function makeContact({ phone, userId, name, username }: Customer): object {
  return {
    profile: { name, username },
    wa_id: phone,
    user_id: userId,
    identity_key_hash: 'DF2lS5v2W6x4YzQ1uN8m0kR7t3p9aB6c',
  };
}

function makeMessage({ phone, userId }: Customer, id: string, textLength: number): object {
  return {
    from: phone,
    from_user_id: userId,
    id: makeWamid(id),
    timestamp: '1795000000',
    type: 'text',
    context: { from: '15550783881', id: makeWamid(`quoted.${id}`) },
    text: {
      body: 'Hello, is my order 4711/88 on its way? Größe 42, see https://example.com/orders/4711. 🙏 '
        .repeat(Math.ceil(textLength / 88))
        .slice(0, textLength),
    },
  };
}

function makeWamid(id: string): string {
  return `wamid.${Buffer.from(id.padEnd(40, '=')).toString('base64')}`;
}

/** Meta signs and sends non-ASCII as \uXXXX and slashes as \/. */
function escapeAsMeta(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('/', '\\/')
    .replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
