// Notifications: messages that an agent or a campaign sends from a template.
import type { MetaSend, OutboundAttachment } from '../../model/customer-message.ts';
import type { DeskOption } from '../../model/desk-message.ts';
import { readId } from '../meta/json-values.ts';
import type { CardLink } from '../whatsapp/card.ts';
import { type TemplateName, templateSend } from '../whatsapp/template-send.ts';
import { listObjects, readAttachment, readLink, readOption, readWords } from './read-parts.ts';

export interface Notification {
  id?: string;
  /** Header, body and footer with their gaps filled, for a customer to read. */
  text: string;
  media: readonly OutboundAttachment[];
  choices: readonly DeskOption[];
  links: readonly CardLink[];
  /** In the order of the gaps. */
  parameters: {
    body: readonly string[];
    header: readonly string[];
    links: readonly { index: number; text: string }[];
  };
}

/** Undefined when it holds nothing to send, not even the id of a template. */
export function readNotification(part: Record<string, unknown>): Notification | undefined {
  const [header = {}, body = {}, footer = {}] = [part.header, part.body, part.footer].map(
    (section) => listObjects(section)[0],
  );
  const text = [header, body, footer]
    .map((section) => fillGaps(readWords(section.text), section.parameters))
    .filter((section) => section !== '')
    .join('\n\n');
  const buttons = listObjects(part.buttons).map((button, at) => ({ button, index: readIndex(button, at) }));
  const id = readId(part.id);
  const notification: Notification = {
    ...(id === undefined ? {} : { id }),
    text,
    media: listObjects(header.media).flatMap((media) => readAttachment(media) ?? []),
    choices: buttons
      .filter(({ button }) => !isLink(button) && readId(button.phoneNumber) === undefined)
      .flatMap(
        ({ button }) => readOption('QuickReply', { text: button.text, payload: button.payload }) ?? [],
      ),
    links: buttons.flatMap(({ button }) => readLink(button.text, button.url ?? button.phoneNumber) ?? []),
    parameters: {
      body: readParameters(body.parameters),
      header: readParameters(header.parameters),
      links: buttons.flatMap(({ button, index }) =>
        readParameters(isLink(button) ? button.parameters : []).map((end) => ({ index, text: end })),
      ),
    },
  };
  const { media, choices, links } = notification;
  const isEmpty = id === undefined && text === '' && media.length + choices.length + links.length === 0;
  return isEmpty ? undefined : notification;
}

/** The notification as the template at Meta that the tenant mapped it to; undefined when there is none. */
export function toTemplate(
  { id, media, choices, parameters }: Notification,
  templates: Readonly<Record<string, TemplateName>>,
): { send: MetaSend; options?: Readonly<Record<string, DeskOption>> } | undefined {
  const template = id !== undefined && Object.hasOwn(templates, id) ? templates[id] : undefined;
  // A header with a file needs that file uploaded first; such a notification goes piece by piece.
  if (!template || media.length > 0) return undefined;
  // Quirk(meta): a template's button without a payload of its own answers with what stands on it.
  const options = Object.fromEntries(choices.map((option) => [option.text, option]));
  return { send: templateSend(template, parameters), ...(choices.length === 0 ? {} : { options }) };
}

function fillGaps(text: string, parameters: unknown): string {
  const texts = listObjects(parameters).map((parameter) => readWords(parameter.text));
  const names = listObjects(parameters).map(({ name }) => readId(name));
  // A name goes before a position.
  const values = new Map<string | undefined, string>([
    ...texts.map((value, index) => [String(index + 1), value] as const),
    ...texts.map((value, index) => [names[index], value] as const),
  ]);
  return text.replace(/\{\{\s*([\w.-]+)\s*\}\}/g, (gap, name: string) => values.get(name) ?? gap);
}

/** Named by position they are put in that order, else they stay as they come. */
function readParameters(value: unknown): string[] {
  const parameters = listObjects(value);
  const position = (parameter: Record<string, unknown>) => Number(readId(parameter.name) ?? Number.NaN);
  const isNumbered = parameters.every((parameter) => Number.isInteger(position(parameter)));
  return (isNumbered ? parameters.toSorted((a, b) => position(a) - position(b)) : parameters).map(
    (parameter) => readWords(parameter.text),
  );
}

function isLink(button: Record<string, unknown>): boolean {
  return readId(button.url) !== undefined || readId(button.type) === 'Url';
}

function readIndex(button: Record<string, unknown>, at: number): number {
  const index = Number(readId(button.index) ?? Number.NaN);
  return Number.isInteger(index) && index >= 0 && index < 10 ? index : at;
}
