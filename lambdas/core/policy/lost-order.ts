// Order of what has lost its SequenceNumber on its way through the dead letters: by the time at which the door took it.

const noSequence = ''.padStart(20, '0');

/** Stands for the SequenceNumber of a dead letter: before every real one, by the door's time, then as they died. */
export function lostSequence(receivedAt: number, deadLetterSequence: string): string {
  return `${noSequence}.${String(receivedAt).padStart(13, '0')}.${deadLetterSequence.padStart(20, '0')}`;
}

export function isLostOrder(sequence: string): boolean {
  return sequence.startsWith(`${noSequence}.`);
}

/** The same order right behind another one; as it is when there is none. */
export function lostOrderBehind(before: string | undefined, lost: string): string {
  return before === undefined ? lost : `${before}${lost.slice(noSequence.length)}`;
}
