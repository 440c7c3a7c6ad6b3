// What a message on its way to a customer consists of, by its kind; the same parts for the same message at every visit.
import { toCustomerContent } from '../../core/convert/genesys/from-genesys.ts';
import { isObject, readId } from '../../core/convert/meta/json-values.ts';
import type { Phrases } from '../../core/convert/phrases.ts';
import { type TemplateName, templateSend } from '../../core/convert/whatsapp/template-send.ts';
import type { CustomerContent } from '../../core/model/customer-message.ts';
import type { OutboundItem } from '../../core/model/outbound-envelope.ts';

export interface ReadReplyPorts {
  phrases: Phrases;
  outbound: { templates: Readonly<Record<string, TemplateName>> };
}

export function readReply(
  { kind, message }: OutboundItem,
  { phrases, outbound }: ReadReplyPorts,
): CustomerContent {
  if (kind === 'template') return readTemplate(message);
  return toCustomerContent(message, { phrases, templates: outbound.templates });
}

/** True when a file has to be fetched and uploaded on the way. */
export function hasFiles(content: CustomerContent): boolean {
  return content.kind === 'parts' && content.parts.some(({ kind }) => kind === 'attachment');
}

/** A template that an operator or a program ordered: `{name, language, parameters?}`. */
function readTemplate(message: unknown): CustomerContent {
  const { name, language, parameters } = isObject(message) ? message : {};
  const [templateName, code] = [readId(name), readId(language)];
  if (templateName === undefined || code === undefined)
    return { kind: 'unsendable', reason: 'InvalidMessageStructure', detail: 'no template is named' };
  const texts = Array.isArray(parameters) ? parameters.map(String) : [];
  const send = templateSend({ name: templateName, language: code }, texts);
  return { kind: 'parts', parts: [{ kind: 'ready', send, snippet: '' }] };
}
