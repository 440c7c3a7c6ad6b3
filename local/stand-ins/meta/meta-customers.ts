// What customers do: `POST /_send` and `POST /_media`.
import { type Answer, RefusedError, readQuery, type StandInRequest } from '../http-exchange.ts';
import {
  type Check,
  expectObject,
  expectText,
  isObject,
  type JsonObject,
  refuse,
  requireShape,
} from '../json-shape.ts';
import type { KnownNumber, StandInContext } from '../stand-ins.ts';
import type { MetaMedia } from './meta-media.ts';
import { demoPerson, makeWamid, type Person, sendMetaWebhook } from './meta-webhooks.ts';

interface SendOrder {
  from?: string;
  userId?: string;
  name?: string;
  phoneNumberId?: string;
  message: JsonObject & { type: string };
}

const filledText = expectText({ min: 1 });

const message: Check = (value, field) => {
  if (!isObject(value)) return refuse(field, 'type', 'must be an object: a WhatsApp message without id');
  if (typeof value.type === 'string' && value.type) return undefined;
  return refuse(`${field}.type`, 'missing', 'must name the kind of message, such as text');
};

const checkOrder = expectObject(
  { message },
  { from: filledText, userId: filledText, name: expectText(), phoneNumberId: filledText },
);

/** Sends a customer's message as a signed webhook; answers once the first attempt has ended. @throws RefusedError 400 */
export async function sendCustomerMessage(body: unknown, context: StandInContext): Promise<Answer> {
  requireShape(body, checkOrder, '_send');
  const order = body as SendOrder;
  const number = findNumber(order.phoneNumberId, context);
  const person = pickPerson(order);
  const sent: JsonObject = {
    ...(person.phone && { from: person.phone }),
    ...(person.userId && { from_user_id: person.userId }),
    id: makeWamid(),
    timestamp: String(Math.floor(context.timers.nowMs() / 1000)),
    // Last, so that a test may set any of these itself.
    ...order.message,
  };
  const value = {
    // System messages come without contacts.
    ...(order.message.type !== 'system' && { contacts: [makeContact(person)] }),
    messages: [sent],
  };
  const status = await sendMetaWebhook(number, value, context);
  return { status: 200, body: { id: sent.id, status } };
}

/** Takes the raw bytes of a customer's file; answers its id and base64 digest for the message's media object. */
export function takeCustomerMedia(request: StandInRequest, media: MetaMedia): Answer {
  if (request.bytes.length === 0)
    throw new RefusedError(400, '_media: the body must be the bytes of the file');
  const stored = media.add({
    bytes: request.bytes,
    mimeType: request.headers['content-type'] ?? 'application/octet-stream',
    filename: readQuery(request, 'filename'),
    phoneNumberId: undefined,
  });
  return { status: 200, body: stored };
}

/** The number asked for, else the first. @throws RefusedError 400 */
export function findNumber(phoneNumberId: string | undefined, context: StandInContext): KnownNumber {
  if (phoneNumberId === undefined) return context.numbers[0];
  const number = context.numbers.find((candidate) => candidate.phoneNumberId === phoneNumberId);
  if (!number) throw new RefusedError(400, `there is no phoneNumberId ${phoneNumberId}`);
  return number;
}

function pickPerson({ from, userId, name }: SendOrder): Person {
  if (!from && !userId) return { ...demoPerson, ...(name !== undefined && { name }) };
  return { phone: from, userId, name };
}

function makeContact({ phone, userId, name = demoPerson.name }: Person): JsonObject {
  return { profile: { name }, ...(phone && { wa_id: phone }), ...(userId && { user_id: userId }) };
}
