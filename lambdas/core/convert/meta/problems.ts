// What WhatsApp could not pass on, and why, in plain words. Codes: Meta "unsupported" and "errors" webhook pages (2026-06).
import { toSafeLine } from '../hostile-text.ts';
import { fillPhrase, type PhraseKey, type Phrases } from '../phrases.ts';
import type { Converter } from './conversion.ts';
import { joinParts, readAt, readObjects, readText } from './conversion.ts';

const reasons: Readonly<Record<string, PhraseKey>> = {
  '131051': 'reasonUnsupported',
  '131060': 'reasonUnavailable',
  '131052': 'reasonMedia',
  '131000': 'reasonPayload',
};

/** Kinds that WhatsApp names in `unsupported.type`; others are shown by that name. */
const kinds: Readonly<Record<string, PhraseKey>> = {
  poll_creation: 'kindPoll',
  poll_update: 'kindPoll',
  gif: 'kindGif',
  group_invite: 'kindGroupInvite',
  location: 'kindLiveLocation',
  media_placeholder: 'kindViewOnce',
  pin: 'kindPinned',
  image: 'image',
  video: 'video',
  audio: 'audio',
  document: 'document',
  sticker: 'sticker',
};

/** Says no more than that the type is `unsupported`. */
const unsupportedCode = '131051';

/** A line for each error that a message carries, unless its type says it already. */
export function readProblems(message: unknown, phrases: Phrases): string[] {
  const isUnsupported = ['unsupported', 'unknown'].includes(readText(message, 'type') ?? '');
  const errors = readObjects(message, 'errors').filter(
    (error) => !isUnsupported || readText(error, 'code') !== unsupportedCode,
  );
  const lines = errors.map((error) => {
    const code = readText(error, 'code') ?? '';
    const key = Object.hasOwn(reasons, code) ? reasons[code] : undefined;
    const title = readText(error, 'title') ?? readText(error, 'message');
    const details = readText(error, 'error_data', 'details') ?? title ?? '';
    const other = fillPhrase(phrases.reasonOther, { code: toSafeLine(joinParts([code, details], ' '), 200) });
    return fillPhrase(phrases.problem, { reason: key === undefined ? other : phrases[key] });
  });
  return [...new Set(lines)].slice(0, 5);
}

/** For `unsupported` and its older form `unknown`. */
export const convertUnsupported: Converter = (content, { phrases }) => {
  const type = readText(content, 'type');
  const key = type !== undefined && Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  const kind = key === undefined ? toSafeLine(type?.replaceAll('_', ' ') ?? '', 40) : phrases[key];
  return {
    text: kind === '' ? phrases.notPassedOnAny : fillPhrase(phrases.notPassedOn, { kind }),
    placeholder: true,
  };
};

/** For types that no document names: whatever stands in them in words is shown. */
export function convertUnknown(type: string): Converter {
  return (content, { phrases, message }) => {
    const readable = readText(content) === undefined ? collectText(content ?? message) : [readText(content)];
    return {
      text: joinParts([fillPhrase(phrases.unknownKind, { kind: type }), ...readable], '\n'),
      placeholder: true,
    };
  };
}

const deepest = 5;
const wordKeys = new Set([
  'body',
  'text',
  'title',
  'caption',
  'name',
  'description',
  'question',
  'emoji',
  'filename',
]);

/** Texts under keys that usually hold words, in their order. */
export function collectText(value: unknown, depth = 0): string[] {
  if (typeof value !== 'object' || value === null || depth > deepest) return [];
  return Object.keys(value).flatMap((key) => {
    const text = wordKeys.has(key) ? readText(value, key) : undefined;
    return text === undefined ? collectText(readAt(value, key), depth + 1) : [text];
  });
}
