import { TenantFileError } from './tenant-file-error.ts';

/** Parses JSON. @throws TenantFileError with line and column, which the engine's own message does not always give. */
export function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { line, column } = toLineAndColumn(text, findErrorOffset(text));
    const reason = describeSyntaxError(error);
    throw new TenantFileError(
      file,
      '',
      `not valid JSON at line ${line}, column ${column} (${reason}); correct the text there`,
    );
  }
}

function describeSyntaxError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ in JSON at position .*$/s, '').replace(/, (\.\.\.)?".*$/s, '');
}

function findErrorOffset(text: string): number {
  const message = readSyntaxError(text);
  const given = /at position (\d+)/.exec(message)?.[1];
  if (given !== undefined) return Number(given);
  // "Unexpected token" comes without a position: it is where the shortest refused beginning of the text ends.
  for (let length = 1; length <= text.length; length++) {
    if (readSyntaxError(text.slice(0, length)).startsWith('Unexpected token')) return length - 1;
  }
  return text.length;
}

function readSyntaxError(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function toLineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
