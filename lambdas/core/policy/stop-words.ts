// Texts with which a customer ends the conversation.

/** Compares the whole text, without regard to case and to the space around it. */
export function isStopWord(text: string, stopWords: readonly string[]): boolean {
  if (stopWords.length === 0) return false;
  const plain = toPlain(text);
  return stopWords.some((word) => toPlain(word) === plain);
}

function toPlain(text: string): string {
  return text.normalize('NFC').trim().toLowerCase();
}
