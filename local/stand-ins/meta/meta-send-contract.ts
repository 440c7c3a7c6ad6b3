// What `POST /{phone-number-id}/messages` accepts, kind by kind; the interactive kinds have a file of their own.
import {
  type Check,
  expectAll,
  expectAnyObject,
  expectFlag,
  expectList,
  expectNumber,
  expectObject,
  expectOneOf,
  expectPattern,
  expectText,
  expectUrl,
  isObject,
  refuse,
  type Violation,
} from '../json-shape.ts';
import {
  describeInvalidParameter,
  describeInvalidValue,
  describeMissingParameter,
  type GraphFailure,
} from './meta-errors.ts';
import { interactive } from './meta-interactive-contract.ts';

const filledText = expectText({ min: 1 });
const anyText = expectText();
const wamid = expectPattern(/^wamid\.\S+$/, 'the id of a WhatsApp message');
const userId = expectPattern(/^[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}$/, 'a business-scoped user id');

/** Media by `id` or by `link`, never both. */
function expectMedia(optional: Record<string, Check> = {}): Check {
  const shape = expectObject({}, { id: filledText, link: expectUrl(), ...optional });
  return expectAll(shape, (value, field) => {
    if (!isObject(value) || (value.id === undefined) !== (value.link === undefined)) return undefined;
    return refuse(field, 'value', 'must have either id or link');
  });
}

const caption = expectText({ max: 1024 });

const coordinate = (limit: number): Check => {
  const number = expectNumber({ min: -limit, max: limit });
  return (value, field) =>
    number(typeof value === 'string' && value.trim() !== '' ? Number(value) : value, field);
};

const contact = expectObject(
  {
    name: expectObject(
      { formatted_name: filledText },
      { first_name: anyText, last_name: anyText, middle_name: anyText, prefix: anyText, suffix: anyText },
    ),
  },
  {
    addresses: expectList(expectAnyObject()),
    birthday: expectPattern(/^\d{4}-\d{2}-\d{2}$/, 'a date such as 2012-08-18'),
    emails: expectList(expectObject({}, { email: anyText, type: anyText })),
    org: expectObject({}, { company: anyText, department: anyText, title: anyText }),
    phones: expectList(expectObject({}, { phone: anyText, type: anyText, wa_id: anyText })),
    urls: expectList(expectObject({}, { url: anyText, type: anyText })),
  },
);

/** A text fits into its gap as one line; the other types of parameter are taken as they are. */
const templateParameter: Check = (value, field) => {
  if (!isObject(value)) return refuse(field, 'type', 'must be an object');
  // Meta's own examples fill quick replies with true and false.
  if (value.type !== 'text' || typeof value.text === 'boolean') return undefined;
  if (value.text === '') return refuse(`${field}.text`, 'missing', 'is required');
  const line = expectPattern(
    /^(?!.* {5})[^\n\r\t]+$/,
    'one line without tabs or more than 4 spaces in a row',
  );
  return line(value.text, `${field}.text`);
};

const templateComponent = expectObject(
  {
    type: expectPattern(
      /^(header|body|footer|button|carousel|limited_time_offer|order_status)$/i,
      'a component type',
    ),
  },
  {
    sub_type: filledText,
    index: (value, field) =>
      /^\d+$/.test(String(value)) ? undefined : refuse(field, 'value', 'must be a position'),
    parameters: expectList(templateParameter),
    cards: expectList(expectAnyObject()),
  },
);

/** The part named by `type`. */
const kinds: Record<string, Check> = {
  text: expectObject({ body: expectText({ min: 1, max: 4096 }) }, { preview_url: expectFlag() }),
  image: expectMedia({ caption }),
  video: expectMedia({ caption }),
  audio: expectMedia({ voice: expectFlag() }),
  document: expectMedia({ caption, filename: filledText }),
  sticker: expectMedia(),
  location: expectObject(
    { latitude: coordinate(90), longitude: coordinate(180) },
    { name: anyText, address: anyText },
  ),
  contacts: expectList(contact, { min: 1, max: 257 }),
  reaction: expectObject({ message_id: wamid, emoji: anyText }),
  interactive,
  template: expectObject(
    { name: filledText, language: expectObject({ code: filledText }, { policy: filledText }) },
    { components: expectList(templateComponent) },
  ),
};

const callbackData: Check = (value, field) => {
  if (typeof value !== 'string') return refuse(field, 'type', 'must be a string');
  return Buffer.byteLength(value) <= 512 ? undefined : refuse(field, 'limit', 'must have at most 512 bytes');
};

const frame: Record<string, Check> = {
  messaging_product: expectOneOf(['whatsapp']),
  recipient_type: expectOneOf(['individual', 'group']),
  to: expectPattern(/\d/, 'a phone number or group id'),
  recipient: userId,
  type: expectOneOf(Object.keys(kinds)),
  context: expectObject({ message_id: wamid }),
  biz_opaque_callback_data: callbackData,
  recipient_identity_key_hash: filledText,
};

const readMark = expectObject(
  { messaging_product: expectOneOf(['whatsapp']), status: expectOneOf(['read']), message_id: wamid },
  { typing_indicator: expectObject({ type: expectOneOf(['text']) }) },
);

/** The failure that a body deserves; undefined when Meta would take it. */
export function findSendRefusal(body: unknown): GraphFailure | undefined {
  if (!isObject(body)) return describeInvalidParameter('the body must be a JSON object');
  if (body.messaging_product !== 'whatsapp') {
    return describeInvalidParameter('The parameter messaging_product is required and must be whatsapp.');
  }
  if (body.status !== undefined) return describeViolation(readMark(body, ''));
  if (body.to === undefined && body.recipient === undefined) {
    return describeMissingParameter('one of to and recipient is required');
  }
  const type = typeof body.type === 'string' ? body.type : guessType(body);
  const kind = kinds[type];
  return describeViolation(expectObject(kind ? { [type]: kind } : {}, frame)(body, ''));
}

/** Texts go without a type, and so does a list among Meta's own examples. */
function guessType(body: Record<string, unknown>): string {
  return body.type === undefined && body.text === undefined && body.interactive !== undefined
    ? 'interactive'
    : 'text';
}

/** The ids of uploaded media that a body uses, wherever they stand. */
export function listMediaIds(body: unknown): string[] {
  if (Array.isArray(body)) return body.flatMap(listMediaIds);
  if (!isObject(body)) return [];
  return Object.entries(body).flatMap(([name, part]) => {
    const isMedia = /^(image|video|audio|document|sticker)$/.test(name) && isObject(part);
    return isMedia && typeof part.id === 'string' ? [part.id] : listMediaIds(part);
  });
}

function describeViolation(violation: Violation | undefined): GraphFailure | undefined {
  if (!violation) return undefined;
  if (violation.rule === 'missing') return describeMissingParameter(violation.message);
  const isTextLength = violation.field === 'text.body' && violation.rule === 'limit';
  if (violation.rule === 'unknown' || isTextLength || violation.field === 'type') {
    return describeInvalidParameter(violation.message);
  }
  return describeInvalidValue(violation.message);
}
