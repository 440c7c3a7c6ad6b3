// What the four Open Messaging inbound calls accept: exactly the documented fields, enums and required parts.
import {
  type Check,
  expectAll,
  expectFlag,
  expectList,
  expectObject,
  expectOneOf,
  expectPattern,
  expectText,
  expectTextMap,
  expectUrl,
  isObject,
  refuse,
  type Violation,
} from '../json-shape.ts';
import type { GenesysFailure } from './genesys-errors.ts';

export type InboundCall = 'message' | 'event' | 'receipt' | 'structured/response';

const filledText = expectText({ min: 1 });
const anyText = expectText();

const idType = expectOneOf(['Email', 'Phone', 'Opaque']);

const time: Check = (value, field) => {
  if (typeof value !== 'string') return refuse(field, 'type', 'must be a string');
  const isIso = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value);
  const instant = Date.parse(value);
  if (isIso && !Number.isNaN(instant) && new Date(instant).toISOString() === value) return undefined;
  return refuse(field, 'value', 'must be an ISO-8601 date with milliseconds and Z');
};

const from = expectObject(
  { id: filledText, idType },
  { nickname: anyText, firstName: anyText, lastName: anyText, email: anyText, image: expectUrl() },
);

const channelMetadata = expectObject(
  {},
  {
    subType: expectOneOf(['None', 'GoogleBusinessProfile', 'RoadsideAssistance', 'YouTube']),
    // Absent from the vendor's type and yet the one way to set participant data.
    customAttributes: expectTextMap(),
  },
);

const customerChannel = expectObject({ from, time }, { messageId: filledText, metadata: channelMetadata });

const attachment = expectObject(
  {
    mediaType: expectOneOf(['Image', 'Video', 'Audio', 'File', 'Link']),
    url: expectUrl(),
    mime: expectPattern(/^[\w.+-]+\/[\w.+-]+( *;.*)?$/, 'a media type such as image/jpeg'),
  },
  { id: filledText, filename: anyText, text: anyText, sha256: filledText },
);

const content = expectList(
  expectObject({ attachment }, { contentType: expectOneOf(['Attachment']) }),
  // Genesys allows one attachment per message.
  { max: 1 },
);

const textOrContent: Check = (value) => {
  if (!isObject(value) || value.text !== undefined) return undefined;
  if (Array.isArray(value.content) && value.content.length > 0) return undefined;
  return { field: 'text', rule: 'missing', message: 'one of text and content is required' };
};

const message = expectAll(
  expectObject({ channel: customerChannel }, { text: filledText, content, metadata: expectTextMap() }),
  textOrContent,
);

const event = expectObject({
  channel: customerChannel,
  events: expectList(expectObject({ eventType: expectOneOf(['Typing']) }), { min: 1 }),
});

const reasonCodes = [
  'MessageExpired',
  'RateLimited',
  'MessageNotAllowed',
  'GeneralError',
  'UnsupportedMessage',
  'UnknownMessage',
  'InvalidMessageStructure',
  'InvalidDestination',
  'ServerError',
  'MediaTypeNotAllowed',
  'InvalidMediaContentLength',
  'RecipientOptedOut',
  'DataFiltered',
];

const reasonsOnlyWithFailed: Check = (value) =>
  isObject(value) && value.reasons !== undefined && value.status !== 'Failed'
    ? refuse('reasons', 'value', 'may be given with status Failed only')
    : undefined;

const receipt = expectAll(
  expectObject(
    {
      id: filledText,
      channel: expectObject({ to: expectObject({ id: filledText }, { idType }), time }),
      // The enum has more values; these two are supported for inbound receipts.
      status: expectOneOf(['Delivered', 'Failed']),
    },
    {
      reasons: expectList(expectObject({ code: expectOneOf(reasonCodes), message: filledText })),
      isFinalReceipt: expectFlag(),
    },
  ),
  reasonsOnlyWithFailed,
);

const structuredResponse = expectObject({
  channel: customerChannel,
  originatingMessageId: filledText,
  buttonResponse: expectObject(
    { type: expectOneOf(['Button', 'QuickReply', 'DatePicker']), text: filledText, payload: filledText },
    { id: anyText },
  ),
});

const checks: Record<InboundCall, Check> = {
  message,
  event,
  receipt,
  'structured/response': structuredResponse,
};

/** What Genesys answers to a body that breaks the contract of the call; undefined when it keeps it. */
export function findContractBreach(call: InboundCall, body: unknown): GenesysFailure | undefined {
  const violation = checks[call](body, '');
  return (
    violation && { status: 400, code: codeOf(violation), message: violation.message, field: violation.field }
  );
}

/** As above, for the query: only `/message` has a parameter. */
export function findQueryBreach(
  call: InboundCall,
  query: Record<string, unknown>,
): GenesysFailure | undefined {
  const known: Record<string, Check> =
    call === 'message' ? { prefetchConversationId: expectOneOf(['true', 'false']) } : {};
  const violation = expectObject({}, known)(query, '');
  return (
    violation && { status: 400, code: codeOf(violation), message: violation.message, field: violation.field }
  );
}

function codeOf(violation: Violation): string {
  if (violation.rule !== 'value') return 'bad.request';
  return violation.field.endsWith('.time') ? 'invalid.date' : 'invalid.value';
}
