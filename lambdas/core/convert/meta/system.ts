import { toSafeLine } from '../hostile-text.ts';
import { fillPhrase } from '../phrases.ts';
import type { Converter } from './conversion.ts';
import { readText } from './conversion.ts';

/** Types that say no more than that the account is another one now. */
const accountTypes = new Set(['user_changed_user_id', 'customer_identity_changed']);

/** Quirk(meta): `system.body` is prose in an unknown language and is not read when the type says it all. */
export const convertSystem: Converter = (content, { phrases }) => {
  const type = readText(content, 'type') ?? '';
  const number = readText(content, 'wa_id') ?? readText(content, 'new_wa_id');
  if (/_changed_number$/.test(type) && number !== undefined) {
    const text = fillPhrase(phrases.numberChanged, { number: toSafeLine(number, 40) });
    return { text, placeholder: false };
  }
  if (accountTypes.has(type)) return { text: phrases.accountChanged, placeholder: false };
  const body = readText(content, 'body');
  return {
    text: body === undefined ? phrases.systemNotice : `${phrases.systemNotice} ${body}`,
    placeholder: body === undefined,
  };
};
