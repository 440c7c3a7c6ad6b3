/** Returns the candidate closest to a mistyped name, or undefined when none is close enough to be meant. */
export function findNearestName(typed: string, candidates: readonly string[]): string | undefined {
  const ranked = candidates
    .map((candidate) => ({ candidate, edits: countEdits(typed.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  if (!best || best.edits > Math.max(2, Math.floor(best.candidate.length / 2))) return undefined;
  return best.candidate;
}

/** Returns ` Did you mean 'x'?`, or an empty string when nothing is near. */
export function suggestName(typed: string, candidates: readonly string[]): string {
  const nearest = findNearestName(typed, candidates);
  return nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
}

/** Levenshtein distance, one row of the table at a time. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const substituted = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(substituted, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
