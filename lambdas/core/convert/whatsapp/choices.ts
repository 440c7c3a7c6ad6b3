// Choices as WhatsApp offers them: up to three buttons, a list of up to ten rows, or numbered lines of text.
import type { CustomerPart } from '../../model/customer-message.ts';
import type { DeskOption } from '../../model/desk-message.ts';
import { cutText, isBlank, toSafeLine } from '../hostile-text.ts';
import type { Phrases } from '../phrases.ts';
import { splitLastPart } from './split-text.ts';
import { readyPart, toTextParts } from './text-parts.ts';

// Source: Meta, interactive messages. A list's body may be longer by some accounts; this much is sure for both.
const longestBody = 1024;
const buttons = { most: 3, title: 20 };
const rows = { most: 10, title: 24, description: 72, button: 20 };

/** Makes the ids of one message's options: short, and different from those of every other message. */
export type OptionIds = () => string;

export function createOptionIds(messageId: string): OptionIds {
  const salt = toSalt(messageId);
  let count = 0;
  return () => `${salt}-q${count++}`;
}

/** The prompt, then the choices; `options` of the part leads from the id of each tap back to what the desk offered. */
export function offerChoices(
  prompt: string,
  choices: readonly DeskOption[],
  { phrases, nextId }: { phrases: Phrases; nextId: OptionIds },
): CustomerPart[] {
  if (choices.length === 0) return toTextParts(prompt);
  const offered = choices.map((option) => ({ id: nextId(), option }));
  const options = Object.fromEntries(offered.map(({ id, option }) => [id, option]));
  const action = toButtons(offered) ?? toList(offered, phrases);
  if (!action) {
    const lines = choices.map(({ text }, index) => `${index + 1}. ${toSafeLine(text, text.length)}`);
    return toTextParts([prompt, lines.join('\n')].filter((text) => text !== '').join('\n\n'));
  }
  const { before, last } = splitLastPart(prompt, longestBody);
  const body = isBlank(last) ? phrases.pleaseChoose : last;
  return [
    ...toTextParts(before),
    readyPart({ type: 'interactive', interactive: { ...action, body: { text: body } } }, body, options),
  ];
}

interface Offered {
  id: string;
  option: DeskOption;
}

function toButtons(offered: readonly Offered[]) {
  const titles = cutTitles(offered, buttons);
  if (!titles) return undefined;
  const replies = offered.map(({ id }, index) => ({ type: 'reply', reply: { id, title: titles[index] } }));
  return { type: 'button', action: { buttons: replies } };
}

function toList(offered: readonly Offered[], phrases: Phrases) {
  const titles = cutTitles(offered, rows);
  if (!titles) return undefined;
  const listed = offered.map(({ id, option }, index) => {
    const title = titles[index];
    const whole = toSafeLine(option.text, rows.description - 1);
    return whole === title ? { id, title } : { id, title, description: whole };
  });
  const button = toTitle(phrases.options, rows.button);
  return { type: 'list', action: { button, sections: [{ rows: listed }] } };
}

/** Undefined when there are too many, or when two would look the same. */
function cutTitles(
  offered: readonly Offered[],
  { most, title }: { most: number; title: number },
): string[] | undefined {
  if (offered.length > most) return undefined;
  const titles = offered.map(({ option }) => toTitle(option.text, title));
  return new Set(titles).size === titles.length ? titles : undefined;
}

/** One line that fits with its ellipsis. */
export function toTitle(text: string, maxLength: number): string {
  const line = toSafeLine(text, text.length);
  return line.length <= maxLength ? line : cutText(line, maxLength - 1);
}

/** FNV-1a, 32 bit; a chance meeting of two messages does no harm, since a tap is looked up under its message first. */
function toSalt(messageId: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < messageId.length; index += 1) {
    hash = Math.imul(hash ^ messageId.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}
