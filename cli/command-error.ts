/** A mistake of the person at the command line, or trouble they can act on; its message is all they need to see. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.usage) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** What the shell is told. */
export const exitCodes = {
  done: 0,
  /** It ran, and something is left that a person has to look at. */
  unfinished: 1,
  usage: 2,
  /** The deployment could not be reached or refused. */
  unreachable: 3,
} as const;
