// Text of strangers where it could do harm: in names, file names and single lines. Message texts are not touched.

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Control characters, and the invisible ones that reorder or hide what stands beside them. Joiners stay: emoji and Persian need them. */
const invisible =
  /[\p{Cc}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
/** More marks on one letter than any writing needs run over the lines around it. */
const stackedMarks = /(\p{M}{6})\p{M}+/gu;

/** At most `maxLength` UTF-16 units and an ellipsis, cut between graphemes. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  let kept = 0;
  for (const { segment } of graphemes.segment(text.slice(0, 4 * maxLength))) {
    if (kept + segment.length > maxLength) break;
    kept += segment.length;
  }
  return `${text.slice(0, kept)}…`;
}

/** One readable line without invisible characters, at most `maxLength` UTF-16 units and an ellipsis; may be empty. */
export function toSafeLine(text: string, maxLength: number): string {
  const line = text
    .toWellFormed()
    .replace(/[\s\u0085]/gu, ' ')
    .replace(invisible, '')
    // Only now, since spaces may have stood around something invisible.
    .replace(/ {2,}/g, ' ')
    .replace(stackedMarks, '$1')
    .trim();
  return /[^\p{M}\p{Z}\u200c\u200d]/u.test(line) ? cutText(line, maxLength) : '';
}

/** The text without what no reader sees and no provider takes: control characters but line breaks and tabs, halves of characters. */
export function toSafeText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, '');
}

/** True when a reader would see nothing. */
export function isBlank(text: string): boolean {
  return !/[^\p{Z}\p{Cc}\p{Cf}]/u.test(text);
}

const longestName = 80;
const longestFilename = 120;
const longestExtension = 12;

/** A name to be shown, or undefined when nothing readable is left of it. */
export function toSafeName(name: string | undefined): string | undefined {
  return (name === undefined ? '' : toSafeLine(name, longestName)) || undefined;
}

/** A file name without path, invisible or forbidden characters that any desktop takes; undefined when nothing is left of it. */
export function toSafeFilename(filename: string | undefined): string | undefined {
  const last = filename?.split(/[/\\]/).findLast((part) => part.trim() !== '') ?? '';
  const safe = toSafeLine(last.replace(/[<>:"|?*]/g, '_'), last.length).replace(/^[. ]+|[. ]+$/g, '');
  if (safe === '') return undefined;
  const named = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(safe) ? `_${safe}` : safe;
  if (named.length <= longestFilename) return named;
  const dot = named.lastIndexOf('.');
  const extension = dot > 0 && named.length - dot <= longestExtension ? named.slice(dot) : '';
  return (
    cutText(named.slice(0, named.length - extension.length), longestFilename - extension.length) + extension
  );
}
