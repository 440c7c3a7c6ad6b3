// What tests ask of the parts of an agent's message.
import type { CustomerPart } from '../lambdas/core/model/customer-message.ts';
import type { DeskOption } from '../lambdas/core/model/desk-message.ts';

type Json = Record<string, unknown>;

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null;
const at = (value: unknown, name: string): unknown => (isJson(value) ? value[name] : undefined);

/** `text`, `interactive` and so on; `attachment` for files that are still to be fetched. */
export function typesOf(parts: readonly CustomerPart[]): string[] {
  return parts.map((part) => (part.kind === 'ready' ? part.send.type : part.kind));
}

/** The words in the bubble: a text's, those above buttons, or a caption. */
export function textOf(part: CustomerPart | undefined): string {
  if (part === undefined) return '';
  if (part.kind === 'attachment') return part.attachment.caption ?? '';
  const body = at(at(part.send, 'text'), 'body') ?? at(at(interactiveOf(part), 'body'), 'text');
  return typeof body === 'string' ? body : '';
}

export function interactiveOf(part: CustomerPart | undefined): Json | undefined {
  const interactive = part?.kind === 'ready' ? part.send.interactive : undefined;
  return isJson(interactive) ? interactive : undefined;
}

export function optionsOf(part: CustomerPart | undefined): Readonly<Record<string, DeskOption>> {
  return (part?.kind === 'ready' && part.options) || {};
}

/** Ids of what can be tapped, in the order shown. */
export function tapIdsOf(part: CustomerPart): string[] {
  const action = at(interactiveOf(part), 'action');
  const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const buttons = list(at(action, 'buttons')).map((button) => at(at(button, 'reply'), 'id'));
  const rows = list(at(action, 'sections')).flatMap((section) =>
    list(at(section, 'rows')).map((row) => at(row, 'id')),
  );
  return [...buttons, ...rows].filter((id) => typeof id === 'string');
}
