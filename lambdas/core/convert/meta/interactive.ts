// Answers to something that was sent to the customer: buttons, lists, forms, requests.

import type { Tap } from '../../model/agent-content.ts';
import { toSafeLine } from '../hostile-text.ts';
import { fillPhrase } from '../phrases.ts';
import type { Conversion, Converter } from './conversion.ts';
import { joinParts, readAt, readNumber, readText } from './conversion.ts';
import { convertFormReply } from './form-reply.ts';
import { collectText } from './problems.ts';

export const convertInteractive: Converter = (content, context) => {
  const type = readText(content, 'type') ?? findReply(content) ?? '';
  const reply = Object.hasOwn(replies, type) ? replies[type] : undefined;
  return (reply ?? convertOther)(readAt(content, type), context);
};

/** A quick-reply button of a template. */
export const convertTemplateButton: Converter = (content, { phrases }) =>
  toTap('template', readText(content, 'payload'), readText(content, 'text')) ?? {
    text: phrases.reply,
    placeholder: true,
  };

const replies: Readonly<Record<string, Converter>> = {
  button_reply: (content, context) =>
    toTap('button', readText(content, 'id'), readText(content, 'title')) ?? convertOther(content, context),
  list_reply: (content, context) => {
    const tapped = toTap('list', readText(content, 'id'), readText(content, 'title'));
    if (!tapped) return convertOther(content, context);
    return { ...tapped, text: joinParts([tapped.text, readText(content, 'description')], '\n') };
  },
  nfm_reply: convertFormReply,
  call_permission_reply: (content, { phrases }) => {
    const response = readText(content, 'response');
    const expiresAt = readNumber(content, 'expiration_timestamp');
    const time = expiresAt === undefined ? undefined : toUtcMinute(expiresAt);
    if (response === 'reject') return { text: phrases.callsRefused, placeholder: false };
    if (response !== 'accept') return { text: joinParts([phrases.reply, response], ' '), placeholder: true };
    const text = time === undefined ? phrases.callsAllowed : fillPhrase(phrases.callsAllowedUntil, { time });
    return { text, placeholder: false };
  },
  product: (content, { phrases }) => {
    const id = readText(content, 'product_retailer_id');
    const product = toSafeLine(id ?? '', 200);
    const text = joinParts(
      [fillPhrase(phrases.product, { product: product || '?' }), ...collectText(content)],
      '\n',
    );
    return { text, placeholder: id === undefined };
  },
};

/** The type is missing in some webhooks; the reply stands under its name all the same. */
function findReply(content: unknown): string | undefined {
  return Object.keys(replies).find((type) => readAt(content, type) !== undefined);
}

const convertOther: Converter = (content, { phrases, message }) => {
  const words = collectText(content ?? readAt(message, 'interactive'));
  return { text: joinParts([phrases.reply, ...words], ' '), placeholder: true };
};

function toTap(kind: Tap['kind'], id: string | undefined, title: string | undefined): Conversion | undefined {
  const text = title ?? id;
  if (text === undefined) return undefined;
  return { text, placeholder: false, tap: { kind, id: id ?? text, title: text } };
}

function toUtcMinute(seconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime())
    ? undefined
    : `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
