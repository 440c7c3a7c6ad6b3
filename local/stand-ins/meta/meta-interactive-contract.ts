// The interactive kinds of message. Those without documented limits are only asked for an action.
import {
  type Check,
  expectAll,
  expectAnyObject,
  expectList,
  expectObject,
  expectOneOf,
  expectText,
  expectUrl,
  isObject,
  refuse,
} from '../json-shape.ts';

const filledText = expectText({ min: 1 });
const limitText = (max: number): Check => expectText({ min: 1, max });
const textPart = (max: number): Check => expectObject({ text: limitText(max) });
const file = expectObject({}, { id: filledText, link: expectUrl(), filename: filledText });

const header = expectAll(
  expectObject(
    { type: expectOneOf(['text', 'image', 'video', 'document']) },
    { text: limitText(60), image: file, video: file, document: file, sub_text: expectText() },
  ),
  (value, field) => {
    if (!isObject(value) || value[String(value.type)] !== undefined) return undefined;
    return refuse(`${field}.${value.type}`, 'missing', 'is required by the type of the header');
  },
);

const replyButton = expectObject({
  type: expectOneOf(['reply']),
  reply: expectObject({ id: limitText(256), title: limitText(20) }),
});

const distinctReplies: Check = (value, field) => {
  const replies = (value as { reply: { id: string; title: string } }[]).map(({ reply }) => reply);
  if (new Set(replies.map(({ id }) => id)).size < replies.length) {
    return refuse(field, 'value', 'must have distinct ids');
  }
  const isUnique = new Set(replies.map(({ title }) => title)).size === replies.length;
  return isUnique ? undefined : refuse(field, 'value', 'must have distinct titles');
};

const replyButtons = expectObject({
  buttons: expectAll(expectList(replyButton, { min: 1, max: 3 }), distinctReplies),
});

const row = expectObject(
  { id: limitText(200), title: limitText(24) },
  { description: expectText({ max: 72 }) },
);

const section = expectObject({ rows: expectList(row, { min: 1 }) }, { title: limitText(24) });

interface ListSection {
  title?: string;
  rows: { id: string }[];
}

const wholeList: Check = (value, field) => {
  const sections = value as ListSection[];
  const ids = sections.flatMap(({ rows }) => rows.map(({ id }) => id));
  if (ids.length > 10) return refuse(field, 'limit', 'must have at most 10 rows in total');
  if (new Set(ids).size < ids.length) return refuse(field, 'value', 'must have distinct row ids');
  const untitled = sections.length > 1 && sections.some(({ title }) => title === undefined);
  return untitled ? refuse(field, 'missing', 'must have titles when there are several') : undefined;
};

const listAction = expectObject({
  button: limitText(20),
  sections: expectAll(expectList(section, { min: 1, max: 10 }), wholeList),
});

const linkAction = expectObject({
  name: expectOneOf(['cta_url']),
  parameters: expectObject({ display_text: limitText(20), url: expectUrl() }),
});

const flowParameters = expectAll(
  expectObject(
    { flow_message_version: expectOneOf(['3']), flow_cta: limitText(30) },
    {
      flow_id: filledText,
      flow_name: filledText,
      flow_token: filledText,
      flow_action: expectOneOf(['navigate', 'data_exchange']),
      flow_action_payload: expectAnyObject(),
      mode: expectOneOf(['draft', 'published']),
    },
  ),
  (value, field) => {
    const { flow_id: id, flow_name: name } = value as { flow_id?: string; flow_name?: string };
    return (id === undefined) === (name === undefined)
      ? refuse(field, 'value', 'must have either flow_id or flow_name')
      : undefined;
  },
);

function expectNamed(name: string): Check {
  return expectObject({ name: expectOneOf([name]) }, { parameters: expectAnyObject() });
}

interface Kind {
  action: Check;
  /** Longest body text; a kind with `isBodyFree` may do without. */
  bodyMax?: number;
  isBodyFree?: boolean;
  header?: Check;
}

const textHeader = expectObject({ type: expectOneOf(['text']), text: limitText(60) });

const kinds: Record<string, Kind> = {
  button: { action: replyButtons },
  list: { action: listAction, bodyMax: 4096, header: textHeader },
  cta_url: { action: linkAction },
  flow: { action: expectObject({ name: expectOneOf(['flow']), parameters: flowParameters }) },
  carousel: { action: expectObject({ cards: expectList(expectAnyObject(), { min: 2, max: 10 }) }) },
  location_request_message: { action: expectNamed('send_location') },
  request_contact_info: { action: expectNamed('request_contact_info') },
  call_permission_request: { action: expectNamed('call_permission_request'), isBodyFree: true },
  catalog_message: { action: expectNamed('catalog_message') },
  product: {
    action: expectObject({ catalog_id: filledText, product_retailer_id: filledText }),
    isBodyFree: true,
  },
  product_list: {
    action: expectObject({ catalog_id: filledText, sections: expectList(expectAnyObject(), { min: 1 }) }),
  },
  address_message: { action: expectAnyObject() },
  order_details: { action: expectAnyObject() },
  order_status: { action: expectAnyObject() },
};

/** The `interactive` part of a message of any documented kind. */
export const interactive: Check = (value, field) => {
  if (!isObject(value)) return refuse(field, 'type', 'must be an object');
  const kind = kinds[String(value.type)];
  if (!kind) return expectOneOf(Object.keys(kinds))(value.type, `${field}.type`);
  const body = textPart(kind.bodyMax ?? 1024);
  return expectObject(
    { type: filledText, action: kind.action, ...(!kind.isBodyFree && { body }) },
    { body, header: kind.header ?? header, footer: textPart(60) },
  )(value, field);
};
