// Cuts a text that is too long for one message, where a reader would.

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** White space that starts a part; what carries a mark or is joined to something is no mere space. */
const leadingSpace = /^(?:\s(?![\p{M}\u200d]))+/u;

/**
 * Parts of at most `maxLength` UTF-16 units, none of them blank. Together they are the text but for the white space where
 * it was cut: at the ends of lines, else of words, else between graphemes; only a grapheme longer than a part is cut itself.
 */
export function splitText(text: string, maxLength: number): string[] {
  return cutAtEnds(text, maxLength).map(({ part }) => part);
}

/** The text as a last part of at most `maxLength` and all that stands before it, which may be empty. */
export function splitLastPart(text: string, maxLength: number): { before: string; last: string } {
  const last = cutAtEnds(text, maxLength).at(-1);
  return last ? { before: text.slice(0, last.at).trimEnd(), last: last.part } : { before: '', last: '' };
}

function cutAtEnds(text: string, maxLength: number): { part: string; at: number }[] {
  const parts: { part: string; at: number }[] = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at, at + maxLength + 2);
    const length = rest.length <= maxLength ? rest.length : chooseCut(rest, maxLength);
    const isWhole = at === 0 && length === text.length;
    const part = isWhole ? text : rest.slice(0, length).trimEnd();
    if (part.trim() !== '') parts.push({ part, at });
    at += length;
    at += leadingSpace.exec(text.slice(at))?.[0].length ?? 0;
  }
  return parts;
}

/** Length of the next part; `rest` holds two units more than fit, since a grapheme's end is seen from what follows it. */
function chooseCut(rest: string, maxLength: number): number {
  let last = 0;
  let line = 0;
  let word = 0;
  for (const { index, segment } of graphemes.segment(rest)) {
    if (index > maxLength) break;
    last = index;
    // A space just behind the part is dropped with the cut.
    if (/^\s+$/.test(segment)) {
      word = index;
      if (segment.includes('\n')) line = index;
    }
  }
  // A part that a border leaves less than half full is no gain.
  const border = [line, word].find((index) => index > maxLength / 2);
  if (border !== undefined) return border;
  if (last > 0) return last;
  // Never between the halves of a surrogate pair.
  const isPair = (rest.codePointAt(maxLength - 1) ?? 0) > 0xffff;
  return isPair && maxLength > 1 ? maxLength - 1 : maxLength;
}
