// Messages from templates: the only ones WhatsApp takes outside its 24 h window.
import type { MetaSend } from '../../model/customer-message.ts';
import { toSafeLine } from '../hostile-text.ts';

/** A template approved at Meta. */
export interface TemplateName {
  name: string;
  /** Language code as Meta has it, e.g. `en_GB`. */
  language: string;
}

/** What fills the gaps of a template, each list in the order of its gaps. */
export interface TemplateParameters {
  body?: readonly string[];
  header?: readonly string[];
  /** Variable ends of link buttons, by the position of the button. */
  links?: readonly { index: number; text: string }[];
}

const longestParameter = 1024;

/** A send of the template with texts in its gaps; the body's alone when a plain list is given. */
export function templateSend(
  { name, language }: TemplateName,
  parameters: readonly string[] | TemplateParameters = [],
): MetaSend {
  const { body, header, links }: TemplateParameters = isList(parameters) ? { body: parameters } : parameters;
  const components = [
    ...toComponent({ type: 'header' }, header),
    ...toComponent({ type: 'body' }, body),
    ...(links ?? []).flatMap(({ index, text }) =>
      toComponent({ type: 'button', sub_type: 'url', index: String(index) }, [text]),
    ),
  ];
  return {
    type: 'template',
    template: { name, language: { code: language }, ...(components.length === 0 ? {} : { components }) },
  };
}

function toComponent(component: Record<string, string>, texts: readonly string[] = []) {
  if (texts.length === 0) return [];
  return [{ ...component, parameters: texts.map((text) => ({ type: 'text', text: toParameter(text) })) }];
}

/** Quirk(meta): a parameter may hold neither line breaks nor tabs nor many spaces, and must not be empty. */
function toParameter(text: string): string {
  return toSafeLine(text, longestParameter - 1) || '–';
}

function isList(parameters: readonly string[] | TemplateParameters): parameters is readonly string[] {
  return Array.isArray(parameters);
}
